package io.jcompose.images.archive;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.layer.Decompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZInputStream;

/**
 * Opens archives of images and root file systems, plain or compressed by gzip, bzip2, xz or zstd,
 * which their first bytes tell. Thread-safe.
 */
public final class AnyCompression {
  private static final int START = 6;
  private static final byte[] XZ = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};
  private static final byte[] BZIP2 = {'B', 'Z', 'h'};

  /** What one archive's dictionary may take of the heap, in KiB; xz's own default needs 9 MiB. */
  private static final int MEMORY_KIB =
      (int) Math.max(12 << 10, Math.min(96 << 10, Runtime.getRuntime().maxMemory() >> 12));

  private final Decompressor decompressor = new Decompressor();
  private final Semaphore dictionary = new Semaphore(1); // of one archive at a time

  /** The uncompressed stream; closing it closes {@code in}. */
  public InputStream open(InputStream in) throws IOException {
    byte[] start = in.readNBytes(START);
    InputStream whole = new SequenceInputStream(new ByteArrayInputStream(start), in);
    if (starts(start, XZ)) {
      return new Exclusive(dictionary, whole);
    }
    return starts(start, BZIP2)
        ? new BZip2CompressorInputStream(whole, true)
        : decompressor.open(whole);
  }

  private static boolean starts(byte[] text, byte[] wanted) {
    return text.length >= wanted.length
        && Arrays.equals(text, 0, wanted.length, wanted, 0, wanted.length);
  }

  /** An xz stream, whose dictionary has its memory for itself. */
  private static final class Exclusive extends InputStream {
    private final Semaphore place;
    private final InputStream plain;
    private boolean closed;

    Exclusive(Semaphore place, InputStream in) throws IOException {
      this.place = place;
      try {
        place.acquire();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new JcomposeException.Cancelled("reading an archive was given up");
      }
      boolean opened = false;
      try {
        plain = new XZInputStream(in, MEMORY_KIB);
        opened = true;
      } finally {
        if (!opened) {
          place.release();
        }
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        return plain.read(target, offset, length);
      } catch (MemoryLimitException e) {
        throw new JcomposeException.NotSupported(
            "the archive needs more than %d MiB of the engine's memory to be decompressed; compress it by xz -6, gzip or zstd"
                .formatted(MEMORY_KIB >> 10));
      }
    }

    @Override
    public void close() throws IOException {
      try {
        plain.close();
      } finally {
        if (!closed) {
          closed = true;
          place.release();
        }
      }
    }
  }
}
