package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.registry.HttpResponse;
import io.jcompose.images.registry.ImageSource;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.DiskSpace;
import io.jcompose.images.store.Removal;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs under way from other registries, each once, however many want it. A fetch goes on when
 * nobody waits for it any more: a client that gave up comes again. Thread-safe.
 */
final class BlobFetches implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BlobFetches.class);
  private static final int CHUNK = 1 << 16;
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final Path imagesDir;
  private final ContentStore content;
  private final Removal removal;
  private final RepositoryRecords records;
  private final FetchSpace space;
  private final Map<Key, BlobFetch> fetches = new ConcurrentHashMap<>();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  BlobFetches(
      Path imagesDir,
      ContentStore content,
      Removal removal,
      RepositoryRecords records,
      FetchSpace space) {
    this.imagesDir = imagesDir;
    this.content = content;
    this.removal = removal;
    this.records = records;
    this.space = space;
  }

  /** What is fetched once: each repository must have got it from its own registry. */
  private record Key(RepositoryName name, Digest digest) {}

  /**
   * The fetch of a blob that its repository does not have; begins it where there is none.
   *
   * @param turns of its registry, which bound what comes from there at once
   */
  BlobFetch join(UpstreamName name, Descriptor blob, Turns turns, Supplier<ImageSource> source) {
    return fetches.computeIfAbsent(
        new Key(name.name(), blob.digest()),
        key -> {
          if (closed) {
            throw new JcomposeException.Unavailable("the engine is stopping");
          }
          BlobFetch fetch = new BlobFetch(blob);
          Thread thread =
              Thread.ofVirtual()
                  .name("registry-fetch")
                  .unstarted(() -> run(name, fetch, key, turns, source));
          threads.add(thread);
          thread.start();
          return fetch;
        });
  }

  private void run(
      UpstreamName name, BlobFetch fetch, Key key, Turns turns, Supplier<ImageSource> source) {
    Descriptor blob = fetch.blob();
    try (Turns.Turn _ = turns.take();
        Removal.Lease lease = removal.lease()) {
      lease.add(blob.digest());
      bring(name, fetch, source.get());
      fetches.remove(key);
      fetch.end(content.blob(blob.digest()));
      LOG.info("blob {} of {} fetched, {} bytes", blob.digest(), name.name(), blob.sizeBytes());
    } catch (IOException | RuntimeException | Error e) { // or its readers would wait for ever
      JcomposeException failure = failure(name, e);
      LOG.warn("blob {} of {}: {}", blob.digest(), name.name(), failure.getMessage());
      fetches.remove(key);
      fetch.fail(failure);
    } finally {
      threads.remove(Thread.currentThread());
    }
  }

  private JcomposeException failure(UpstreamName name, Throwable error) {
    if (error instanceof JcomposeException told) {
      return told;
    }
    return error instanceof UncheckedIOException disk
            && DiskSpace.explain(disk, imagesDir, "fetching") instanceof JcomposeException told
        ? told
        : new JcomposeException.Unavailable(
            "failed to fetch from " + name.upstream() + ": " + error.getMessage(), error);
  }

  private void bring(UpstreamName name, BlobFetch fetch, ImageSource source) throws IOException {
    Descriptor blob = fetch.blob();
    Digest digest = blob.digest();
    if (records.has(name.name(), digest) && content.has(digest, blob.sizeBytes())) {
      return; // it has come since the request looked
    }
    // What the engine has for its own images is nobody's here; what the registry gives out already
    // is, once the other registry has said that this repository has it, too.
    boolean isServed = records.holder(digest) != null && content.has(digest, blob.sizeBytes());
    if (!isServed || !source.hasBlob(digest)) {
      download(name, fetch, source);
    }
    Repository after = records.change(name.name(), before -> before.withFetched(digest));
    if (!after.has(digest)) {
      removal.removeUnowned(List.of(digest));
      throw new JcomposeException.NotFound("it was removed while it came");
    }
  }

  private void download(UpstreamName name, BlobFetch fetch, ImageSource source) throws IOException {
    Descriptor blob = fetch.blob();
    try (FetchSpace.Share share = space.take(blob.sizeBytes(), name.name());
        ContentStore.Scratch scratch = content.scratch();
        FileChannel file =
            FileChannel.open(
                scratch.file(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        HttpResponse response = source.blob(blob.digest(), 0).response()) {
      if (response.status() != 200) {
        throw new IOException("it answered " + response.status());
      }
      if (blob.sizeBytes() > 0) { // of nothing there is no last byte to hold back
        fetch.begin(scratch.file());
      }
      receive(fetch, response, file, share);
      response.end();
      force(file);
      fetch.move(() -> scratch.publish(blob.digest()), content.blob(blob.digest()));
      DocumentFile.syncDirectory(content.blob(blob.digest()));
    }
  }

  private static void receive(
      BlobFetch fetch, HttpResponse response, FileChannel file, FetchSpace.Share share)
      throws IOException {
    Descriptor blob = fetch.blob();
    MessageDigest hash = ContentStore.hash(blob.digest());
    InputStream in = response.body();
    byte[] chunk = new byte[CHUNK];
    long size = 0;
    long inTime = 0;
    while (size < blob.sizeBytes()) {
      int count = in.read(chunk, 0, (int) Math.min(CHUNK, blob.sizeBytes() - size));
      if (count <= 0) {
        throw new EOFException("it ended after %d of %d bytes".formatted(size, blob.sizeBytes()));
      }
      write(file, ByteBuffer.wrap(chunk, 0, count));
      share.used(count);
      hash.update(chunk, 0, count);
      size += count;
      if (size - inTime >= CHUNK) { // a peer that drips is not given time without end
        response.goesOn();
        inTime = size;
      }
      fetch.came(size);
    }
    if (!HexFormat.of().formatHex(hash.digest()).equals(blob.digest().hex())) {
      throw new IOException("what it sent does not have digest " + blob.digest());
    }
  }

  // A full disk must not look like a broken connection.
  private static void write(FileChannel file, ByteBuffer rest) {
    try {
      while (rest.hasRemaining()) {
        file.write(rest);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void force(FileChannel file) {
    try {
      file.force(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    List<Thread> all = List.copyOf(threads);
    all.forEach(Thread::interrupt);
    try {
      for (Thread thread : all) {
        if (!thread.join(CLOSE_LIMIT)) {
          LOG.info("a fetch does not end; the next start sweeps its file");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
