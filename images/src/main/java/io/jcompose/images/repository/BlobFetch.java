package io.jcompose.images.repository;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How far a blob has come that is fetched from another registry: one thread brings it, and any
 * number read what has come, each at its own pace. Its last byte is given out when all of it was
 * verified and is in the store. Thread-safe.
 */
final class BlobFetch {
  /** Readers are woken for so much, or after so long. */
  private static final long STEP_BYTES = 256 << 10;

  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Descriptor blob;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private @Nullable Path file; // from the first byte on; this and what follows guarded by the lock
  private long readable;
  private @Nullable JcomposeException failure;
  private long told; // by the thread that brings it alone
  private long toldNanos;

  BlobFetch(Descriptor blob) {
    this.blob = blob;
  }

  Descriptor blob() {
    return blob;
  }

  /** It begins to come, into a file. */
  void begin(Path into) {
    change(() -> file = into);
  }

  /** So many bytes of it are in the file. */
  void came(long bytes) {
    long now = System.nanoTime();
    if (bytes - told >= STEP_BYTES || now - toldNanos >= STEP_NANOS) {
      told = bytes;
      toldNanos = now;
      change(() -> readable = Math.min(bytes, blob.sizeBytes() - 1));
    }
  }

  /** The move to its name as a blob. */
  @FunctionalInterface
  interface Move {
    void run() throws IOException;
  }

  /** Moves its file, which nobody opens meanwhile. */
  void move(Move move, Path to) throws IOException {
    lock.lock();
    try {
      move.run();
      file = to;
    } finally {
      lock.unlock();
    }
  }

  /** All of it is in the store, in this file, and its repository has it. */
  void end(Path in) {
    change(
        () -> {
          file = in;
          readable = blob.sizeBytes();
        });
  }

  void fail(JcomposeException cause) {
    change(() -> failure = cause);
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until it comes, and opens it.
   *
   * @throws JcomposeException as {@link #fail} has it
   */
  FileChannel open() throws IOException {
    lock.lock();
    try {
      awaitWhile(() -> file == null && failure == null);
      if (failure != null) {
        throw failure;
      }
      return FileChannel.open(Objects.requireNonNull(file), StandardOpenOption.READ);
    } finally {
      lock.unlock();
    }
  }

  /**
   * How many bytes can be read.
   *
   * @throws IOException when no more will come
   */
  long readable() throws IOException {
    return await(-1);
  }

  /** As {@link #readable}, once they are more than so many. */
  long await(long bytes) throws IOException {
    lock.lock();
    try {
      awaitWhile(() -> readable <= bytes && failure == null);
      if (failure != null) {
        throw new IOException("the blob does not come to its end", failure);
      }
      return readable;
    } finally {
      lock.unlock();
    }
  }

  /** Who brings it has limits on each of its waits. */
  private void awaitWhile(BooleanSupplier waits) throws InterruptedIOException {
    try {
      while (waits.getAsBoolean()) {
        news.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the registry is stopping");
    }
  }
}
