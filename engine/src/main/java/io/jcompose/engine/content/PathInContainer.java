package io.jcompose.engine.content;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * A path of a container, looked up inside of it: the directory that holds its last component, or
 * that directory itself. Owned by the caller, who closes it.
 *
 * @param directory where {@code entry} is, or what the path means when {@code entry} is null
 * @param entry the last component, null when the path is the directory itself
 * @param status of what the path means; null when there is nothing
 * @param name the last component as it was asked for; {@code .} when the path ends with it
 */
@SuppressWarnings("ArrayRecordComponent") // a name as the kernel has it, never compared
record PathInContainer(
    DirectoryFd directory,
    byte @Nullable [] entry,
    @Nullable FileStatus status,
    String name,
    boolean assertsDirectory)
    implements AutoCloseable {
  private static final int LINK_LIMIT = 40; // as the kernel's own, man 7 path_resolution

  /**
   * Looks a path up.
   *
   * @param follow also follow a link at its end that no {@code /} follows
   * @throws JcomposeException.NotFound when a directory on the way does not exist
   */
  static PathInContainer find(DirectoryFd root, String path, boolean follow, String container) {
    List<String> parts = parts(path);
    boolean dot = path.endsWith("/.") || path.equals(".");
    boolean asserts = dot || path.endsWith("/") || parts.isEmpty();
    String name = dot || parts.isEmpty() ? "." : parts.getLast();
    String at = path;
    for (int links = 0; links < LINK_LIMIT; links++) {
      List<String> now = parts(at);
      String parent = String.join("/", now.subList(0, Math.max(0, now.size() - 1)));
      PathInContainer found = lookUp(open(root, parent, container), now, name, asserts);
      byte[] entry = found.entry;
      if (entry == null || found.status == null) {
        return found;
      }
      if (!found.status.isSymlink() || !(follow || asserts)) {
        return asserts ? found.entered(() -> open(root, String.join("/", now), container)) : found;
      }
      try (found) {
        String target = new String(found.directory.readLink(entry), StandardCharsets.UTF_8);
        at = target.startsWith("/") ? target : parent + "/" + target;
      }
    }
    throw new JcomposeException.InvalidArgument("too many links at " + path);
  }

  /** The last of the parts in the directory, which is closed when that fails. */
  private static PathInContainer lookUp(
      DirectoryFd directory, List<String> parts, String name, boolean asserts) {
    try {
      if (parts.isEmpty()) {
        return new PathInContainer(directory, null, directory.stat(), name, true);
      }
      byte[] entry = bytes(parts.getLast());
      FileStatus status = directory.stat(entry).orElse(null);
      return new PathInContainer(directory, entry, status, name, asserts);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /** The directory that this names instead of the one that holds it. */
  private PathInContainer entered(Supplier<DirectoryFd> opening) {
    try (DirectoryFd _ = directory) {
      DirectoryFd own = opening.get();
      return new PathInContainer(own, null, own.stat(), name, true);
    }
  }

  /** Opens the directory that the path means. */
  DirectoryFd openDirectory() {
    return entry == null ? directory.openInRoot(new byte[0]) : directory.openDirectory(entry);
  }

  boolean isDirectory() {
    return status != null && status.isDirectory();
  }

  /** The last component of what was found, after links. */
  String ownName() {
    return entry == null ? "." : new String(entry, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    directory.close();
  }

  /** Cleaned lexically, as Docker does it before any link is looked at. */
  private static List<String> parts(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return List.copyOf(parts);
  }

  private static DirectoryFd open(DirectoryFd root, String path, String container) {
    try {
      return root.openInRoot(bytes(path));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        throw new JcomposeException.NotFound(
            "Could not find the file /" + path + " in container " + container);
      }
      if (e.is(Errno.ELOOP)) {
        throw new JcomposeException.InvalidArgument(
            "too many links, or one that only the kernel may follow, at /" + path);
      }
      throw e;
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
