package io.jcompose.core;

import java.util.List;

/**
 * What the containers of this engine use and run at this moment. References as {@link Containers}.
 */
public interface Activity {
  /**
   * Reads the counters of a running container.
   *
   * @throws JcomposeException.Conflict when it does not run
   */
  ContainerStats stats(String ref);

  /**
   * The processes of a running container, in the order of their ids.
   *
   * @throws JcomposeException.Conflict when it does not run
   */
  List<ProcessView> processes(String ref);

  /**
   * What its own files take, over those of its image, and its log. Takes long.
   *
   * @throws JcomposeException.NotFound without the container
   */
  default long layerBytes(String ref) {
    return 0;
  }

  /** Where its files are and how its health checks went, whether it runs or not. */
  ContainerDetails details(String ref);
}
