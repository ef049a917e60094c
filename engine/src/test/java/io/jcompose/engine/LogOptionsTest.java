package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.Logging;
import io.jcompose.core.JcomposeException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LogOptionsTest {
  @Test
  void readsSizeAndNumberOfFiles() {
    Logging logging = json(Map.of("max-size", "10k", "max-file", "5"));
    LogOptions.check(logging);
    assertThat(LogOptions.maxBytes(logging, 1)).isEqualTo(10 << 10);
    assertThat(LogOptions.maxFiles(logging, 1)).isEqualTo(5);
  }

  @Test
  void takesDefaultsAndNeverRotatesWhenToldSo() {
    assertThat(LogOptions.maxBytes(Logging.DEFAULT, 77)).isEqualTo(77);
    assertThat(LogOptions.maxFiles(Logging.DEFAULT, 3)).isEqualTo(3);
    assertThat(LogOptions.maxBytes(json(Map.of("max-size", "-1")), 77)).isZero();
  }

  @Test
  void refusesWhatIsNotCarriedOut() {
    assertThatThrownBy(() -> LogOptions.check(new Logging("syslog", Map.of())))
        .isInstanceOf(JcomposeException.NotSupported.class);
    assertThatThrownBy(() -> LogOptions.check(json(Map.of("tag", "x"))))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessage("unknown log opt 'tag' for json-file log driver");
    assertThatThrownBy(() -> LogOptions.check(json(Map.of("max-file", "0"))))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
    assertThatThrownBy(() -> LogOptions.check(json(Map.of("max-size", "ten"))))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
  }

  private static Logging json(Map<String, String> options) {
    return new Logging("json-file", options);
  }
}
