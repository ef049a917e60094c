package io.jcompose.runtime;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Starts tasks and finds them again. One per engine; safe for use by many threads, which should be
 * virtual. Closing it leaves the tasks running.
 */
@SuppressWarnings("DoNotCallSuggester") // until the bodies are in
public final class TaskRuntime implements AutoCloseable {
  private final RuntimeConfig config;

  private TaskRuntime(RuntimeConfig config) {
    this.config = config;
  }

  /** Prepares directories and cgroups, and starts the launcher process. */
  public static TaskRuntime open(RuntimeConfig config) {
    return new TaskRuntime(config);
  }

  /**
   * Says that a start or exec is likely within the next 10 ms: on cgroup v1 the kernel's wait
   * before a process may change its cgroup then overlaps with the caller's other work. Does not
   * block.
   */
  public void warm() {}

  /**
   * Starts a task. Returns when its program has been executed.
   *
   * @throws io.jcompose.core.JcomposeException.CommandFailed when the program cannot be executed;
   *     the message has Docker's words
   * @throws io.jcompose.core.JcomposeException.InvalidArgument for limits above the machine's and
   *     the like
   * @throws io.jcompose.core.JcomposeException.Internal for a failed kernel call, named with its
   *     step
   */
  public Task start(TaskSpec spec, TaskListener listener) {
    throw notYet(config + " " + spec + listener);
  }

  /**
   * Takes over a task that another engine process started.
   *
   * @return empty when no shim lives; its end is then told by {@link #exitOf}
   */
  public Optional<Task> adopt(String id, Path bundleDir, TaskListener listener) {
    throw notYet(id + bundleDir + listener);
  }

  /** The end that a shim recorded for the last run in this bundle; empty when there is none. */
  public Optional<TaskExit> exitOf(Path bundleDir) {
    throw notYet(bundleDir.toString());
  }

  /** Kills and removes what is left of tasks of this engine that are not among the known ids. */
  public void sweep(Set<String> knownIds) {
    throw notYet(knownIds.toString());
  }

  private static RuntimeException notYet(String what) {
    return new UnsupportedOperationException(what);
  }

  @Override
  public void close() {}
}
