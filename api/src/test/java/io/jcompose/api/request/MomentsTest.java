package io.jcompose.api.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MomentsTest {
  private final Moments moments =
      new Moments(Clock.fixed(Instant.parse("2026-06-30T12:00:00Z"), ZoneId.of("+02:00")));

  @ParameterizedTest
  @CsvSource({
    "42m, 2026-06-30T11:18:00Z",
    "1.5h, 2026-06-30T10:30:00Z",
    "500ms, 2026-06-30T11:59:59.500Z",
    "250us, 2026-06-30T11:59:59.999750Z",
    "1h30m, 2026-06-30T10:30:00Z",
    "-10s, 2026-06-30T12:00:10Z",
    "+10s, 2026-06-30T11:59:50Z",
    "0s, 2026-06-30T12:00:00Z",
  })
  void takesDurationsBeforeNow(String text, Instant instant) {
    assertThat(moments.parse("since", text)).isEqualTo(instant);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1970-01-01T00:00:00Z",
    "1136073600, 2006-01-01T00:00:00Z",
    "1136073600., 2006-01-01T00:00:00Z",
    "1136073600.000000001, 2006-01-01T00:00:00.000000001Z",
  })
  void takesUnixTimes(String text, Instant instant) {
    assertThat(moments.parse("since", text)).isEqualTo(instant);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-01-02, 2026-01-01T22:00:00Z",
    "2026-01-02T15, 2026-01-02T13:00:00Z",
    "2026-01-02T15:04, 2026-01-02T13:04:00Z",
    "2026-01-02T15:04:05, 2026-01-02T13:04:05Z",
    "2026-01-02T15:04:05.999, 2026-01-02T13:04:05.999Z",
    "2026-01-02Z, 2026-01-02T00:00:00Z",
    "2026-01-02T15Z, 2026-01-02T15:00:00Z",
    "2026-01-02T15:04+05:30, 2026-01-02T09:34:00Z",
    "2026-01-02T15:04:05.5-01:00, 2026-01-02T16:04:05.5Z",
  })
  void takesDatesWithAndWithoutTimeAndZone(String text, Instant instant) {
    assertThat(moments.parse("since", text)).isEqualTo(instant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"soon", "1d", "-5", "5 m", "2026-13-01", "2026-01-02T25", "999999999999999999"})
  void refusesWhatIsNeither(String text) {
    assertThatThrownBy(() -> moments.parse("since", text))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage("invalid value for --since: \"" + text + "\" is not a time or a duration");
  }

  @Test
  void isNothingWhenNothingIsAsked() {
    assertThat(moments.parse("since", "")).isNull();
  }
}
