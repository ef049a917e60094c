package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.DiskSpace;
import io.jcompose.linux.library.NativeSha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A blob on its way in: what has come of it, hashed as it came. A request that breaks off leaves
 * what it brought, and the next goes on from there. One request at a time has it; {@link Uploads}
 * closes it.
 */
public final class Upload {
  private static final int CHUNK = 1 << 16;

  /** Long enough for a request before to notice that its client has gone. */
  private static final long TURN_SECONDS = 20;

  private final String id;
  private final RepositoryName repository;
  private final String client;
  private final ContentStore.Scratch scratch;
  private final FileChannel file;
  private final MessageDigest hash = NativeSha256.create();
  private final ReentrantLock turn = new ReentrantLock();
  private volatile long size;
  private volatile long touched = System.nanoTime();
  private volatile boolean closed;

  Upload(String id, RepositoryName repository, String client, ContentStore.Scratch scratch)
      throws IOException {
    this.id = id;
    this.repository = repository;
    this.client = client;
    this.scratch = scratch;
    this.file =
        FileChannel.open(
            scratch.file(),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
  }

  public String id() {
    return id;
  }

  public RepositoryName repository() {
    return repository;
  }

  String client() {
    return client;
  }

  /** The bytes that have come. */
  public long size() {
    return size;
  }

  /** What a request does with it. */
  @FunctionalInterface
  public interface Work<T> {
    T run() throws IOException;
  }

  /**
   * Runs a request's work when it is its turn.
   *
   * @throws JcomposeException.Conflict when another one keeps it
   * @throws JcomposeException.NotFound when the upload has ended meanwhile
   */
  public <T> T inTurn(Work<T> work) throws IOException {
    if (!takesTurn()) {
      throw new JcomposeException.Conflict("another request sends to upload " + id);
    }
    try {
      if (closed) {
        throw new JcomposeException.NotFound("upload " + id + " has ended");
      }
      return work.run();
    } finally {
      touched = System.nanoTime();
      turn.unlock();
    }
  }

  private boolean takesTurn() {
    try {
      return turn.tryLock(TURN_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Takes what comes, in turn.
   *
   * @param limitBytes what the blob may have in all
   * @throws IOException when the sender breaks off; what came before is there
   * @throws JcomposeException.InvalidArgument when it becomes too large
   * @throws JcomposeException.Unavailable when the disk is full
   */
  public void append(InputStream in, long limitBytes) throws IOException {
    byte[] chunk = new byte[CHUNK];
    for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
      if (size + count > limitBytes) {
        throw new JcomposeException.InvalidArgument(
            "a blob may have %d bytes at most".formatted(limitBytes));
      }
      write(chunk, count);
      touched = System.nanoTime();
    }
  }

  private void write(byte[] chunk, int count) {
    long at = size;
    try {
      ByteBuffer rest = ByteBuffer.wrap(chunk, 0, count);
      while (rest.hasRemaining()) {
        at += file.write(rest, at);
      }
    } catch (IOException e) {
      throw DiskSpace.explain(new UncheckedIOException(e), scratch.file(), "taking an upload");
    }
    hash.update(chunk, 0, count);
    size = at;
  }

  /** The file with all of its bytes on the disk, if that is what the digest says. */
  boolean isComplete(Digest digest) throws IOException {
    file.truncate(size); // a failed write may have left more
    file.force(true);
    return HexFormat.of().formatHex(hashOf(digest)).equals(digest.hex());
  }

  private byte[] hashOf(Digest digest) throws IOException {
    if (digest.algorithm().equals("sha256")) {
      return hash.digest();
    }
    MessageDigest other = ContentStore.hash(digest);
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    for (long at = 0; at < size; at += chunk.limit()) {
      chunk.clear();
      if (file.read(chunk, at) < 0) {
        throw new IOException(scratch.file() + " was cut off");
      }
      chunk.flip();
      other.update(chunk.duplicate());
    }
    return other.digest();
  }

  /** Gives the file its name as a blob. */
  void publish(Digest digest) throws IOException {
    scratch.publish(digest);
  }

  Path file() {
    return scratch.file();
  }

  /** True when no request has come for so long, and none is at work. */
  boolean isIdle(long nanos) {
    return !turn.isLocked() && System.nanoTime() - touched > nanos;
  }

  void close() throws IOException {
    closed = true;
    file.close();
    scratch.close();
  }
}
