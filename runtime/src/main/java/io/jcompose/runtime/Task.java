package io.jcompose.runtime;

import io.jcompose.core.ContainerStats;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.ProcessView;
import io.jcompose.core.Resources;
import io.jcompose.core.StreamSession;
import java.util.List;
import java.util.Optional;

/**
 * A container's process, held by its shim. Lives until the listener is notified of its end;
 * afterwards only {@link #exit} is of use, and calls that need the process are Conflict. Safe for
 * use by many threads.
 */
public interface Task {
  String id();

  /**
   * The process's id as the host sees it, to show. Another process may have it by now: what is done
   * to the process, or looked up of it, goes by {@link #process}.
   */
  long pid();

  /** The process itself, which the caller closes; empty when it has ended. */
  Optional<HeldProcess> process();

  /** Sends a signal to the main process; nothing happens when it has ended. */
  void signal(int signo);

  /** Kills every process of the task, also a frozen one. Does not wait for the end. */
  void killAll();

  /**
   * Counts a main process as ended, and its end as lost, that is dead but kept by a tracer: so long
   * its shim hears of no end. The listener is notified as of any other.
   *
   * @return false for one that lives, or that nobody keeps
   */
  boolean endTraced();

  /** Freezes every process of the task. Returns when they are frozen. */
  void pause();

  void resume();

  /** Asks the kernel, for it may have been paused by an engine before this one. */
  boolean isPaused();

  /**
   * Runs a further program in the task's namespaces, with its limits, capabilities and seccomp
   * filter.
   *
   * @throws io.jcompose.core.JcomposeException.Conflict when the task has ended or is paused
   * @throws io.jcompose.core.JcomposeException.CommandFailed when the program cannot be executed
   */
  StreamSession exec(ExecSpec spec);

  /**
   * Connects to the main process's streams from now on.
   *
   * @param stdin also hold its standard input; the process's end of file comes only from closing
   *     the session's stdin. The process waits for a slow reader, up to two seconds without
   *     progress
   */
  StreamSession attach(boolean stdin);

  /** Sets the size of the task's terminal; nothing happens without one. */
  void resize(int rows, int columns);

  /**
   * Hands over the packed form of a rotated log file that an older shim renames, which lies beside
   * the log as {@code <log>.<inode>.tmp}: the shim puts it where the original is by now.
   *
   * @param inode of the original
   */
  void logPacked(long inode);

  /** Empty while it runs. */
  Optional<TaskExit> exit();

  /**
   * Gives the task other limits. When the kernel refuses one, all are as before.
   *
   * @param before what it has
   * @throws io.jcompose.core.JcomposeException.Conflict when this task cannot have them
   */
  void update(Resources before, Resources after);

  /** What the task has used up to now. */
  ContainerStats stats();

  /** The task's processes, in the order of their ids. */
  List<ProcessView> processes();
}
