package io.jcompose.images.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import io.jcompose.core.JcomposeException;
import io.jcompose.linux.library.IsalGzipInput;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class DecompressorTest {
  private final Random random = new Random(7);

  @Test
  void readsGzipOfManyMembersWithEveryInflater() throws Exception {
    for (int round = 0; round < 60; round++) {
      byte[] text = text(random.nextInt(400_000));
      byte[] packed = members(text, 1 + random.nextInt(5));
      assertThat(new GzipInput(trickle(packed)).readAllBytes()).isEqualTo(text);
      if (IsalGzipInput.isAvailable()) {
        try (IsalGzipInput isal = new IsalGzipInput(trickle(packed), GzipInput::corrupt)) {
          assertThat(isal.readAllBytes()).isEqualTo(text);
        }
      }
    }
  }

  @Test
  void refusesGzipThatIsCutOrWrong() throws Exception {
    byte[] packed = members(text(300_000), 2);
    for (int round = 0; round < 30; round++) {
      byte[] cut = Arrays.copyOf(packed, 20 + random.nextInt(packed.length - 30));
      byte[] whole = new GzipInput(new ByteArrayInputStream(packed)).readAllBytes();
      try (InputStream in = new Decompressor().open(new ByteArrayInputStream(cut))) {
        assertThat(in.readAllBytes()).isNotEqualTo(whole);
      } catch (JcomposeException.Corrupt e) {
        assertThat(e).hasMessageContaining("gzip");
      }
    }
    assertThatThrownBy(
            () ->
                new Decompressor()
                    .open(
                        new ByteArrayInputStream(
                            new byte[] {0x1f, (byte) 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}))
                    .readAllBytes())
        .isInstanceOf(JcomposeException.Corrupt.class);
  }

  @Test
  void readsZstdAndPlainByTheirFirstBytes() throws Exception {
    byte[] text = text(200_000);
    assertThat(
            new Decompressor().open(new ByteArrayInputStream(Zstd.compress(text))).readAllBytes())
        .isEqualTo(text);
    assertThat(new Decompressor().open(new ByteArrayInputStream(text)).readAllBytes())
        .isEqualTo(text);
    assertThat(new Decompressor().open(new ByteArrayInputStream(new byte[0])).readAllBytes())
        .isEmpty();
  }

  @Test
  void givesALargeWindowToOneStreamAtATime() throws Exception {
    byte[] text = text(200_000);
    byte[] large = zstd(text, 25);
    Decompressor decompressor = new Decompressor();
    InputStream first = decompressor.open(new ByteArrayInputStream(large));
    assertThat(first.read()).isEqualTo('x'); // the window is taken with the frame
    InputStream small = decompressor.open(new ByteArrayInputStream(zstd(text, 20)));
    assertThat(small.readAllBytes()).isEqualTo(text);
    AtomicReference<byte[]> second = new AtomicReference<>();
    Thread waiting =
        Thread.startVirtualThread(
            () -> {
              try (InputStream in = decompressor.open(new ByteArrayInputStream(large))) {
                second.set(in.readAllBytes());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    while (waiting.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(first.readAllBytes()).hasSize(text.length - 1);
    first.close();
    first.close();
    waiting.join();
    assertThat(second.get()).isEqualTo(text);
  }

  /** As zstd:chunked may be written; a frame without content among them. */
  @Test
  void readsZstdWhoseLaterFramesHaveLargerWindows() throws Exception {
    byte[] text = text(200_000);
    byte[] skipped = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    packed.write(skipped);
    packed.write(Zstd.compress(text));
    packed.write(zstd(text, 25));
    packed.write(skipped);
    packed.write(zstd(text, 26));
    Decompressor decompressor = new Decompressor();
    for (int round = 0; round < 2; round++) {
      try (InputStream in = decompressor.open(trickle(packed.toByteArray()))) {
        for (int frame = 0; frame < 3; frame++) {
          assertThat(in.readNBytes(text.length)).isEqualTo(text);
        }
        assertThat(in.read()).isNegative();
      }
    }
    byte[] large = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) (28 - 10 << 3), 1, 0, 0};
    assertThatThrownBy(() -> decompressor.open(new ByteArrayInputStream(large)).readAllBytes())
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("window of more than");
  }

  @Test
  void refusesZstdThatIsWrong() throws Exception {
    byte[] packed = zstd(text(200_000), 20);
    packed[packed.length / 2] ^= 1;
    packed[packed.length / 3] ^= 1;
    assertThatThrownBy(
            () -> new Decompressor().open(new ByteArrayInputStream(packed)).readAllBytes())
        .isInstanceOf(JcomposeException.Corrupt.class);
  }

  private static byte[] zstd(byte[] text, int windowLog) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (ZstdOutputStream out = new ZstdOutputStream(packed)) {
      out.setLong(windowLog);
      out.setChecksum(true);
      out.write(text);
    }
    return packed.toByteArray();
  }

  private byte[] text(int size) {
    byte[] text = new byte[size];
    for (int i = 0; i < size; i++) {
      text[i] = (byte) (i % 3 == 0 ? random.nextInt(256) : 'a' + i % 7);
    }
    if (size > 0) {
      text[0] = 'x';
    }
    return text;
  }

  private static byte[] members(byte[] text, int count) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    int part = text.length / count;
    for (int i = 0; i < count; i++) {
      try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
        out.write(text, i * part, i == count - 1 ? text.length - i * part : part);
      }
    }
    return packed.toByteArray();
  }

  private InputStream trickle(byte[] data) {
    return new ByteArrayInputStream(data) {
      @Override
      public synchronized int read(byte[] target, int offset, int length) {
        return super.read(target, offset, Math.min(length, 1 + random.nextInt(5000)));
      }
    };
  }
}
