package io.jcompose.images.repository;

import io.jcompose.core.JcomposeException;
import java.time.Duration;
import java.util.LinkedHashMap;
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
   * Why there is none. Its text, and not the exception: there may be many.
   *
   * @param isGone the other registry has answered, and has none
   */
  record Failure(boolean isGone, String message) {
    static Failure of(JcomposeException error) {
      return new Failure(
          error instanceof JcomposeException.NotFound, String.valueOf(error.getMessage()));
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
