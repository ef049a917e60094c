package io.jcompose.images.layer;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.library.IsalGzipInput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.SequenceInputStream;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Undoes a layer's compression. Looks at the first bytes, because registries hold layers whose
 * media type says something else. A zstd window of more than 8 MiB, which is memory outside of the
 * heap, is given to one stream at a time. Thread-safe.
 */
public final class Decompressor {
  private static final int START = 4;
  private static final int WINDOW_LOG_LIMIT = 27;
  private static final long SMALL_WINDOW = 8 << 20;

  private final Semaphore largeWindow = new Semaphore(1);

  /** The uncompressed stream; closing it closes {@code in}. */
  public InputStream open(InputStream in) throws IOException {
    byte[] start = in.readNBytes(START);
    InputStream whole = new SequenceInputStream(new ByteArrayInputStream(start), in);
    if (starts(start, 0x1f, 0x8b)) {
      return IsalGzipInput.isAvailable()
          ? new IsalGzipInput(whole, GzipInput::corrupt)
          : new GzipInput(whole);
    }
    boolean skippableFrame =
        start.length >= 4
            && (start[0] & 0xf0) == 0x50
            && starts(start, start[0] & 0xff, 0x2a, 0x4d, 0x18);
    return skippableFrame || starts(start, 0x28, 0xb5, 0x2f, 0xfd) ? zstd(whole) : whole;
  }

  /** True when a stream waits for the memory of another one's window. */
  public boolean isWanted() {
    return largeWindow.hasQueuedThreads();
  }

  private InputStream zstd(InputStream in) throws IOException {
    Window window = new Window();
    return new ZstdInput(new ZstdFrames(in, window::take), WINDOW_LOG_LIMIT, window::release);
  }

  /** The large window, as far as one stream has it. */
  private final class Window {
    private final AtomicBoolean taken = new AtomicBoolean();

    void take(long bytes) throws IOException {
      if (bytes > 1 << WINDOW_LOG_LIMIT) {
        throw new JcomposeException.Corrupt(
            "layer needs a zstd window of more than " + (1 << WINDOW_LOG_LIMIT) + " bytes");
      }
      if (bytes <= SMALL_WINDOW || taken.get()) {
        return;
      }
      try {
        largeWindow.acquire();
        taken.set(true);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
    }

    void release() {
      if (taken.compareAndSet(true, false)) {
        largeWindow.release();
      }
    }
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
