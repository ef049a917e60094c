package io.jcompose.volumes;

import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.core.file.FileTrees;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.ForeignFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import jnr.constants.platform.Errno;

/**
 * Makes the configs and secrets of a container: a source that keeps its owner and mode is bound as
 * it is, so that a change to it is seen; everything else becomes a file of its own below a
 * directory in memory, made anew at each start.
 */
public final class GivenFiles {
  private static final int READ_ALL = 0444;
  private static final int BUFFER = 1 << 16;
  private static final long MAX_BYTES = 256L << 20; // of memory: the copies are on a tmpfs
  private static final long NULL_DEVICE = FileStatus.device(1, 3);

  private GivenFiles() {}

  /**
   * Writes the files and returns their read-only mounts.
   *
   * @param directory the container's place for them, on a tmpfs; made when missing
   * @param ids what the owners in the container are on the host
   * @throws JcomposeException.NotFound for a missing source
   * @throws JcomposeException.InvalidArgument for one that cannot be copied and must be
   */
  public static List<Mount> mounts(List<FileSpec> files, Path directory, IdMap ids) {
    List<Mount> mounts = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      FileSpec file = files.get(i);
      Path source = file.source();
      check(file);
      boolean asIs = !file.isCopied();
      Path path =
          asIs
              ? Objects.requireNonNull(source)
              : write(file, directory.resolve(Integer.toString(i)), ids);
      // A copy belongs to the right one already: tmpfs has no id-mapped mounts before Linux 6.3.
      mounts.add(new Mount.Bind(path, file.target(), true, false, "rprivate", asIs));
    }
    return mounts;
  }

  /**
   * Refuses a file whose source is missing, or cannot be copied where it must be.
   *
   * @throws JcomposeException.NotFound naming it
   * @throws JcomposeException.InvalidArgument for one that is no regular file, or too large
   */
  public static void check(FileSpec file) {
    Path source = file.source();
    if (source == null) {
      return;
    }
    try (ForeignFile found = ForeignFile.at(source)) {
      if (file.isCopied()) {
        checkCopied(file, source, found.status());
      }
    } catch (KernelException e) {
      throw new JcomposeException.NotFound(
          name(file)
              + (e.is(Errno.ENOENT)
                  ? ": the file " + source + " does not exist"
                  : ": the file cannot be reached: " + e.getMessage())
              + "; make it, or correct its path in the compose file");
    }
  }

  private static void checkCopied(FileSpec file, Path source, FileStatus status) {
    if (!status.isRegular() && !isNull(status)) {
      throw new JcomposeException.InvalidArgument(
          name(file)
              + ": "
              + source
              + " is "
              + status.type().words()
              + ", and only a regular file can be given an owner or mode: leave uid, gid and mode"
              + " out, or name a file");
    }
    if (status.sizeBytes() > MAX_BYTES) {
      throw tooLarge(file);
    }
  }

  /** Of {@code /dev/null}, whose content is none. */
  private static boolean isNull(FileStatus status) {
    return status.type() == FileStatus.Type.CHARACTER && status.device() == NULL_DEVICE;
  }

  private static JcomposeException tooLarge(FileSpec file) {
    return new JcomposeException.InvalidArgument(
        name(file)
            + ": "
            + file.source()
            + " has more than "
            + (MAX_BYTES >> 20)
            + " MiB, too much to be copied into memory: leave uid, gid and mode out, so that it is"
            + " mounted as it is");
  }

  private static String name(FileSpec file) {
    return (file.secret() ? "secret " : "config ") + file.name();
  }

  /** Removes what {@link #mounts} wrote; removing what is gone succeeds. */
  public static void remove(Path directory) {
    try {
      FileTrees.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to remove " + directory, e);
    }
  }

  /**
   * Removes what others than these have; goes on after one that cannot be removed, and throws then.
   *
   * @param all the directory of the containers' directories; may be missing
   * @param keep names of those that stay
   */
  public static void sweep(Path all, Set<String> keep) {
    if (!Files.isDirectory(all)) {
      return;
    }
    UncheckedIOException failure = null;
    try (var directories = Files.newDirectoryStream(all)) {
      for (Path directory : directories) {
        try {
          if (!keep.contains(String.valueOf(directory.getFileName()))) {
            remove(directory);
          }
        } catch (UncheckedIOException e) {
          failure = e;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to sweep " + all, e);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static Path write(FileSpec file, Path path, IdMap ids) {
    try {
      Path parent = Objects.requireNonNull(path.getParent());
      Files.createDirectories(
          parent,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.deleteIfExists(path);
      try (DirectoryFd directory = DirectoryFd.open(parent);
          FileFd made = directory.createFile(raw(path), 0600)) {
        write(file, made);
        made.chown(
            ids.hostUser((int) Math.max(0, file.uid())),
            ids.hostGroup((int) Math.max(0, file.gid())));
        made.chmod(file.mode() < 0 ? READ_ALL : file.mode());
      }
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException("failed to write " + name(file), e);
    } catch (KernelException e) {
      if (e.is(Errno.ENOSPC) || e.is(Errno.EDQUOT)) {
        throw new JcomposeException.Unavailable(
            "no space left on device while " + name(file) + " was copied to " + path, e);
      }
      throw new JcomposeException.Internal(
          "failed to write " + name(file) + ": " + e.getMessage(), e);
    }
  }

  private static byte[] raw(Path path) {
    return String.valueOf(path.getFileName()).getBytes(StandardCharsets.UTF_8);
  }

  private static void write(FileSpec file, FileFd made) {
    String content = file.content();
    Path source = file.source();
    if (content != null) {
      byte[] text = content.getBytes(StandardCharsets.UTF_8);
      made.write(text, text.length);
    } else if (source != null) {
      try (ForeignFile found = ForeignFile.at(source)) {
        checkCopied(file, source, found.status());
        if (found.status().isRegular()) {
          copy(file, found, made);
        }
      }
    }
  }

  /** To its end, and not only as far as it says: files of the kernel's say 0. */
  private static void copy(FileSpec file, ForeignFile found, FileFd made) {
    byte[] buffer = new byte[BUFFER];
    long total = 0;
    try (FileFd in = found.read()) {
      for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
        total += count;
        if (total > MAX_BYTES) {
          throw tooLarge(file);
        }
        made.write(buffer, count);
      }
    }
  }
}
