package io.jcompose.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class LogTextTest {
  private final LogText text =
      new LogText(Clock.fixed(Instant.parse("2026-11-28T19:02:07.123Z"), ZoneOffset.ofHours(1)));

  @Test
  void aLineHasTimeLevelAndPlace() {
    assertThat(text.line(Level.INFO, "io.jcompose.engine.run.Runs", "started", null))
        .isEqualTo("2026-11-28T20:02:07.123+01:00 INFO  Runs: started\n");
    assertThat(text.line(Level.ERROR, "audit", "x", null)).contains(" ERROR audit: x");
  }

  @Test
  void theJournalGetsPrioritiesOnEachLineAndNoTime() {
    assertThat(text.journal(Level.WARN, "a.B", "one\ntwo", null))
        .isEqualTo("<4>B: one\n<4>    two\n");
  }

  @Test
  void nothingFromOutsideLooksLikeAnEntry() {
    String forged = "x\n2026-11-28T20:02:07.123+01:00 INFO  audit: root said so\r\u001b[2K\u2028y";
    String lines =
        text.line(Level.INFO, "a.B", forged, new IllegalStateException("e\n2026-11-28T20 INFO"));
    assertThat(lines.lines().skip(1)).allMatch(line -> line.startsWith("    "));
    assertThat(lines).doesNotContain("\r", "\u001b", "\u2028").contains("\\u001b[2K");
  }

  @Test
  void aMessageHasABound() {
    assertThat(text.line(Level.INFO, "a.B", "x".repeat(1_000_000), null)).hasSizeLessThan(9000);
  }

  @Test
  void causesAreToldAndCyclesEnd() {
    IllegalStateException outer = new IllegalStateException("outer");
    IllegalStateException inner = new IllegalStateException("inner", outer);
    outer.initCause(inner);
    assertThat(text.line(Level.ERROR, "a.B", "failed", outer))
        .contains("    java.lang.IllegalStateException: outer\n      at ")
        .contains("    caused by java.lang.IllegalStateException: inner\n")
        .hasSizeLessThan(50_000);
  }
}
