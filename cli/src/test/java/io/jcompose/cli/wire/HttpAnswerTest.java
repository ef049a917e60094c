package io.jcompose.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.cli.terminal.CommandFailure;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HttpAnswerTest {
  private record Answering(InputStream input) implements Connection {
    @Override
    public OutputStream output() {
      return OutputStream.nullOutputStream();
    }

    @Override
    public void closeOutput() {}

    @Override
    public void close() {}
  }

  @Test
  void anEndlessAnswerIsNotReadWhole() throws Exception {
    byte[] head = "HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    InputStream endless =
        new InputStream() {
          private long given;

          @Override
          public int read() {
            if (++given > 32 << 20) {
              throw new AssertionError("more than anybody takes was read");
            }
            return 'x';
          }
        };
    InputStream input = new SequenceInputStream(new ByteArrayInputStream(head), endless);
    try (HttpAnswer answer = HttpAnswer.read(new Answering(input))) {
      assertThat(answer.status()).isEqualTo(200);
      assertThatThrownBy(answer::text)
          .isInstanceOf(CommandFailure.class)
          .hasMessage("the engine's answer is longer than 16 MiB");
    }
  }
}
