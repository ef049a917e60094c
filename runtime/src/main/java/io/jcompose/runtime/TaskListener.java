package io.jcompose.runtime;

/** Hears of a task's end. */
@FunctionalInterface
public interface TaskListener {
  /**
   * Called once, after the exit record is durable, the log complete and the task's cgroups gone. It
   * runs on a virtual thread of its own and may block.
   */
  void exited(Task task, TaskExit exit);
}
