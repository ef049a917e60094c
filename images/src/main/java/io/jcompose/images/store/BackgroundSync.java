package io.jcompose.images.store;

import io.jcompose.linux.file.DirectoryFd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings pulled images to the disk while they are already in use: one syncfs for all, then their
 * record loses its mark. Until then a power cut (not a crash of the engine) makes the next start
 * drop them, so no image ever has layers with empty files. Thread-safe.
 */
public final class BackgroundSync implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundSync.class);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  private final Path imagesDir;
  private final Catalog catalog;
  private final Removal removal;
  private final StepLayers steps;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Thread thread;

  public BackgroundSync(Path imagesDir, Catalog catalog, Removal removal, StepLayers steps) {
    this.imagesDir = imagesDir;
    this.catalog = catalog;
    this.removal = removal;
    this.steps = steps;
  }

  /** Starts a run when an image waits for one and none is under way. */
  public void start() {
    lock.lock();
    try {
      if (thread == null && !unsynced().isEmpty()) {
        thread = Thread.ofPlatform().name("images-sync").daemon().start(this::run);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    Thread running;
    lock.lock();
    try {
      running = thread;
    } finally {
      lock.unlock();
    }
    try {
      if (running != null && !running.join(CLOSE_LIMIT)) {
        LOG.info("images are still being written to disk; the next start goes on");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (true) {
        List<StoredImage> waiting = unsynced();
        long step = steps.last();
        try (DirectoryFd directory = DirectoryFd.open(imagesDir)) {
          directory.syncFileSystem();
        }
        removal.exclusively(() -> waiting.forEach(this::mark));
        steps.synced(step);
        lock.lock();
        try {
          if (unsynced().isEmpty()) {
            thread = null;
            return;
          }
        } finally {
          lock.unlock();
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("failed to write images to disk; the next pull tries again", e);
      lock.lock();
      try {
        thread = null;
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Only what the sync has covered: an image that was removed and pulled again meanwhile looks the
   * same, and its files are others. One that merely got a name waits for the next round.
   */
  @SuppressWarnings("ReferenceEquality")
  private void mark(StoredImage image) {
    catalog
        .byId(image.id())
        .filter(now -> now == image)
        .ifPresent(now -> catalog.put(now.synced()));
  }

  private List<StoredImage> unsynced() {
    return catalog.images().stream().filter(image -> image.unsyncedBoot() != null).toList();
  }
}
