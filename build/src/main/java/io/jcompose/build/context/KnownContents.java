package io.jcompose.build.context;

import io.jcompose.linux.file.FileStatus;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What files were when they were read, so that a context that stays as it is is not read again at
 * each build. A file is the same while inode, size and both of its times are (man 7 inode): a
 * writer may set the one back, but not the other. Not known are files that were changed in the
 * moment before they were read, as the next change could have the same time, and those of file
 * systems without a disk of this host, whose server tells the times, nor those that somebody may be
 * writing to: a mapping that is written to again leaves the times as they are. Thread-safe.
 */
public final class KnownContents {
  /** The coarsest times that a file system keeps: those of FAT. */
  private static final long COARSEST_SECONDS = 2;

  private static final int ENTRY_BYTES = 320;
  private static final int HEAP_PART = 5; // a thirty-second

  private final InstantSource clock;
  private final Map<Key, Known> known;

  private record Key(long fileSystem, long inode) {}

  private record Known(long mtime, int mtimeNanos, long ctime, int ctimeNanos, Content content) {
    boolean isOf(FileStatus status) {
      return content.size() == status.sizeBytes()
          && mtime == status.mtimeSeconds()
          && mtimeNanos == status.mtimeNanos()
          && ctime == status.ctimeSeconds()
          && ctimeNanos == status.ctimeNanos();
    }
  }

  /** As many as fit into a thirty-second of the heap. */
  public KnownContents() {
    this(
        InstantSource.system(),
        (int) (Runtime.getRuntime().maxMemory() >> HEAP_PART) / ENTRY_BYTES);
  }

  /**
   * @param most files; those that were asked for longest ago are forgotten
   */
  KnownContents(InstantSource clock, int most) {
    this.clock = clock;
    this.known =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Key, Known> eldest) {
            return size() > most;
          }
        };
  }

  /** A regular file's content, where it is as it was when it was read. */
  synchronized Optional<Content> find(FileStatus status) {
    Known found = known.get(key(status));
    return found != null && found.isOf(status) ? Optional.of(found.content) : Optional.empty();
  }

  /** Whether a change from this moment on shows in the times of a file, which is to be read now. */
  boolean showsChanges(FileStatus status) {
    long last = Math.max(status.mtimeSeconds(), status.ctimeSeconds());
    Instant settled = Instant.ofEpochSecond(last).plusSeconds(COARSEST_SECONDS);
    return FileStatus.major(status.fileSystem()) != 0 && settled.isBefore(clock.instant());
  }

  /** Keeps what was read of a file after this was its status, and {@link #showsChanges} of it. */
  synchronized void keep(FileStatus status, Content content) {
    if (content.size() == status.sizeBytes()) {
      known.put(
          key(status),
          new Known(
              status.mtimeSeconds(),
              status.mtimeNanos(),
              status.ctimeSeconds(),
              status.ctimeNanos(),
              content));
    }
  }

  private static Key key(FileStatus status) {
    return new Key(status.fileSystem(), status.inode());
  }
}
