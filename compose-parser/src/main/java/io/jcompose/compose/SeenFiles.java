package io.jcompose.compose;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Files of a load, and what each was before it was looked at: by which it can be told later whether
 * another load would see the same. What a program writes to a file that it has in its memory is
 * seen when it lets go of it (man 2 mmap). Confined to one thread.
 */
final class SeenFiles implements SourceFiles {
  /** The coarsest times that a file system keeps (FAT). */
  private static final Duration COARSEST = Duration.ofSeconds(2);

  private static final int MINOR_BITS = 8; // man 3 makedev

  private static final int MAJORS = 0xfff;

  /** Where nothing changes but by this kernel, which sets the time of change. */
  private static final Set<String> LOCAL =
      Set.of("bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs");

  private static final String ATTRIBUTES = "unix:dev,ino,mode,size,lastModifiedTime,ctime";

  private final SourceFiles files;
  private final Instant begun;
  private final Map<Path, Optional<Inode>> seen = new HashMap<>();
  private long bytes;
  private boolean unsure;

  SeenFiles(SourceFiles files, Instant begun) {
    this.files = files;
    this.begun = begun;
  }

  /**
   * What man 7 inode says of a file.
   *
   * @param device with the number it names a file as long as that lives
   * @param changed of the inode: nobody can set it
   */
  record Inode(
      Object device, Object number, Object mode, Object size, FileTime modified, FileTime changed) {
    boolean isSettled(Instant limit) {
      return modified.toInstant().isBefore(limit) && changed.toInstant().isBefore(limit);
    }
  }

  /** What is at a path; empty where nothing is. */
  private static Optional<Inode> now(Path file) throws IOException {
    try {
      Map<String, Object> found = Files.readAttributes(file, ATTRIBUTES);
      return Optional.of(
          new Inode(
              value(found, "dev"),
              value(found, "ino"),
              value(found, "mode"),
              value(found, "size"),
              (FileTime) value(found, "lastModifiedTime"),
              (FileTime) value(found, "ctime")));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static Object value(Map<String, Object> found, String name) {
    return Objects.requireNonNull(found.get(name));
  }

  private void see(Path file) {
    try {
      if (!seen.containsKey(file)) {
        seen.put(file, now(file));
      }
    } catch (IOException e) {
      unsure = true;
    }
  }

  @Override
  public Look look(Path file) {
    see(file);
    return files.look(file);
  }

  @Override
  public byte[] read(Path file, int maxBytes) throws IOException {
    see(file);
    byte[] content = files.read(file, maxBytes);
    bytes += content.length;
    return content;
  }

  /** How much was read. */
  long bytes() {
    return bytes;
  }

  @Override
  public Optional<Fetch> fetched(String reference) {
    unsure = true;
    return files.fetched(reference);
  }

  @Override
  public void fetched(String reference, Fetch result) {
    unsure = true;
    files.fetched(reference, result);
  }

  /**
   * What was seen; null where a change could go unnoticed: of files elsewhere, and of such that
   * were changed so lately that the next change may bear the same time.
   */
  @Nullable Map<Path, Optional<Inode>> all() {
    if (unsure || !seen.entrySet().stream().allMatch(this::tellsOfChange)) {
      return null;
    }
    return Map.copyOf(seen);
  }

  private boolean tellsOfChange(Map.Entry<Path, Optional<Inode>> entry) {
    Path file = entry.getKey();
    if (entry.getValue().isEmpty()) {
      Path folder = file.getParent();
      return folder != null && isLocal(folder);
    }
    return entry.getValue().get().isSettled(begun.minus(COARSEST)) && isLocal(file);
  }

  /** On a disk of this host, or of a file system that is known by its name. */
  private static boolean isLocal(Path path) {
    try {
      long device = (Long) Objects.requireNonNull(Files.getAttribute(path, "unix:dev"));
      boolean isDisk = (device >> MINOR_BITS & MAJORS) != 0; // 0 is that of no device: proc, nfs
      return isDisk || LOCAL.contains(Files.getFileStore(path).type());
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether all that was seen is as it was. */
  static boolean areSame(Map<Path, Optional<Inode>> seen) {
    try {
      for (Map.Entry<Path, Optional<Inode>> entry : seen.entrySet()) {
        if (!now(entry.getKey()).equals(entry.getValue())) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
