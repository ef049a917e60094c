package io.jcompose.engine.run;

import io.jcompose.core.ContainerStats;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.ProcessView;
import io.jcompose.core.Resources;
import io.jcompose.core.StreamSession;
import io.jcompose.runtime.HeldProcess;
import io.jcompose.runtime.Task;
import io.jcompose.runtime.TaskExit;
import java.util.List;
import java.util.Optional;

/**
 * A task whose shim has not answered since the engine's start: it runs for all that is known, and
 * nothing can be done with it. Each method that would ask the shim throws Unavailable.
 *
 * @param pid of one of its processes, or 0
 */
record SilentTask(String id, String name, long pid) implements Task {
  static final String WHY =
      "its jcompose-shim does not answer: it is stopped, or its disk hangs, or it cannot be asked, as"
          + " the engine's log says; the container is taken over when it does";

  private JcomposeException silent() {
    return new JcomposeException.Unavailable("container " + name + " cannot be reached: " + WHY);
  }

  @Override
  public Optional<HeldProcess> process() {
    return ProcessHandle.of(pid).flatMap(process -> HeldProcess.ofTask(id, process));
  }

  @Override
  public void signal(int signo) {
    throw silent();
  }

  @Override
  public void killAll() {
    throw silent();
  }

  @Override
  public boolean endTraced() {
    return false;
  }

  @Override
  public void pause() {
    throw silent();
  }

  @Override
  public void resume() {
    throw silent();
  }

  @Override
  public boolean isPaused() {
    return false;
  }

  @Override
  public StreamSession exec(ExecSpec spec) {
    throw silent();
  }

  @Override
  public StreamSession attach(boolean stdin) {
    throw silent();
  }

  @Override
  public void resize(int rows, int columns) {
    throw silent();
  }

  @Override
  public void logPacked(long inode) {
    throw silent();
  }

  @Override
  public Optional<TaskExit> exit() {
    return Optional.empty();
  }

  @Override
  public void update(Resources before, Resources after) {
    throw silent();
  }

  @Override
  public ContainerStats stats() {
    throw silent();
  }

  @Override
  public List<ProcessView> processes() {
    throw silent();
  }
}
