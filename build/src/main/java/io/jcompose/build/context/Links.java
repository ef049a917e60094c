package io.jcompose.build.context;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.ForeignFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Symbolic links in a root file system, which lead nowhere outside of it. */
final class Links {
  private static final int MOST = 40; // as the kernel
  private static final int LONGEST = 4096; // as the kernel

  private Links() {}

  /** Without slashes at its ends and dots; {@code ..} stops at the root. */
  static String clean(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }

  /**
   * The path that a path leads to when every link in it is followed (man 3 realpath, inside of the
   * root). Where nothing is, it goes on as it is written.
   *
   * @return without slashes at its ends and dots; empty for the root
   * @throws JcomposeException.InvalidArgument for more than 40 links, or 4096 characters
   */
  static String real(DirectoryFd root, String path) {
    Deque<String> ahead = new ArrayDeque<>(List.of(path.split("/")));
    String done = "";
    int links = 0;
    while (!ahead.isEmpty()) {
      String part = ahead.removeFirst();
      if (part.equals("..")) {
        done = parent(done);
      } else if (!part.isEmpty() && !part.equals(".")) {
        String target = target(root, done, part);
        if (target.isEmpty()) {
          done = done.isEmpty() ? part : done + "/" + part;
        } else if (++links > MOST) {
          throw new JcomposeException.InvalidArgument("/" + path + ": too many symbolic links");
        } else {
          done = target.startsWith("/") ? "" : done;
          List.of(target.split("/")).reversed().forEach(ahead::addFirst);
        }
      }
      if (done.length() > LONGEST) {
        throw new JcomposeException.InvalidArgument(
            "/" + path + " leads to a path that is too long");
      }
    }
    return done;
  }

  static String parent(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** What the link of that name says; empty when there is none. */
  private static String target(DirectoryFd root, String parent, String name) {
    try (DirectoryFd directory = root.openInRoot(raw(parent));
        ForeignFile entry = directory.entry(raw(name))) {
      return entry.status().isSymlink()
          ? new String(entry.linkTarget(), StandardCharsets.UTF_8)
          : "";
    } catch (KernelException e) {
      return ""; // nothing is there
    }
  }

  static byte[] raw(String utf8) {
    return utf8.getBytes(StandardCharsets.UTF_8);
  }
}
