package io.jcompose.images.layer;

import io.jcompose.core.JcomposeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.SequenceInputStream;
import java.util.concurrent.Semaphore;

/**
 * Undoes a layer's compression. Looks at the first bytes, because registries hold layers whose
 * media type says something else. A zstd window of more than 8 MiB, which is memory outside of the
 * heap, is given to one stream at a time. Thread-safe.
 */
public final class Decompressor {
  private static final int HEADER = 18;
  private static final int WINDOW_LOG_LIMIT = 27;
  private static final int SMALL_WINDOW_LOG = 23;

  private final Semaphore largeWindow = new Semaphore(1);

  /** The uncompressed stream; closing it closes {@code in}. */
  public InputStream open(InputStream in) throws IOException {
    byte[] start = in.readNBytes(HEADER);
    InputStream whole = new SequenceInputStream(new ByteArrayInputStream(start), in);
    if (starts(start, 0x1f, 0x8b)) {
      return IsalGzipInput.isAvailable() ? new IsalGzipInput(whole) : new GzipInput(whole);
    }
    boolean skippableFrame =
        start.length >= 4
            && (start[0] & 0xf0) == 0x50
            && starts(start, start[0] & 0xff, 0x2a, 0x4d, 0x18);
    if (skippableFrame) {
      return zstd(whole, WINDOW_LOG_LIMIT);
    }
    return starts(start, 0x28, 0xb5, 0x2f, 0xfd) ? zstd(whole, windowLog(start)) : whole;
  }

  private InputStream zstd(InputStream in, int windowLog) throws IOException {
    if (windowLog > WINDOW_LOG_LIMIT) {
      throw new JcomposeException.Corrupt(
          "layer needs a zstd window of more than " + (1 << WINDOW_LOG_LIMIT) + " bytes");
    }
    if (windowLog <= SMALL_WINDOW_LOG) {
      return new ZstdInput(in, SMALL_WINDOW_LOG, () -> {});
    }
    try {
      largeWindow.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    return new ZstdInput(in, windowLog, largeWindow::release);
  }

  /** The first frame's window by its header, RFC 8878 section 3.1.1.1; the others fit into it. */
  private static int windowLog(byte[] frame) {
    int descriptor = octet(frame, 4);
    if ((descriptor & 0x20) == 0) {
      int window = octet(frame, 5);
      return 10 + (window >> 3) + ((window & 7) == 0 ? 0 : 1);
    }
    int at = 5 + new int[] {0, 1, 2, 4}[descriptor & 3];
    int bytes = 1 << (descriptor >> 6);
    long size = bytes == 2 ? 256 : 0;
    for (int i = 0; i < bytes; i++) {
      size += (long) octet(frame, at + i) << (8 * i);
    }
    return size < 0 ? Long.SIZE : Long.SIZE - Long.numberOfLeadingZeros(Math.max(0, size - 1));
  }

  private static int octet(byte[] text, int at) {
    return at < text.length ? text[at] & 0xff : 0;
  }

  private static boolean starts(byte[] text, int... wanted) {
    if (text.length < wanted.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if ((text[i] & 0xff) != wanted[i]) {
        return false;
      }
    }
    return true;
  }
}
