package io.jcompose.api.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CommandRequestTest {
  private static RegistryLogins logins(String member) {
    String json = "{" + member + "}";
    return CommandRequest.parse(json.getBytes(StandardCharsets.UTF_8)).logins();
  }

  @Test
  void onlyWhoSaysNothingOfLoginsHasTheEngines() {
    assertThat(logins("")).isEqualTo(RegistryLogins.OF_ENGINE);
    assertThat(logins("\"logins\": {}")).isEqualTo(new RegistryLogins.OfCaller(Map.of()));
    RegistryLogins given =
        logins("\"logins\": {\"r:5\": {\"user\": \"joe\", \"secret\": \"hunter2\"}}");
    assertThat(given)
        .isEqualTo(
            new RegistryLogins.OfCaller(Map.of("r:5", new RegistryLogins.Login("joe", "hunter2"))));
    assertThat(given.toString()).doesNotContain("hunter2");
    assertThat(new RegistryLogins.Login("joe", "hunter2").toString()).doesNotContain("hunter2");
  }

  @Test
  void loginsHaveABound() {
    String many =
        IntStream.range(0, 300)
            .mapToObj(i -> "\"r%d\": {\"user\": \"u\", \"secret\": \"s\"}".formatted(i))
            .collect(Collectors.joining(","));
    assertThatThrownBy(() -> logins("\"logins\": {" + many + "}"))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
    String large = "x".repeat(70_000);
    assertThatThrownBy(
            () -> logins("\"logins\": {\"r\": {\"user\": \"u\", \"secret\": \"" + large + "\"}}"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .message()
        .doesNotContain("xxxx");
  }
}
