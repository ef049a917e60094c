package io.jcompose.build.context;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.ForeignFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** Symbolic links in a root file system, which lead nowhere outside of it. */
final class Links {
  private static final int MOST = 40; // as the kernel

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
   * The path that a path leads to, whether something is there or not; only links at its end are
   * followed here, the kernel follows those on the way.
   *
   * @param path without slashes at its ends
   */
  static String follow(DirectoryFd root, String path) {
    String now = path;
    for (int links = 0; links < MOST; links++) {
      String target = target(root, now);
      if (target.isEmpty()) {
        return now;
      }
      int cut = now.lastIndexOf('/');
      String parent = cut < 0 ? "" : now.substring(0, cut);
      now = clean(target.startsWith("/") ? target : parent + "/" + target);
    }
    throw new JcomposeException.InvalidArgument("/" + path + ": too many symbolic links");
  }

  /** What the link at a path says; empty when there is none. */
  private static String target(DirectoryFd root, String path) {
    if (path.isEmpty()) {
      return "";
    }
    int cut = path.lastIndexOf('/');
    String parent = cut < 0 ? "" : path.substring(0, cut);
    try (DirectoryFd directory = root.openInRoot(raw(parent));
        ForeignFile entry = directory.entry(raw(path.substring(cut + 1)))) {
      return entry.status().isSymlink()
          ? new String(entry.linkTarget(), StandardCharsets.UTF_8)
          : "";
    } catch (KernelException e) {
      return ""; // nothing is there
    }
  }

  private static byte[] raw(String utf8) {
    return utf8.getBytes(StandardCharsets.UTF_8);
  }
}
