package io.jcompose.images.layer;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Runs a stream's producer (fetching and inflating) on a thread of its own, so that the consumer's
 * kernel calls overlap with it, and hashes what passes. Holds a few chunks. The consumer closes it,
 * which ends the thread.
 */
public final class DecodePipe extends InputStream {
  private static final int CHUNKS = 4;
  private static final int CHUNK = 1 << 17;

  private final InputStream source;
  private final MessageDigest digest;
  private final BlockingQueue<Chunk> full = new ArrayBlockingQueue<>(CHUNKS);
  private final BlockingQueue<Chunk> free = new ArrayBlockingQueue<>(CHUNKS);
  private final Runnable abort;
  private final long limit;
  private final Thread producer;
  private @Nullable Chunk current;
  private int position;
  private long passed;

  private static final class Chunk {
    final byte[] data = new byte[CHUNK];
    int length;
    @Nullable Throwable failure;
  }

  /**
   * Starts reading {@code source}; the pipe's thread has the given name.
   *
   * @param limit how many bytes may pass: also what no file has is unpacked and hashed
   * @param abort makes a blocked read of {@code source} fail soon; called by {@link #close}
   */
  public DecodePipe(
      InputStream source, MessageDigest digest, long limit, String threadName, Runnable abort) {
    this.abort = abort;
    this.limit = limit;
    this.source = source;
    this.digest = digest;
    for (int i = 0; i < CHUNKS; i++) {
      free.add(new Chunk());
    }
    this.producer = Thread.ofPlatform().name(threadName).daemon().start(this::produce);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    Chunk chunk = current;
    if (chunk == null || (position == chunk.length && chunk.length > 0)) {
      chunk = take(chunk);
    }
    if (chunk.length == 0) {
      return -1;
    }
    int count = Math.min(length, chunk.length - position);
    System.arraycopy(chunk.data, position, target, offset, count);
    position += count;
    return count;
  }

  /** Reads and hashes to the end; the digest of everything that passed. */
  public byte[] finish() throws IOException {
    byte[] rest = new byte[CHUNK];
    while (read(rest, 0, rest.length) >= 0) {}
    return digest.digest();
  }

  @Override
  public void close() throws IOException {
    producer.interrupt();
    abort.run();
    boolean interrupted = false;
    while (true) {
      try {
        producer.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    // Only now: native decoders must not lose their memory while the producer is inside of them.
    source.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Chunk take(@Nullable Chunk used) throws IOException {
    try {
      if (used != null) {
        free.put(used);
      }
      Chunk chunk = full.take();
      current = chunk;
      position = 0;
      passed += chunk.length;
      if (passed > limit) {
        throw new JcomposeException.Corrupt(
            "layer unpacks to more than " + limit + " bytes, which looks like a bomb");
      }
      switch (chunk.failure) {
        case null -> digest.update(chunk.data, 0, chunk.length);
        case IOException e -> throw e;
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new IOException(chunk.failure);
      }
      return chunk;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  // A failure is handed to the consumer with the chunk that would have come.
  @SuppressWarnings("CatchAndPrintStackTrace")
  private void produce() {
    try {
      while (true) {
        Chunk chunk = free.take();
        chunk.length = 0;
        try {
          chunk.length = Math.max(0, source.readNBytes(chunk.data, 0, CHUNK));
        } catch (IOException | RuntimeException | Error e) {
          chunk.failure = e;
        }
        full.put(chunk);
        if (chunk.length == 0) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
