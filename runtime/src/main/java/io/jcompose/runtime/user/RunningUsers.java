package io.jcompose.runtime.user;

import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.HeldProcess;
import java.util.List;
import java.util.function.Supplier;

/**
 * Finds users of one container that runs, one at a time: it may make that long, and others wait.
 * Thread-safe.
 */
public final class RunningUsers {
  private final UserLookup lookup;
  private final Supplier<HeldProcess> process;
  private final Turns turns = new Turns(1);

  /**
   * @param process gives the container's, which this closes; throws Conflict when it has ended
   */
  public RunningUsers(UserLookup lookup, Supplier<HeldProcess> process) {
    this.lookup = lookup;
    this.process = process;
  }

  /**
   * By what the container's process sees.
   *
   * @throws JcomposeException.InvalidArgument in Docker's words for one that is not there
   */
  public ProcessUser find(String user, List<String> groups) {
    return turns.take(
        () -> {
          try (HeldProcess held = process.get()) {
            return lookup.findIn(held, user, groups);
          }
        });
  }
}
