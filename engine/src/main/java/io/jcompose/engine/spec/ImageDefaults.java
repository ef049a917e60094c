package io.jcompose.engine.spec;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container gets when its spec is laid over its image's configuration (image-spec,
 * config.md; Docker's rules of precedence).
 */
public final class ImageDefaults {
  private ImageDefaults() {}

  /**
   * Entrypoint and command; an entrypoint in the spec sets the image's command aside, but an empty
   * one only the image's entrypoint, and an empty command nothing, unless there is an entrypoint of
   * its own. One that is an empty string is none (dockerd's merge, and what it makes of it). Throws
   * InvalidArgument when nothing is left.
   */
  public static List<String> command(ContainerSpec spec, ImageView image) {
    List<String> own = spec.process().entrypoint();
    List<String> command = spec.process().command();
    List<String> entrypoint = own != null ? own : image.entrypoint();
    boolean ownWords = own != null && !own.isEmpty();
    List<String> all = new ArrayList<>(entrypoint.equals(List.of("")) ? List.of() : entrypoint);
    if (command != null && !command.isEmpty()) {
      all.addAll(command);
    } else if (!ownWords) {
      all.addAll(image.command());
    }
    if (all.isEmpty() || all.getFirst().isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          "no command specified: the image "
              + spec.image()
              + " has none; set command or entrypoint");
    }
    return all;
  }

  /** The image's environment, then the spec's; the last value of a name counts. */
  public static List<String> env(ContainerSpec spec, @Nullable ImageView image) {
    return overlay(image == null ? List.of() : image.env(), spec.process().env());
  }

  /** {@code NAME=value} lists, the second over the first, in the order of their first mention. */
  public static List<String> overlay(List<String> lower, List<String> upper) {
    Map<String, String> values = new LinkedHashMap<>();
    for (List<String> list : List.of(lower, upper)) {
      for (String entry : list) {
        int equals = entry.indexOf('=');
        values.put(equals < 0 ? entry : entry.substring(0, equals), entry);
      }
    }
    return values.values().stream().filter(e -> e.indexOf('=') >= 0).toList();
  }

  public static String user(ContainerSpec spec, @Nullable ImageView image) {
    return spec.process().user().isEmpty() && image != null ? image.user() : spec.process().user();
  }

  public static String workingDir(ContainerSpec spec, @Nullable ImageView image) {
    return spec.process().workingDir().isEmpty() && image != null
        ? image.workingDir()
        : spec.process().workingDir();
  }

  /**
   * The number of the signal that asks the container to end. An image's that is no signal counts as
   * none: the user who runs the image cannot mend it.
   */
  public static int stopSignal(ContainerSpec spec, @Nullable ImageView image) {
    String own = spec.lifecycle().stopSignal();
    if (!own.isEmpty()) {
      return Signals.parse(own);
    }
    String signal = image == null ? "" : image.stopSignal();
    try {
      return signal.isEmpty() ? Signals.TERM : Signals.parse(signal);
    } catch (JcomposeException.InvalidArgument e) {
      return Signals.TERM;
    }
  }

  /** The spec's health check, completed with what it leaves to the image; null for none. */
  public static ContainerSpec.@Nullable Health health(
      ContainerSpec spec, @Nullable ImageView image) {
    ContainerSpec.Health own = spec.health();
    ContainerSpec.Health inherited = image == null ? null : image.health();
    return active(own == null ? inherited : own.over(inherited));
  }

  private static ContainerSpec.@Nullable Health active(ContainerSpec.@Nullable Health health) {
    return health == null || health.test().isEmpty() || health.test().getFirst().equals("NONE")
        ? null
        : health;
  }
}
