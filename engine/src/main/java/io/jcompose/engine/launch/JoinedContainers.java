package io.jcompose.engine.launch;

import io.jcompose.core.ContainerView;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.ContainerRecord;
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

  /** The id of the container whose network this one has: its own, or that of the one it joins. */
  public String ownerOfNetwork(ContainerRecord record) {
    String mode = record.spec().networking().mode();
    return isNamed(mode) ? mode.substring(MODE.length()) : record.id();
  }

  /** The container that a mode names, running or not. */
  ContainerView named(String mode) {
    return container(mode).view();
  }

  Container container(String mode) {
    return byId.apply(mode.substring(MODE.length()));
  }
}
