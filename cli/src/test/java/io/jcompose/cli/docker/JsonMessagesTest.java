package io.jcompose.cli.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.cli.terminal.CommandFailure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonMessagesTest {
  private static final String LINES =
      """
      {"status":"Pulling fs layer","progressDetail":{},"id":"a"}
      {"status":"Pulling fs layer","progressDetail":{},"id":"b"}
      {"status":"Downloading","progressDetail":{"current":500,"total":2000},"id":"a"}
      {"status":"Pull complete","progressDetail":{},"id":"a"}
      {"status":"Digest: sha256:1"}
      """;

  private static String shown(String lines, boolean terminal) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new JsonMessages(out, terminal)
        .show(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aFileGetsALineEachChangeWithoutCounts() throws IOException {
    assertThat(shown(LINES, false))
        .isEqualTo(
            """
            a: Pulling fs layer
            b: Pulling fs layer
            a: Pull complete
            Digest: sha256:1
            """);
  }

  @Test
  void aTerminalsLinesChangeInPlace() throws IOException {
    assertThat(shown(LINES, true))
        .isEqualTo(
            "a: Pulling fs layer\nb: Pulling fs layer\n"
                + "\033[2A\033[2K\ra: Downloading [============>"
                + " ".repeat(37)
                + "]  500B/2kB\033[2B\r"
                + "\033[2A\033[2K\ra: Pull complete\033[2B\rDigest: sha256:1\n");
  }

  @Test
  void anErrorEndsIt() {
    assertThatThrownBy(
            () -> shown("{\"errorDetail\":{\"message\":\"no\"},\"error\":\"no\"}\n", false))
        .isInstanceOf(CommandFailure.class)
        .hasMessage("no");
  }
}
