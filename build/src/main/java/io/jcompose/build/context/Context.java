package io.jcompose.build.context;

import io.jcompose.build.ignore.IgnoreFile;
import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.ForeignFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import jnr.constants.platform.Errno;

/** A folder that a build may copy from, which is read in place, less what .dockerignore says. */
public final class Context {
  private static final int IGNORE_LIMIT = 4 << 20;

  private final Path folder;
  private final IgnoreFile ignored;
  private final String name;

  private Context(Path folder, IgnoreFile ignored, String name) {
    this.folder = folder;
    this.ignored = ignored;
    this.name = name;
  }

  /**
   * @param folder absolute
   * @param dockerfile whose own ignore file counts before the folder's; empty for Dockerfile
   * @param name as messages call it
   * @throws JcomposeException.NotFound when there is no such folder
   */
  public static Context of(String folder, String dockerfile, String name) {
    if (folder.isEmpty()) {
      throw new JcomposeException.InvalidArgument("there is no build context to copy from");
    }
    if (!folder.startsWith("/")) {
      throw new JcomposeException.NotSupported(
          "the build context " + folder + " is no folder of the engine's host");
    }
    Path root = Path.of(folder);
    String file = dockerfile.isEmpty() ? "Dockerfile" : dockerfile;
    IgnoreFile ignored = ignored(root, file);
    return new Context(root, ignored, name + " " + folder);
  }

  /** One that a Dockerfile names, whose own ignore file is the only one. */
  public static Context named(String folder, String name) {
    Path root = Path.of(folder);
    IgnoreFile ignored = read(root, ".dockerignore").orElse(IgnoreFile.NONE);
    return new Context(root, ignored, name + " " + folder);
  }

  /** What a folder's builds leave out. */
  public static IgnoreFile ignored(Path root, String dockerfile) {
    return read(root, dockerfile + ".dockerignore")
        .or(() -> read(root, ".dockerignore"))
        .orElse(IgnoreFile.NONE);
  }

  private static Optional<IgnoreFile> read(Path root, String name) {
    Path file = root.resolve(name);
    try {
      String text = new String(ForeignFile.content(file, IGNORE_LIMIT), StandardCharsets.UTF_8);
      return Optional.of(IgnoreFile.parse(text, name));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return Optional.empty();
      }
      throw new JcomposeException.InvalidArgument("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** Its directory; the caller closes it. */
  public DirectoryFd open() {
    try {
      return DirectoryFd.open(folder);
    } catch (KernelException e) {
      throw new JcomposeException.NotFound(
          "unable to prepare context: path \"" + folder + "\" not found: " + e.getMessage());
    }
  }

  /**
   * @param root what {@link #open} gave
   */
  public Source source(DirectoryFd root) {
    return new Source(root, ignored::excludes, ignored::mayContainIncluded, false, name);
  }
}
