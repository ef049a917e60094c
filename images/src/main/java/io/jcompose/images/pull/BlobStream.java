package io.jcompose.images.pull;

import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.registry.HttpResponse;
import io.jcompose.images.registry.ImageSource;
import io.jcompose.images.store.ContentStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A blob as it comes in: from what the store has of it, then from the registry, written to its
 * ingest file and hashed on the way. A connection that breaks or stalls is taken up again where it
 * was. The end is reached only when size and digest are right, and then the blob is in the store.
 * Confined to one thread, but for {@link #abort}.
 */
final class BlobStream extends InputStream {
  private static final Logger LOG = LoggerFactory.getLogger(BlobStream.class);
  private static final int RECONNECT_LIMIT = 5;
  private static final int MIRROR_LIMIT = 2;
  private static final long PROGRESS_THAT_COUNTS = 1 << 20;
  private static final long PROGRESS_IN_TIME = 1 << 16;

  /** How long a registry may be waited for, in all, in a turn that others want. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final ImageSource source;
  private final ContentStore content;
  private final ImageReference reference;
  private final Descriptor blob;
  private final LongConsumer progress;
  private final MessageDigest hash;
  private final Path ingest;
  private final FileChannel file;
  private final boolean stored;
  private final long present;
  private final Set<Object> mirrors = new HashSet<>();
  private boolean ranges = true;
  private @Nullable Object mirror;
  private @Nullable BooleanSupplier wanted;
  private long waitedNanos;
  private long goodUntil;
  private long position;
  private long lastFailure;
  private int reconnects;
  private boolean finished;
  private volatile boolean aborted;
  private volatile @Nullable HttpResponse response;

  BlobStream(
      ImageSource source,
      ContentStore content,
      ImageReference reference,
      Descriptor blob,
      LongConsumer progress)
      throws IOException {
    this.source = source;
    this.content = content;
    this.reference = reference;
    this.blob = blob;
    this.progress = progress;
    this.hash = ContentStore.hash(blob.digest());
    this.stored = content.has(blob.digest(), blob.sizeBytes());
    this.ingest = content.ingest(blob.digest(), reference.domain());
    this.file =
        stored
            ? FileChannel.open(content.blob(blob.digest()), StandardOpenOption.READ)
            : FileChannel.open(
                ingest,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    if (file.size() > blob.sizeBytes()) {
      file.truncate(0);
    }
    this.present = file.size();
  }

  /** It keeps a turn that others want waiting for its registry. */
  static final class Slow extends IOException {
    private static final long serialVersionUID = 1L;

    Slow(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** True when all of it is in the store. */
  boolean isStored() {
    return stored;
  }

  /** True when nothing of it has come yet. */
  boolean isFresh() {
    return !stored && present == 0;
  }

  /** Says that the registry broke off just before. */
  void brokeOff() {
    reconnects = 1;
    lastFailure = present;
  }

  /** Waits until it begins to come. */
  void open() throws IOException {
    while (blob.sizeBytes() > 0) {
      requireGoingOn();
      try {
        connection();
        return;
      } catch (IOException e) {
        reconnect(e);
      }
    }
  }

  /**
   * Says that this is read in a turn: a registry that breaks off, or is waited for while others
   * want the turn, makes a read fail with {@link Slow}.
   */
  void inTurn(BooleanSupplier isWanted) {
    wanted = isWanted;
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
    if (finished) {
      return -1;
    }
    if (position == blob.sizeBytes()) {
      finish();
      return -1;
    }
    int wanted = (int) Math.min(length, blob.sizeBytes() - position);
    int count =
        position < present
            ? file.read(ByteBuffer.wrap(target, offset, (int) Math.min(wanted, present - position)))
            : readRemote(target, offset, wanted);
    if (count <= 0) {
      throw new JcomposeException.Corrupt("blob " + blob.digest() + " changed while it was read");
    }
    hash.update(target, offset, count);
    position += count;
    progress.accept(position);
    return count;
  }

  /** Reads to the end, so that the blob is verified and stored. */
  void drain() throws IOException {
    byte[] rest = new byte[1 << 13];
    while (read(rest, 0, rest.length) >= 0) {}
  }

  /** Leaves the mirrors out that served some of it; true when there was one. */
  boolean distrustMirrors(String why) {
    boolean any = false;
    for (Object served : mirrors) {
      any |= source.distrust(served, why);
    }
    return any;
  }

  /** Makes a read that waits fail; from any thread. */
  void abort() {
    aborted = true;
    HttpResponse open = response;
    if (open != null) {
      open.abort();
    }
  }

  @Override
  public void close() throws IOException {
    disconnect();
    file.close();
  }

  private int readRemote(byte[] target, int offset, int length) throws IOException {
    while (true) {
      requireGoingOn();
      try {
        return readOpen(target, offset, length);
      } catch (IOException e) {
        if (wanted != null && !aborted) {
          throw e instanceof Slow ? e : new Slow(String.valueOf(e.getMessage()), e);
        }
        reconnect(e);
      }
    }
  }

  private int readOpen(byte[] target, int offset, int length) throws IOException {
    HttpResponse open = connection();
    long asked = System.nanoTime();
    int count = open.body().read(target, offset, length);
    waitedNanos += System.nanoTime() - asked;
    if (count <= 0) {
      throw new IOException("connection closed at byte " + position);
    }
    write(target, offset, count);
    if (position + count > goodUntil) {
      goodUntil = position + PROGRESS_IN_TIME;
      open.goesOn();
    }
    BooleanSupplier others = wanted;
    if (others != null && waitedNanos > PATIENCE_NANOS && others.getAsBoolean()) {
      throw new Slow("others wait", null);
    }
    return count;
  }

  private void requireGoingOn() {
    if (aborted) {
      throw new JcomposeException.Cancelled("the pull was given up");
    }
  }

  private void reconnect(IOException cause) throws IOException {
    disconnect();
    if (position - lastFailure >= PROGRESS_THAT_COUNTS) {
      reconnects = 0;
    }
    lastFailure = position;
    requireGoingOn();
    if (++reconnects >= MIRROR_LIMIT
        && source.distrust(mirror, String.valueOf(cause.getMessage()))) {
      reconnects = 0;
    }
    if (reconnects > RECONNECT_LIMIT) {
      throw new JcomposeException.Unavailable(
          "failed to fetch layer "
              + blob.digest()
              + " of "
              + reference.familiar()
              + ": "
              + cause.getMessage()
              + "; "
              + position
              + " of "
              + blob.sizeBytes()
              + " bytes are kept for the next pull",
          cause);
    }
    LOG.debug("{} at byte {}: {}, going on", blob.digest(), position, cause.toString());
    try {
      Thread.sleep(100L << (reconnects - 1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("the pull was given up");
    }
  }

  private HttpResponse connection() throws IOException {
    HttpResponse open = response;
    if (open == null) {
      open = connect();
      response = open;
      file.position(position);
    }
    return open;
  }

  private HttpResponse connect() throws IOException {
    ImageSource.Blob blob = source.blob(this.blob.digest(), ranges ? position : 0);
    HttpResponse open = blob.response();
    mirror = blob.mirror();
    if (mirror != null) {
      mirrors.add(mirror);
    }
    try {
      if (open.status() == 200) {
        skip(open);
      } else if (open.status() != 206 || !startsAt(open, position)) {
        ranges = false;
        source.distrust(mirror, "it answered a range with another one");
        throw new IOException("the registry answered a range with another one");
      }
      return open;
    } catch (IOException e) {
      open.close();
      throw e;
    }
  }

  /** Goes where it was in what begins anew; that it comes is worth the time. */
  private void skip(HttpResponse open) throws IOException {
    for (long left = position; left > 0; left -= PROGRESS_IN_TIME) {
      open.body().skipNBytes(Math.min(left, PROGRESS_IN_TIME));
      open.goesOn();
    }
  }

  private static boolean startsAt(HttpResponse open, long position) {
    String range = open.header("Content-Range");
    return range != null && range.startsWith("bytes " + position + "-");
  }

  private void disconnect() {
    HttpResponse open = response;
    if (open != null) {
      open.close();
      response = null;
    }
  }

  // A full disk must not look like a broken connection.
  private void write(byte[] data, int offset, int length) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(data, offset, length);
      while (buffer.hasRemaining()) {
        file.write(buffer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to write " + ingest, e);
    }
  }

  private void finish() throws IOException {
    finished = true;
    HttpResponse open = response;
    if (open != null) {
      open.end();
    }
    disconnect();
    Digest actual = new Digest(blob.digest().algorithm(), HexFormat.of().formatHex(hash.digest()));
    if (!actual.equals(blob.digest())) {
      Path wrong = stored ? content.blob(blob.digest()) : ingest;
      Files.deleteIfExists(wrong);
      throw new JcomposeException.Corrupt(
          "layer of "
              + reference.familiar()
              + " does not match its digest: expected "
              + blob.digest()
              + ", got "
              + actual);
    }
    if (!stored) {
      content.publish(ingest, blob.digest());
    }
  }
}
