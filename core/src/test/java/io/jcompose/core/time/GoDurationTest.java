package io.jcompose.core.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {
  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "-0, PT0S",
    "500ms, PT0.5S",
    "1.5h, PT1H30M",
    "1h30m, PT1H30M",
    "1h1h, PT2H",
    "+2s, PT2S",
    "-1.5s, PT-1.5S",
    ".5s, PT0.5S",
    "1.s, PT1S",
    "3us, PT0.000003S",
    "3µs, PT0.000003S",
    "3μs, PT0.000003S",
    "7ns, PT0.000000007S",
    "0.0000000019s, PT0.000000001S",
    "1m0.25s500ms, PT1M0.75S",
    "9223372036854775807ns, PT2562047H47M16.854775807S",
  })
  void readsWhatGoReads(String text, Duration duration) {
    assertThat(GoDuration.parse(text)).contains(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "+",
        "1",
        "1.5",
        "h",
        ".s",
        "1 s",
        "1h ",
        "--1s",
        "1h-5m",
        "1S",
        "1d",
        "1w",
        "1x",
        "1..5s",
        "PT1S",
        "00",
        "9223372036854775808ns",
        "3000000h",
        "١s"
      })
  void takesNothingElse(String text) {
    assertThat(GoDuration.parse(text)).isEmpty();
  }

  @Test
  void hasDaysAndWeeksWhereTheyAreAskedFor() {
    assertThat(GoDuration.parseWithDays("1w1.5d")).contains(Duration.ofHours(8 * 24 + 12));
    assertThat(GoDuration.parseWithDays("1y")).isEmpty();
  }

  @Test
  void staysShortOfWhatNobodyTypes() {
    assertThat(GoDuration.parse("1s".repeat(60))).isEmpty();
    assertThat(GoDuration.parse("0".repeat(90) + "1s")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0s",
    "PT0.000000007S, 7ns",
    "PT0.0000015S, 1.5µs",
    "PT0.5S, 500ms",
    "PT-1.5S, -1.5s",
    "PT1M, 1m0s",
    "PT1H30M0.25S, 1h30m0.25s",
  })
  void printsAsGoPrints(Duration duration, String text) {
    assertThat(GoDuration.text(duration)).isEqualTo(text);
  }
}
