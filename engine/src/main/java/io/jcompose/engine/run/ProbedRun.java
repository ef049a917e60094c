package io.jcompose.engine.run;

import io.jcompose.core.ContainerDetails.Probe;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.StreamSession;
import io.jcompose.engine.event.EventHub;
import io.jcompose.engine.health.HealthMonitor;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.Container.Run;
import java.time.Instant;

/** What the health monitor knows of a container: one run of it, and no later one. */
record ProbedRun(Container container, Run run, ContainerSessions sessions, EventHub events)
    implements HealthMonitor.Probed {
  @Override
  public StreamSession exec(ExecSpec spec) {
    return sessions.exec(container.id(), spec);
  }

  @Override
  public void probed(Probe probe, int streak) {
    container.probes(container.probes().with(probe, streak));
  }

  /** In the container's turn: nobody hears of the health of a run that has ended. */
  @Override
  public void healthChanged(HealthStatus status) {
    sessions.locks().run(container.id(), () -> change(status));
  }

  private void change(HealthStatus status) {
    if (run.equals(container.run())) {
      container.health(status);
      ContainerSpec spec = container.record().spec();
      events.publish(
          new EngineEvent.HealthChanged(
              container.id(), spec.name(), spec.labels(), status, Instant.now()));
    }
  }
}
