package io.jcompose.images.repository;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.store.Removal;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The disk that is left for what is fetched from other registries: some stays free for containers
 * and pushes, and what was fetched and is not used any more makes room for what is. Thread-safe.
 */
final class FetchSpace {
  private static final Logger LOG = LoggerFactory.getLogger(FetchSpace.class);
  private static final long MEBIBYTE = 1 << 20;

  /** What stays free: a tenth of the disk, but no more than this. */
  private static final long RESERVE = 1024 * MEBIBYTE;

  /**
   * What was used lately makes no room on the disk: a registry that claims a large blob must not
   * empty all of it. A use is written down once a day.
   */
  static final Duration LATELY = Duration.ofDays(2);

  private final Path imagesDir;
  private final Removal removal;
  private final RepositoryRecords records;
  private long coming; // bytes that others are still to write; guarded by this

  FetchSpace(Path imagesDir, Removal removal, RepositoryRecords records) {
    this.imagesDir = imagesDir;
    this.removal = removal;
    this.records = records;
  }

  /** Room for a blob on its way; who brings it closes it. */
  final class Share implements AutoCloseable {
    private long left;

    private Share(long bytes) {
      this.left = bytes;
    }

    /** Says that so many bytes are on the disk now. */
    void used(long bytes) {
      left -= bytes;
      give(bytes);
    }

    @Override
    public void close() {
      give(left);
      left = 0;
    }
  }

  private synchronized void give(long bytes) {
    coming -= bytes;
  }

  /**
   * Takes room for a blob.
   *
   * @param name whose content makes no room
   * @throws JcomposeException.Unavailable when there is none
   */
  Share take(long bytes, RepositoryName name) throws IOException {
    FileStore store = Files.getFileStore(imagesDir);
    long reserve = Math.min(RESERVE, store.getTotalSpace() / 10);
    while (!isTaken(store, bytes, reserve)) {
      if (bytes > store.getTotalSpace() || !makeRoom(name, LATELY)) {
        throw new JcomposeException.Unavailable(
            "no space left on device: a blob of %s needs %d MiB, %s has %d MiB free, of which %d stay free"
                .formatted(
                    name,
                    bytes / MEBIBYTE,
                    imagesDir,
                    store.getUsableSpace() / MEBIBYTE,
                    reserve / MEBIBYTE));
      }
    }
    return new Share(bytes);
  }

  private synchronized boolean isTaken(FileStore store, long bytes, long reserve)
      throws IOException {
    if (store.getUsableSpace() - coming - reserve < bytes) {
      return false;
    }
    coming += bytes;
    return true;
  }

  /**
   * Takes away what was not used for the longest time.
   *
   * @param unused for so long at least
   * @return false when there is nothing of that
   */
  boolean makeRoom(RepositoryName kept, Duration unused) {
    Optional<Repository> gone = records.dropOldestFetched(kept, Instant.now().minus(unused));
    gone.ifPresent(
        one -> {
          removal.removeUnowned(one.content().keySet());
          LOG.info("{}, which was fetched, made room for {}", one.name(), kept);
        });
    return gone.isPresent();
  }
}
