package io.jcompose.api.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The end of a run is told after its log, whichever is heard of first. */
class RunEndsTest {
  private static final Instant BEGAN = Instant.parse("2026-01-01T00:00:00Z");

  private final RunEnds ends = new RunEnds(BEGAN);

  private static LogFact.Exited end(String id, int code) {
    return new LogFact.Exited(id, "x", Map.of(), code, "", false, BEGAN.plusSeconds(code));
  }

  @Test
  void waitsForTheLog() {
    assertThat(ends.exited(end("a", 1), true)).isEmpty();
    assertThat(ends.logEnded("b")).isEmpty();
    assertThat(ends.logEnded("a")).contains(end("a", 1));
    assertThat(ends.logEnded("a")).isEmpty();
  }

  @Test
  void comesAtOnceWhereTheLogHasEnded() {
    assertThat(ends.logEnded("a")).isEmpty();
    assertThat(ends.exited(end("a", 1), false)).contains(end("a", 1));
  }

  @Test
  void comesBeforeTheNextRunWhereTheLogGoesOn() {
    assertThat(ends.exited(end("a", 1), true)).isEmpty();
    assertThat(ends.started("a")).contains(end("a", 1));
    assertThat(ends.exited(end("a", 2), true)).isEmpty();
    assertThat(ends.logEnded("a")).contains(end("a", 2));
  }

  @Test
  void isOpenWhileAnEndIsUntold() {
    assertThat(ends.areTold(List.of())).isTrue();
    assertThat(ends.exited(end("a", 1), true)).isEmpty();
    assertThat(ends.areTold(List.of())).isFalse();
    assertThat(ends.logEnded("a")).isPresent();
    assertThat(ends.areTold(List.of())).isTrue();
  }
}
