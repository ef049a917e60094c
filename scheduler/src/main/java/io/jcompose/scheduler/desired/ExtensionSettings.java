package io.jcompose.scheduler.desired;

import io.jcompose.compose.model.Service;
import io.jcompose.core.JcomposeException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a service says under {@code x-jcompose}, a key that Docker Compose passes over. Immutable.
 *
 * @param restartUnhealthy {@code restart_unhealthy: true}
 * @param followCrashes {@code follow_crashes: true}
 */
record ExtensionSettings(boolean restartUnhealthy, boolean followCrashes) {
  static final String KEY = "x-jcompose";
  private static final String UNHEALTHY = "restart_unhealthy";
  private static final String CRASHES = "follow_crashes";

  /** Throws InvalidArgument for a value that is not true or false. */
  static ExtensionSettings of(Service service) {
    return service.extensions().get(KEY) instanceof Map<?, ?> given
        ? new ExtensionSettings(flag(service, given, UNHEALTHY), flag(service, given, CRASHES))
        : new ExtensionSettings(false, false);
  }

  private static boolean flag(Service service, Map<?, ?> given, String key) {
    @Nullable Object value = given.get(key);
    String text = String.valueOf(value);
    if (value != null && !Set.of("true", "false").contains(text)) {
      throw new JcomposeException.InvalidArgument(
          "services." + service.name() + "." + KEY + "." + key + " must be true or false: " + text);
    }
    return text.equals("true");
  }
}
