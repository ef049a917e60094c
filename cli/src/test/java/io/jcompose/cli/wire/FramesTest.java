package io.jcompose.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FramesTest {
  /** A socket whose other side was closed with input unread: its data, then an error, no end. */
  private static final InputStream RESET =
      new InputStream() {
        @Override
        public int read() throws IOException {
          throw new IOException("read from the engine: errno 104");
        }
      };

  @Test
  void readsNothingAfterTheLastFrame() throws IOException {
    List<String> seen = new ArrayList<>();

    Frames.read(
        new SequenceInputStream(frames("10.0.0.2 app", "{\"exitCode\":0}"), RESET),
        (stream, bytes) -> {
          seen.add(new String(bytes, StandardCharsets.UTF_8));
          return seen.size() < 2;
        });

    assertThat(seen).containsExactly("10.0.0.2 app", "{\"exitCode\":0}");
  }

  @Test
  void tellsAnErrorBeforeTheLastFrame() throws IOException {
    InputStream broken = new SequenceInputStream(frames("half an answer"), RESET);

    assertThatThrownBy(() -> Frames.read(broken, (stream, bytes) -> true))
        .hasMessageContaining("errno 104");
  }

  @Test
  void refusesAStreamThatEndsInsideAFrame() throws IOException {
    byte[] whole = frames("cut here").readAllBytes();
    InputStream cut = new ByteArrayInputStream(whole, 0, whole.length - 1);

    assertThatThrownBy(() -> Frames.read(cut, (stream, bytes) -> true))
        .isInstanceOf(EOFException.class);
  }

  private static InputStream frames(String... texts) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      Frames.write(out, Frames.STDOUT, bytes, bytes.length);
    }
    return new ByteArrayInputStream(out.toByteArray());
  }
}
