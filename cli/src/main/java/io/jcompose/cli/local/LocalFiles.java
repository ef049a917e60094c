package io.jcompose.cli.local;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.archive.TarWriter;
import io.jcompose.images.archive.TreeReader;
import io.jcompose.images.archive.TreeWriter;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A local path at one end of a copy, by docker cp's rules (github.com/moby/go-archive, copy.go).
 * Immutable.
 *
 * @param path absolute, the directory's links resolved
 * @param name what the archive calls it; {@code .} for a directory's contents
 */
public record LocalFiles(Path path, String name, boolean isDirectory, boolean assertsDirectory) {

  /**
   * A path to copy from.
   *
   * @throws CommandFailure when it does not exist
   */
  public static LocalFiles source(String text, boolean followLink) {
    boolean dot = isContents(text);
    boolean slash = text.endsWith("/");
    Path path = absolute(text);
    try {
      boolean follow = followLink || dot || slash;
      Path real = follow ? path.toRealPath() : inRealParent(path);
      boolean directory = Files.isDirectory(real, LinkOption.NOFOLLOW_LINKS);
      if (!directory && (dot || slash)) {
        throw new CommandFailure("not a directory: " + text, 1);
      }
      boolean whole = dot || path.getFileName() == null;
      return new LocalFiles(
          real, whole ? "." : String.valueOf(path.getFileName()), directory, slash);
    } catch (NoSuchFileException e) {
      throw new CommandFailure("lstat " + path + ": no such file or directory", 1);
    } catch (IOException e) {
      throw new CommandFailure("cannot read " + path + ": " + e.getMessage(), 1);
    }
  }

  /**
   * A path to copy to.
   *
   * @throws CommandFailure when its directory does not exist
   */
  public static LocalFiles target(String text) {
    Path path = absolute(text);
    try {
      if (Files.exists(path)) {
        Path real = path.toRealPath();
        return new LocalFiles(real, "", Files.isDirectory(real), true);
      }
      Path parent = path.getParent();
      if (parent == null || !Files.isDirectory(parent)) {
        throw new CommandFailure(
            "invalid output path: directory \"" + parent + "\" does not exist", 1);
      }
      return new LocalFiles(inRealParent(path), "", false, text.endsWith("/"));
    } catch (IOException e) {
      throw new CommandFailure("cannot write to " + path + ": " + e.getMessage(), 1);
    }
  }

  private static Path absolute(String text) {
    return Path.of(Consoles.current().folder()).resolve(text).normalize();
  }

  private static boolean isContents(String text) {
    return text.endsWith("/.") || text.equals(".") || text.endsWith("/..") || text.equals("..");
  }

  private static Path inRealParent(Path path) throws IOException {
    Path parent = path.getParent();
    Path name = path.getFileName();
    if (parent == null || name == null) {
      return path;
    }
    Path real = parent.toRealPath().resolve(name);
    if (!Files.exists(real, LinkOption.NOFOLLOW_LINKS) && !Files.exists(parent)) {
      throw new NoSuchFileException(path.toString());
    }
    return real;
  }

  /** Writes this as an archive. */
  public void pack(OutputStream out) throws IOException {
    TarWriter writer = new TarWriter(out);
    TreeReader reader = new TreeReader(writer);
    try {
      if (isDirectory) {
        try (DirectoryFd directory = DirectoryFd.open(path)) {
          reader.directory(directory, latin(name));
        }
      } else {
        try (DirectoryFd parent = DirectoryFd.open(Objects.requireNonNull(path.getParent()))) {
          byte[] entry = String.valueOf(path.getFileName()).getBytes(StandardCharsets.UTF_8);
          if (!reader.entry(parent, entry, latin(name))) {
            throw new CommandFailure("lstat " + path + ": no such file or directory", 1);
          }
        }
      }
      writer.finish();
    } catch (KernelException e) {
      throw new CommandFailure("cannot copy " + path + ": " + e.getMessage(), 1);
    }
  }

  /**
   * Takes an archive whose names begin with {@code sourceName}, and nothing beside that: an engine
   * of another host may send anything.
   */
  public void unpack(
      InputStream in, String sourceName, boolean sourceIsDirectory, boolean keepOwners)
      throws IOException {
    boolean exists = Files.exists(path);
    if (exists && !isDirectory && sourceIsDirectory) {
      throw new CommandFailure("cannot copy directory to " + path + ", which is a file", 1);
    }
    if (!exists && !sourceIsDirectory && assertsDirectory) {
      throw new CommandFailure("no such directory: " + path, 1);
    }
    boolean privileged = keepOwners && "root".equals(System.getProperty("user.name"));
    TreeWriter.Owner owner =
        privileged ? new TreeWriter.Owner.OfArchive() : new TreeWriter.Owner.Caller();
    Path root = isDirectory ? path : Objects.requireNonNull(path.getParent());
    TreeWriter.Options options =
        isDirectory && sourceName.equals(".")
            ? TreeWriter.Options.plain(owner)
            : new TreeWriter.Options(
                owner,
                latin(sourceName),
                latin(isDirectory ? sourceName : String.valueOf(path.getFileName())));
    try (DirectoryFd directory = DirectoryFd.open(root)) {
      TreeWriter.unpack(in, directory, options);
    } catch (KernelException | JcomposeException e) {
      throw new CommandFailure("cannot copy to " + path + ": " + e.getMessage(), 1);
    }
  }

  /**
   * Takes a whole archive into this directory. What is in the way is replaced, and no link is
   * followed.
   */
  public void replaceWith(InputStream in) throws IOException {
    try (DirectoryFd directory = DirectoryFd.open(path)) {
      TreeWriter.unpack(in, directory, TreeWriter.Options.replacing(new TreeWriter.Owner.Caller()));
    } catch (KernelException | JcomposeException e) {
      throw new CommandFailure("cannot write to " + path + ": " + e.getMessage(), 1);
    }
  }

  private static String latin(String name) {
    return new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
