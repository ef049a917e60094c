package io.jcompose.build.ignore;

import java.util.ArrayList;
import java.util.List;

/** Paths as Go's package path cleans them, which all of Docker's tools use. */
public final class GoPath {
  private GoPath() {}

  /**
   * The shortest path of the same meaning: no empty, {@code .} or inner {@code ..} elements, no
   * slash at the end, nothing above the root. An empty path is {@code .}.
   */
  public static String clean(String path) {
    boolean rooted = path.startsWith("/");
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/")) {
      if (part.equals("..")) {
        if (!parts.isEmpty() && !parts.getLast().equals("..")) {
          parts.removeLast();
        } else if (!rooted) {
          parts.add(part);
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    String joined = String.join("/", parts);
    return rooted ? "/" + joined : joined.isEmpty() ? "." : joined;
  }
}
