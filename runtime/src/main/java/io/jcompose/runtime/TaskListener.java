package io.jcompose.runtime;

/** Hears of a task's end, and of what comes before it. */
@FunctionalInterface
public interface TaskListener {
  /**
   * Called once, after the exit record is durable, the log complete and the task's cgroups gone. It
   * runs on a virtual thread of its own and may block.
   */
  void exited(Task task, TaskExit exit);

  /**
   * Called when the task's log was rotated, if it asked for that. Must not block: the end comes on
   * the same thread.
   */
  default void logRotated(Task task) {}
}
