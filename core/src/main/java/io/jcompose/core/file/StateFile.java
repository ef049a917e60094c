package io.jcompose.core.file;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small file that is replaced as a whole: after a crash it holds the old content or the new one,
 * never a part. Written by temp file, fsync, rename, and fsync of the directory.
 */
public final class StateFile {
  private static final Logger LOG = LoggerFactory.getLogger(StateFile.class);
  private static final String TEMP_SUFFIX = ".tmp";
  private static final String DAMAGED = ".damaged";

  /**
   * Where the engine keeps files below the state root, docs/data-layout.md: others may have any
   * name, such as those in volumes, and volumes themselves.
   */
  private static final Pattern SET_ASIDE =
      Pattern.compile(
          "(engine\\.lock|(containers/[^/]+|networks|projects|images|images/l|images/blobs/[^/]+"
              + "|images/repositories|registry|registry/tls)/[^/]+"
              + "|volumes/[^/]+/volume\\.json|images/snapshots/[^/]+/layer\\.json)"
              + "\\.damaged(\\.\\d+)?");

  private static final int DEPTH = 4;

  /** The text of ENOSPC, which the JDK tells by no type; the engine's locale is C or UTF-8's. */
  private static final String NO_SPACE = "No space left on device";

  private StateFile() {}

  /**
   * Replaces the content durably; the file's mode is 0600. Makes missing parent directories.
   *
   * @throws JcomposeException.Unavailable when the disk is full; the old content stays
   */
  public static void write(Path file, byte[] content) {
    write(file, content, true);
  }

  /**
   * Replaces the content atomically but leaves the moment of writing to the kernel. A killed
   * process loses nothing by it, but after a power cut the file is the old one, the new one,
   * missing, or <em>empty</em>: XFS, and ext4 with noauto_da_alloc, may have the new name before
   * the bytes. So it is only for files of which all can be found out again, never for one that was
   * written durably before; read it by {@link #loadVolatile}.
   */
  public static void writeVolatile(Path file, byte[] content) {
    write(file, content, false);
  }

  /**
   * The content, or empty when the file does not exist.
   *
   * @throws JcomposeException.Corrupt for a directory of that name
   */
  public static Optional<byte[]> read(Path file) {
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      if (Files.isDirectory(file)) {
        throw new JcomposeException.Corrupt(file + " is a directory", e);
      }
      throw new UncheckedIOException("failed to read " + file, e);
    }
  }

  /**
   * What a file says. One that cannot be understood is set aside and told, and counts as missing:
   * one damaged object must not keep the others from working.
   *
   * @param parse throws any exception for a text that it cannot understand
   * @param loss what a person has lost by it, and can do, for the message
   */
  public static <T> Optional<T> load(Path file, Function<byte[], T> parse, String loss) {
    try {
      Optional<byte[]> content = read(file);
      return content.isEmpty()
          ? Optional.empty()
          : Optional.of(Objects.requireNonNull(parse.apply(content.get()), "it is empty"));
    } catch (UncheckedIOException e) {
      throw e; // says nothing about the content
    } catch (RuntimeException e) {
      setAside(file, e.getMessage() + "; " + loss);
      return Optional.empty();
    }
  }

  /**
   * What a file says that {@link #writeVolatile} wrote; empty when it is missing. One that cannot
   * be understood is what a power cut leaves, and nobody's loss: it stays until it is written
   * again.
   *
   * @param damaged what such a file counts as
   */
  public static <T> Optional<T> loadVolatile(Path file, Function<byte[], T> parse, T damaged) {
    try {
      return read(file).map(content -> Objects.requireNonNull(parse.apply(content), "it is empty"));
    } catch (UncheckedIOException e) {
      throw e; // says nothing about the content
    } catch (RuntimeException e) {
      LOG.warn("{} was cut off, by a power cut perhaps: {}", file, e.getMessage());
      return Optional.of(damaged);
    }
  }

  /** Gives a damaged file, or what is there in its place, another name, and tells a person. */
  public static void setAside(Path file, String why) {
    try {
      Path aside = file.resolveSibling(file.getFileName() + DAMAGED);
      for (int n = 2; Files.exists(aside); n++) {
        aside = file.resolveSibling(file.getFileName() + DAMAGED + "." + n);
      }
      Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
      LOG.error("{} is damaged and was set aside as {}: {}", file, aside.getFileName(), why);
    } catch (NoSuchFileException e) {
      LOG.debug("{} is gone already", file);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to set the damaged " + file + " aside", e);
    }
  }

  /** What was set aside below a state root, sorted. */
  public static List<Path> setAside(Path stateRoot) {
    try (Stream<Path> found =
        Files.find(
            stateRoot,
            DEPTH,
            (path, attributes) ->
                SET_ASIDE.matcher(stateRoot.relativize(path).toString()).matches())) {
      return found.sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("cannot look through {}: {}", stateRoot, e.toString());
      return List.of(); // something was removed meanwhile
    }
  }

  /** Removes the file durably; removing what is gone succeeds. */
  public static void delete(Path file) {
    try {
      if (Files.deleteIfExists(file)) {
        syncDirectory(parent(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to delete " + file, e);
    }
  }

  /** Gives the file another name in its directory, durably; what is gone is passed over. */
  public static void rename(Path file, String name) {
    try {
      Files.move(file, file.resolveSibling(name), StandardCopyOption.ATOMIC_MOVE);
      syncDirectory(parent(file));
    } catch (NoSuchFileException e) {
      LOG.debug("{} is gone already", file);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to take away " + file, e);
    }
  }

  /** Removes what interrupted writes left in a directory, which may be missing; of a start. */
  public static void removeLeftovers(Path directory) {
    try (Stream<Path> all = Files.list(directory)) {
      for (Path file : all.filter(StateFile::isLeftover).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException e) {
      LOG.debug("{} is not there yet", directory);
    } catch (IOException e) {
      LOG.warn("failed to look through {}, the next start tries again", directory, e);
    }
  }

  /** True for the name of a file that an interrupted write left; a start may delete it. */
  public static boolean isLeftover(Path file) {
    return file.toString().endsWith(TEMP_SUFFIX);
  }

  private static void write(Path file, byte[] content, boolean durable) {
    Path temp =
        file.resolveSibling(
            "." + file.getFileName() + "." + Thread.currentThread().threadId() + TEMP_SUFFIX);
    try {
      Files.createDirectories(parent(file));
      try (FileChannel channel =
          FileChannel.open(
              temp,
              Set.of(
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.TRUNCATE_EXISTING),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        ByteBuffer buffer = ByteBuffer.wrap(content);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        if (durable) {
          channel.force(true);
        }
      }
      if (Files.isDirectory(file)) {
        setAside(file, "it is a directory");
      }
      Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE);
      if (durable) {
        syncDirectory(parent(file));
      }
    } catch (IOException e) {
      throw failedToWrite(file, temp, e);
    }
  }

  private static RuntimeException failedToWrite(Path file, Path temp, IOException cause) {
    try {
      Files.deleteIfExists(temp);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    if (String.valueOf(cause.getMessage()).contains(NO_SPACE)) {
      return new JcomposeException.Unavailable(
          "no space left on device while writing "
              + file
              + "; free some, for example with 'jcompose system prune'",
          cause);
    }
    return new UncheckedIOException("failed to write " + file, cause);
  }

  private static Path parent(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("not a file in a directory: " + file);
    }
    return parent;
  }

  private static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
