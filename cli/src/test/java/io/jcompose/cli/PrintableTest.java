package io.jcompose.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PrintableTest {
  @Test
  void noControlCharacterPasses() {
    assertThat(Printable.text("a\u001b[31m\u009b\r\nb\té")).isEqualTo("a\\x1b[31m\\x9b\\x0d\nb\té");
    assertThat(Printable.line("a\nb\u007f")).isEqualTo("a\\x0ab\\x7f");
  }

  @Test
  void progressShowsHostileNamesAsTheyAre() throws IOException {
    Map<String, String> step =
        Map.of("id", "Volume a\n\u001b[2J", "status", "Error", "text", "b\r");
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    new LineProgress(false, output).step(step, "");
    assertThat(output.toString(StandardCharsets.UTF_8))
        .isEqualTo(" Volume a\\x0a\\x1b[2J  Error  b\\x0d\n");
    ProgressRows rows = new ProgressRows("Running", false);
    rows.step(step, 0);
    assertThat(String.join("", rows.draw(0, 80, 24))).doesNotContain("\u001b", "\n", "\r");
  }

  @Test
  void helpNamesOptionsWhereThereAreSome() {
    assertThat(Help.of(Objects.requireNonNull(Commands.find("pause")))).doesNotContain("Options:");
    assertThat(Help.of(Objects.requireNonNull(Commands.find("stop")))).contains("Options:\n");
  }

  @Test
  void theEngineRunsAsRootOnly() {
    assertThatCode(() -> HostCheck.requireRights("Name:\tx\nUid:\t1000\t0\t0\t0\n"))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> HostCheck.requireRights("Uid:\t0\t1000\t0\t0\nGid:\t0\t0\t0\t0\n"))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("needs root");
  }
}
