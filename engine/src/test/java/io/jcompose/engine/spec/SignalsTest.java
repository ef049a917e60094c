package io.jcompose.engine.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalsTest {
  @ParameterizedTest
  @CsvSource({
    "SIGTERM,15",
    "term,15",
    "9,9",
    "KILL,9",
    "sigusr2,12",
    "SIGSYS,31",
    "RTMIN,34",
    "SIGRTMIN+3,37",
    "RTMAX,64",
    "RTMAX-14,50",
    "64,64",
    "CHLD,17",
    "WINCH,28"
  })
  void readsNamesAndNumbers(String text, int number) {
    assertThat(Signals.parse(text)).isEqualTo(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "SIG",
        "0",
        "-1",
        "65",
        "1000",
        "TERMX",
        "RTMIN+31",
        "RTMAX-65",
        "RTMIN+",
        "9 9"
      })
  void refusesOthers(String text) {
    assertThatThrownBy(() -> Signals.parse(text))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage("invalid signal: " + text);
  }
}
