package io.jcompose.engine.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.Logging;
import io.jcompose.core.JcomposeException;
import io.jcompose.engine.TestSpec;
import io.jcompose.engine.record.ContainerRecord;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LogOptionsTest {
  @Test
  void readsSizeAndNumberOfFiles() {
    Logging logging = json(Map.of("max-size", "10k", "max-file", "5", "compress", "true"));
    LogOptions.check(logging);
    assertThat(LogOptions.of(logging)).isEqualTo(new LogOptions(10 << 10, 5, true));
  }

  @Test
  void takesDefaultsOfTheDriverAndNeverRotatesWhenToldSo() {
    assertThat(LogOptions.of(Logging.DEFAULT)).isEqualTo(new LogOptions(10 << 20, 3, false));
    assertThat(LogOptions.of(json(Map.of("max-size", "-1"))).maxBytes()).isZero();
    for (String driver : List.of("local", "journald", "syslog")) {
      assertThat(LogOptions.of(new Logging(driver, Map.of())))
          .isEqualTo(new LogOptions(20 << 20, 5, true));
    }
    Logging cache = new Logging("journald", Map.of("cache-max-size", "5k", "cache-max-file", "2"));
    assertThat(LogOptions.of(cache)).isEqualTo(new LogOptions(5 << 10, 2, true));
  }

  @Test
  void refusesWhatIsNotCarriedOut() {
    assertThatThrownBy(() -> LogOptions.check(new Logging("gelf", Map.of())))
        .isInstanceOf(JcomposeException.NotSupported.class);
    assertThatThrownBy(() -> LogOptions.check(new Logging("local", Map.of("tag", "x"))))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessage("unknown log opt 'tag' for local log driver");
    for (Map<String, String> bad :
        List.of(
            Map.of("max-file", "0"),
            Map.of("max-size", "ten"),
            Map.of("compress", "maybe"),
            Map.of("compress", "true", "max-file", "1"),
            Map.of("tag", "{{.Weather}}"),
            Map.of("env-regex", "("),
            Map.of("mode", "fast"))) {
      assertThatThrownBy(() -> LogOptions.check(json(bad)))
          .as(bad.toString())
          .isInstanceOf(JcomposeException.InvalidArgument.class);
    }
    for (String address : List.of("ftp://host", "host:514", "udp://", "unix://")) {
      assertThatThrownBy(
              () -> LogOptions.check(new Logging("syslog", Map.of("syslog-address", address))))
          .as(address)
          .isInstanceOf(JcomposeException.InvalidArgument.class);
    }
  }

  @Test
  void choosesAttributesAsDocker() {
    TestSpec spec = new TestSpec("web", "busybox:1");
    spec.logging =
        json(
            Map.of(
                "labels", "test,none", "env-regex", "^A", "env", "B", "tag", "{{.Name}}/{{.ID}}"));
    ContainerRecord record =
        ContainerRecord.created(
            "0123456789abcdef", spec.build(), "sha256:77", List.of("x"), Map.of(), List.of());
    assertThat(LogAttributes.json(record, List.of("A1=<x>", "B=b", "C=c")))
        .isEqualTo(
            "{\"A1\":\"\\u003cx\\u003e\",\"B\":\"b\",\"tag\":\"web/0123456789ab\",\"test\":\"yes\"}");
  }

  private static Logging json(Map<String, String> options) {
    return new Logging("json-file", options);
  }
}
