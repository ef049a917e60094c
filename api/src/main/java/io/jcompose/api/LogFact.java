package io.jcompose.api;

import io.jcompose.core.Containers;
import org.jspecify.annotations.Nullable;

/** What a request that shows logs as they come reacts to, one after the other. */
sealed interface LogFact {
  /** A container of the project began to run. */
  record Started(String id) implements LogFact {}

  /** A container wrote a line; {@code end} is where its next one begins. */
  record Line(String id, String name, Containers.LogRecord line, Containers.LogPlace end)
      implements LogFact {}

  /** A container's log has ended with its run. */
  record LogEnded(String id, Containers.LogReader reader) implements LogFact {}

  /** The command that the logs accompany is done, perhaps in vain. */
  record WorkEnded(@Nullable RuntimeException error) implements LogFact {}

  /** Nobody listens any more. */
  record ClientLeft() implements LogFact {}
}
