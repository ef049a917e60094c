package io.jcompose.images.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class DecodePipeTest {
  private final byte[] zeros = new byte[1_000_000];
  private final AtomicBoolean aborted = new AtomicBoolean();

  @Test
  void hashesAllThatPasses() throws Exception {
    try (DecodePipe pipe = pipe(zeros.length)) {
      assertThat(pipe.read(new byte[1000])).isEqualTo(1000);
      assertThat(pipe.finish()).isEqualTo(MessageDigest.getInstance("SHA-256").digest(zeros));
    }
    assertThat(aborted).isTrue();
  }

  /** Some hundred bytes of zstd are gigabytes behind an archive's end, in no file. */
  @Test
  void endsWhatUnpacksToTooMuchWhetherItIsInFilesOrNot() throws Exception {
    try (DecodePipe pipe = pipe(zeros.length - 1)) {
      assertThatThrownBy(pipe::finish)
          .isInstanceOf(JcomposeException.Corrupt.class)
          .hasMessageContaining("looks like a bomb");
    }
  }

  private DecodePipe pipe(long limit) throws Exception {
    return new DecodePipe(
        new ByteArrayInputStream(zeros),
        MessageDigest.getInstance("SHA-256"),
        limit,
        "test",
        () -> aborted.set(true));
  }
}
