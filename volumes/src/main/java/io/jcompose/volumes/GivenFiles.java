package io.jcompose.volumes;

import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.FileTrees;
import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Makes the configs and secrets of a container: a source that keeps its owner and mode is bound as
 * it is, so that a change to it is seen; everything else becomes a file of its own below a
 * directory in memory, made anew at each start.
 */
public final class GivenFiles {
  private static final int READ_ALL = 0444;

  private GivenFiles() {}

  /**
   * Writes the files and returns their read-only mounts.
   *
   * @param directory the container's place for them, on a tmpfs; made when missing
   * @param ids what the owners in the container are on the host
   * @throws JcomposeException.NotFound for a missing source
   */
  public static List<Mount> mounts(List<FileSpec> files, Path directory, IdMap ids) {
    List<Mount> mounts = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      FileSpec file = files.get(i);
      Path source = file.source();
      check(file);
      boolean asIs = source != null && file.uid() < 0 && file.gid() < 0 && file.mode() < 0;
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
   * Refuses a file whose source is missing.
   *
   * @throws JcomposeException.NotFound naming it
   */
  public static void check(FileSpec file) {
    Path source = file.source();
    if (source != null && !Files.exists(source)) {
      throw new JcomposeException.NotFound(
          (file.secret() ? "secret " : "config ")
              + file.name()
              + ": the file "
              + source
              + " does not exist; make it, or correct its path in the compose file");
    }
  }

  /** Removes what {@link #mounts} wrote; removing what is gone succeeds. */
  public static void remove(Path directory) {
    try {
      FileTrees.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to remove " + directory, e);
    }
  }

  private static Path write(FileSpec file, Path path, IdMap ids) {
    try {
      Path parent = Objects.requireNonNull(path.getParent());
      Files.createDirectories(
          parent,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.deleteIfExists(path);
      Set<PosixFilePermission> owner = PosixFilePermissions.fromString("rw-------");
      Files.createFile(path, PosixFilePermissions.asFileAttribute(owner));
      Files.write(path, content(file));
      Files.setAttribute(path, "unix:uid", ids.hostUser((int) Math.max(0, file.uid())));
      Files.setAttribute(path, "unix:gid", ids.hostGroup((int) Math.max(0, file.gid())));
      Files.setAttribute(path, "unix:mode", file.mode() < 0 ? READ_ALL : file.mode());
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "failed to write " + (file.secret() ? "secret " : "config ") + file.name(), e);
    }
  }

  private static byte[] content(FileSpec file) throws IOException {
    String content = file.content();
    Path source = file.source();
    if (content != null) {
      return content.getBytes(StandardCharsets.UTF_8);
    }
    return source == null ? new byte[0] : Files.readAllBytes(source);
  }
}
