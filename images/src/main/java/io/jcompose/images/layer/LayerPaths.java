package io.jcompose.images.layer;

import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What paths a layer may have: how deep, how long, and that none leads out. Pure. */
final class LayerPaths {
  private static final int DEPTH_LIMIT = 120;

  /** Of a directory's real path, in bytes: those of the open ones are in memory. */
  private static final int PATH_LIMIT = 4096;

  private LayerPaths() {}

  /** The names on a path, without those that say nothing. */
  static List<String> components(String path) {
    List<String> components =
        Arrays.stream(path.split("/")).filter(c -> !c.isEmpty() && !c.equals(".")).toList();
    if (components.size() > DEPTH_LIMIT) {
      throw new JcomposeException.Corrupt(
          "path of " + components.size() + " levels in a layer, limit " + DEPTH_LIMIT);
    }
    return components;
  }

  /** The components of a name without {@code ..}; a name that leads out is corrupt. */
  static List<String> clean(String name) {
    ArrayList<String> path = new ArrayList<>();
    for (String component : components(name)) {
      if (!component.equals("..")) {
        path.add(component);
      } else if (!path.isEmpty()) {
        path.removeLast();
      } else if (!name.startsWith("/")) {
        throw new JcomposeException.Corrupt("entry \"" + name + "\" of a layer is outside of it");
      }
    }
    return path;
  }

  /** By links that lead to where others end, a layer could go on to any depth. */
  static void checkDepth(String path) {
    long levels = path.chars().filter(c -> c == '/').count() + 1;
    if (levels > DEPTH_LIMIT || path.length() > PATH_LIMIT) {
      throw new JcomposeException.Corrupt(
          "directory of %d levels and %d bytes in a layer, limit %d and %d"
              .formatted(levels, path.length(), DEPTH_LIMIT, PATH_LIMIT));
    }
  }
}
