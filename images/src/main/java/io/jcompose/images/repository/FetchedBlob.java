package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import io.jcompose.core.sync.FairShare;
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
  private final FairShare waiting;
  private final String upstream;

  /**
   * @param waiting of which a share is taken for each wait, and by no wait for who reads
   */
  FetchedBlob(BlobFetch fetch, FileChannel file, FairShare waiting, String upstream) {
    this.fetch = fetch;
    this.file = file;
    this.waiting = waiting;
    this.upstream = upstream;
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
      long readable = readable(position);
      int wanted = (int) Math.min(length, Math.min(end, readable) - position);
      int count = file.read(ByteBuffer.wrap(target, offset, wanted), position);
      if (count <= 0) {
        throw new IOException("blob " + digest() + " was cut off");
      }
      position += count;
      return count;
    }
  }

  private long readable(long position) throws IOException {
    long readable = fetch.readable();
    if (readable > position) {
      return readable;
    }
    if (!waiting.take(upstream, 1)) {
      throw new IOException("too many requests wait for " + upstream);
    }
    try {
      return fetch.await(position);
    } finally {
      waiting.give(upstream, 1);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
