package io.jcompose.scheduler.plan;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.scheduler.desired.Desired;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is to become of the containers of one service. Immutable.
 *
 * @param keep stay as they are, started when they do not run
 * @param update stay, but get the limits and the restart policy of the spec first; they are in
 *     {@code keep}
 * @param recreate take a successor, each with the reason
 * @param surplus go
 * @param leftovers remains of an interrupted recreation: go, without a word
 * @param adopted successors whose predecessors are gone: take their name; they are in {@code keep}
 *     or {@code recreate} under the id
 * @param missing numbers of those to make
 */
record ServiceDecision(
    Desired.Service service,
    List<ContainerView> keep,
    Map<ContainerView, ContainerSpec> update,
    Map<ContainerView, String> recreate,
    List<ContainerView> surplus,
    List<ContainerView> leftovers,
    Map<String, String> adopted,
    List<Integer> missing) {

  boolean recreates() {
    return !recreate.isEmpty() || !missing.isEmpty();
  }

  /** The name that the container has once the plan's renames are done. */
  String finalName(ContainerView container) {
    return Optional.ofNullable(adopted.get(container.id())).orElse(container.name());
  }
}
