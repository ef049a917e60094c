package io.jcompose.images.repository;

import io.jcompose.core.JcomposeException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What other registries said of a tag or digest a little while ago, so that they are not asked
 * again. In memory only: the first question after a start is asked. Thread-safe.
 */
final class UpstreamAnswers {
  private static final int MOST = 4_000;

  private final Map<Key, Answer> answers = new LinkedHashMap<>(); // guarded by this

  private record Key(RepositoryName name, String reference) {}

  /**
   * An answer.
   *
   * @param failure null when it named a manifest, which is in the records
   */
  record Answer(long untilNanos, @Nullable Failure failure) {}

  /**
   * Why there is none, as clients are told: of mirrors and their addresses only the log tells.
   *
   * @param isGone the other registry has answered, and has none
   */
  record Failure(boolean isGone, String message) {
    private static final List<String> AS_IT_IS = List.of("no space left", "too many requests");

    static Failure of(UpstreamName name, JcomposeException error) {
      String text = String.valueOf(error.getMessage());
      if (error instanceof JcomposeException.NotFound) {
        return new Failure(true, name.upstream() + " does not have it, or not for this engine");
      }
      return new Failure(
          false,
          AS_IT_IS.stream().anyMatch(text::startsWith)
              ? text
              : name.upstream() + " does not give it just now; the engine's log says why");
    }

    JcomposeException told() {
      return isGone
          ? new JcomposeException.NotFound(message)
          : new JcomposeException.Unavailable(message);
    }
  }

  /** What is still believed. */
  synchronized Optional<Answer> find(RepositoryName name, ManifestReference reference) {
    return Optional.ofNullable(answers.get(new Key(name, reference.toString())))
        .filter(answer -> answer.untilNanos - System.nanoTime() > 0);
  }

  /** Remembers one; the oldest of too many is forgotten. */
  synchronized void put(
      RepositoryName name, ManifestReference reference, Duration life, @Nullable Failure failure) {
    Key key = new Key(name, reference.toString());
    answers.remove(key);
    answers.put(key, new Answer(System.nanoTime() + life.toNanos(), failure));
    if (answers.size() > MOST) {
      answers.remove(answers.keySet().iterator().next());
    }
  }
}
