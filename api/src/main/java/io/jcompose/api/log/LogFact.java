package io.jcompose.api.log;

import io.jcompose.core.Containers;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a request that shows logs as they come reacts to, one after the other. */
public sealed interface LogFact {
  /** A container of the project began to run. */
  record Started(String id) implements LogFact {}

  /** A container wrote a line; {@code end} is where its next one begins. */
  record Line(String id, String name, Containers.LogRecord line, Containers.LogPlace end)
      implements LogFact {}

  /** A container's log has ended with its run. */
  record LogEnded(String id, Containers.LogReader reader) implements LogFact {}

  /**
   * A container's run ended, and it is known whether a policy starts it again.
   *
   * @param why what is known of the end beside its code, as a sentence; mostly empty
   * @param again it starts again
   */
  record Exited(
      String id,
      String name,
      Map<String, String> labels,
      int code,
      String why,
      boolean again,
      Instant at)
      implements LogFact {}

  /** A container was made to take the place of another. */
  record Replaced(Map<String, String> labels) implements LogFact {}

  /** What runs may have changed otherwise. */
  record Changed() implements LogFact {}

  /** No command is under way by which containers may start. */
  record Settled() implements LogFact {}

  /** The command that the logs accompany is done, perhaps in vain. */
  record WorkEnded(@Nullable RuntimeException error) implements LogFact {}

  /** Nobody listens any more. */
  record ClientLeft() implements LogFact {}
}
