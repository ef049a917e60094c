package io.jcompose.engine.health;

import io.jcompose.core.ContainerDetails.Probe;
import java.util.ArrayList;
import java.util.List;

/** The last probes of one run of a container, as many as Docker keeps. Immutable. */
public record ProbeLog(int streak, List<Probe> last) {
  public static final ProbeLog EMPTY = new ProbeLog(0, List.of());
  private static final int KEPT = 5;

  public ProbeLog {
    last = List.copyOf(last);
  }

  /**
   * @param failed how many have failed one after the other, this one included
   */
  public ProbeLog with(Probe probe, int failed) {
    List<Probe> next = new ArrayList<>(last);
    next.add(probe);
    return new ProbeLog(failed, next.subList(Math.max(0, next.size() - KEPT), next.size()));
  }
}
