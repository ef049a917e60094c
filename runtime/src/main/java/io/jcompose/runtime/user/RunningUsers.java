package io.jcompose.runtime.user;

import io.jcompose.core.JcomposeException;
import java.util.List;

/**
 * Finds users of one container that runs, one at a time: it may make that long, and others wait.
 * Thread-safe.
 */
public final class RunningUsers {
  private final UserLookup lookup;
  private final long pid;
  private final Turns turns = new Turns(1);

  /**
   * @param pid of the container's process
   */
  public RunningUsers(UserLookup lookup, long pid) {
    this.lookup = lookup;
    this.pid = pid;
  }

  /**
   * By what the container's process sees.
   *
   * @throws JcomposeException.InvalidArgument in Docker's words for one that is not there
   */
  public ProcessUser find(String user, List<String> groups) {
    return turns.take(() -> lookup.findIn(pid, user, groups));
  }
}
