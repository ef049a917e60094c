package io.jcompose.images.store;

import io.jcompose.core.Digest;
import io.jcompose.images.oci.ImageConfig;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The configs of images: some that were used last in memory, all in the content store. Thread-safe.
 */
public final class ImageConfigs {
  private static final long MEMORY = 1 << 20;
  private static final long KEPT_SIZE = 64 << 10;

  private final ContentStore content;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Digest, Sized> kept = new LinkedHashMap<>(16, 0.75f, true); // the lock's
  private long bytes; // guarded by the lock

  public ImageConfigs(ContentStore content) {
    this.content = content;
  }

  /**
   * A config.
   *
   * @param bytes of its document, which is about what it takes in memory
   */
  public record Sized(ImageConfig config, long bytes) {}

  /** Empty when it is missing or damaged. */
  public Optional<Sized> find(Digest id) {
    lock.lock();
    try {
      Sized known = kept.get(id);
      if (known != null) {
        return Optional.of(known);
      }
    } finally {
      lock.unlock();
    }
    Optional<Sized> read = content.load(id, text -> new Sized(ImageConfig.of(text), text.length));
    read.filter(sized -> sized.bytes <= KEPT_SIZE).ifPresent(sized -> keep(id, sized));
    return read;
  }

  private void keep(Digest id, Sized sized) {
    lock.lock();
    try {
      if (kept.put(id, sized) == null) {
        bytes += sized.bytes;
      }
      Iterator<Sized> byUse = kept.values().iterator();
      while (bytes > MEMORY) {
        bytes -= byUse.next().bytes;
        byUse.remove();
      }
    } finally {
      lock.unlock();
    }
  }
}
