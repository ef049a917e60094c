package io.jcompose.images.layer;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.jcompose.core.JcomposeException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicBoolean;

/** Inflates zstd; a stream that is wrong is Corrupt. Confined to one thread. */
final class ZstdInput extends FilterInputStream {
  private final Runnable release;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param windowLog the largest window that a frame may have, as a power of two
   * @param release called once, at the close
   */
  ZstdInput(InputStream in, int windowLog, Runnable release) throws IOException {
    super(new ZstdInputStreamNoFinalizer(in).setLongMax(windowLog));
    this.release = release;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    try {
      return in.read(target, offset, length);
    } catch (ZstdIOException e) {
      throw new JcomposeException.Corrupt("layer is not valid zstd: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    if (closed.compareAndSet(false, true)) {
      try {
        super.close();
      } finally {
        release.run();
      }
    }
  }
}
