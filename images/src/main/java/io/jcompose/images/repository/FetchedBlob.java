package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * A blob that is being fetched from another registry, for one who reads it meanwhile. Confined to
 * one thread, which closes it.
 */
public final class FetchedBlob implements AutoCloseable {
  private final BlobFetch fetch;
  private final FileChannel file;
  private final Runnable leave;
  private boolean waits = true;

  /**
   * @param leave to be run when nothing is waited for any more
   */
  FetchedBlob(BlobFetch fetch, FileChannel file, Runnable leave) {
    this.fetch = fetch;
    this.file = file;
    this.leave = leave;
  }

  public Digest digest() {
    return fetch.blob().digest();
  }

  /** In all, as its manifest says. */
  public long sizeBytes() {
    return fetch.blob().sizeBytes();
  }

  /**
   * A part of it, as it comes. Reads fail when it does not come to its end, or is not what its
   * digest says.
   */
  public InputStream part(long first, long length) {
    return new Part(first, first + length);
  }

  private final class Part extends InputStream {
    private final long end;
    private long position;

    Part(long first, long end) {
      this.position = first;
      this.end = end;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (position >= end || length == 0) {
        return position >= end ? -1 : 0;
      }
      long readable = fetch.await(position);
      if (fetch.isDone()) {
        leaveOnce();
      }
      int wanted = (int) Math.min(length, Math.min(end, readable) - position);
      int count = file.read(ByteBuffer.wrap(target, offset, wanted), position);
      if (count <= 0) {
        throw new IOException("blob " + digest() + " was cut off");
      }
      position += count;
      return count;
    }
  }

  private void leaveOnce() {
    if (waits) {
      waits = false;
      leave.run();
    }
  }

  @Override
  public void close() throws IOException {
    leaveOnce();
    file.close();
  }
}
