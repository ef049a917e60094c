package io.jcompose.engine.launch;

import io.jcompose.core.ContainerView;
import io.jcompose.engine.record.Container;
import java.util.function.Function;

/**
 * The other containers that a container shares namespaces with: those that its modes name as {@code
 * container:ID}. Stateless.
 *
 * @param byId finds a container by its id; throws NotFound
 */
public record JoinedContainers(Function<String, Container> byId) {
  private static final String MODE = "container:";

  /** True for a mode that names a container. */
  static boolean isNamed(String mode) {
    return mode.startsWith(MODE);
  }

  /** The container that a mode names, running or not. */
  ContainerView named(String mode) {
    return container(mode).view();
  }

  Container container(String mode) {
    return byId.apply(mode.substring(MODE.length()));
  }
}
