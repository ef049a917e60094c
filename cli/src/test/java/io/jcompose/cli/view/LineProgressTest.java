package io.jcompose.cli.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LineProgressTest {
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
}
