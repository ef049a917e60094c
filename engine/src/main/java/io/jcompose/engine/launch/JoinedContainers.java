package io.jcompose.engine.launch;

import io.jcompose.core.ContainerView;
import io.jcompose.core.JcomposeException;
import java.util.function.Function;

/**
 * The other containers that a container shares namespaces with: those that its modes name as {@code
 * container:ID}. Stateless.
 *
 * @param byId finds a container by its id; throws NotFound
 */
public record JoinedContainers(Function<String, ContainerView> byId) {
  private static final String MODE = "container:";

  /** True for a mode that names a container. */
  static boolean isNamed(String mode) {
    return mode.startsWith(MODE);
  }

  /** The container that a mode names, running or not. */
  ContainerView named(String mode) {
    return byId.apply(mode.substring(MODE.length()));
  }

  /**
   * The main process of the container that a mode names; 0 for other modes.
   *
   * @param kind of the namespace, for the message of the Conflict when it does not run
   */
  long pid(String mode, String kind) {
    if (!isNamed(mode)) {
      return 0;
    }
    ContainerView other = named(mode);
    if (!other.isRunning()) {
      throw new JcomposeException.Conflict(
          "cannot join " + kind + " namespace of a non running container: " + other.name());
    }
    return other.pid();
  }
}
