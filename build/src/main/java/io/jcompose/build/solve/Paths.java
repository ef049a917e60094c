package io.jcompose.build.solve;

import java.util.ArrayDeque;
import java.util.Deque;

/** Paths inside of images. */
final class Paths {
  private Paths() {}

  /** Absolute and without dots; {@code ..} stops at the root. */
  static String absolute(String workingDir, String path) {
    String whole = path.startsWith("/") ? path : workingDir + "/" + path;
    Deque<String> parts = new ArrayDeque<>();
    for (String part : whole.split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return "/" + String.join("/", parts);
  }
}
