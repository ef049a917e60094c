package io.jcompose.api.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class GoTimeTest {
  private static final ZoneId UTC = ZoneId.of("UTC");
  private static final Instant AT = Instant.parse("2026-11-30T18:40:18.801328600Z");

  @Test
  void hasSecondsWhereDockerKeepsNoMore() {
    assertThat(GoTime.seconds(AT, UTC)).isEqualTo("2026-11-30 18:40:18 +0000 UTC");
    assertThat(GoTime.seconds(AT, ZoneId.of("Europe/Berlin")))
        .isEqualTo("2026-11-30 19:40:18 +0100 CET");
    assertThat(GoTime.seconds(null, UTC)).isEqualTo("N/A");
  }

  @Test
  void hasTheFractionWithoutZerosBehind() {
    assertThat(GoTime.nanos(AT, UTC)).isEqualTo("2026-11-30 18:40:18.8013286 +0000 UTC");
    assertThat(GoTime.nanos(Instant.parse("2026-11-30T18:40:00Z"), UTC))
        .isEqualTo("2026-11-30 18:40:00 +0000 UTC");
  }

  @Test
  void writesTheStepsOfAnImageByRfc3339() {
    assertThat(GoTime.rfc3339(AT, UTC)).isEqualTo("2026-11-30T18:40:18Z");
    assertThat(GoTime.rfc3339(AT, ZoneId.of("Europe/Berlin")))
        .isEqualTo("2026-11-30T19:40:18+01:00");
    assertThat(GoTime.rfc3339(null, UTC)).isEqualTo("N/A");
  }
}
