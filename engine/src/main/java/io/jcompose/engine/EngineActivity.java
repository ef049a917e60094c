package io.jcompose.engine;

import io.jcompose.core.Activity;
import io.jcompose.core.ContainerStats;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.ProcessView;
import io.jcompose.engine.Container.Run;
import io.jcompose.runtime.Task;
import java.util.List;

/** Asks the tasks of running containers. Takes no container's turn: it only reads. */
final class EngineActivity implements Activity {
  private final ContainerStore store;

  EngineActivity(ContainerStore store) {
    this.store = store;
  }

  @Override
  public ContainerStats stats(String ref) {
    return task(ref).stats();
  }

  @Override
  public List<ProcessView> processes(String ref) {
    return task(ref).processes();
  }

  private Task task(String ref) {
    Container container = store.get(ref);
    Run run = container.run();
    if (run == null) {
      throw new JcomposeException.Conflict("container " + container.id() + " is not running");
    }
    return run.task();
  }
}
