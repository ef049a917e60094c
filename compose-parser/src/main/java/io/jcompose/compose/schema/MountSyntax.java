package io.jcompose.compose.schema;

import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The short form of a service's volumes: {@code [source:]target[:options]}. */
public final class MountSyntax {
  private static final Set<String> PROPAGATION =
      Set.of("rprivate", "private", "rshared", "shared", "rslave", "slave");

  private final Problems problems;

  public MountSyntax(Problems problems) {
    this.problems = problems;
  }

  /** Fills {@code map} with the long form; null when it is wrong, which is recorded. */
  @Nullable
  public Node mount(Scalar scalar, MapNode map, String path) {
    String text = scalar.text();
    List<String> parts = split(text);
    if (text.isEmpty() || parts.contains("") || parts.size() > 3) {
      problems.error(
          scalar.position,
          path,
          "invalid spec: "
              + text
              + ": "
              + (text.isEmpty() || parts.contains("")
                  ? "empty section between colons"
                  : "too many colons"));
      return null;
    }
    if (parts.size() == 1) {
      map.put("type", "volume");
      map.put("target", clean(parts.getFirst()));
      if (text.length() > 2) { // Docker Compose reads the shorter ones apart
        map.entries.put("volume", new MapNode(map.position));
      }
      return map;
    }
    String source = parts.get(0);
    boolean bind = isPath(source);
    map.put("type", bind ? "bind" : "volume");
    map.put("source", source);
    map.put("target", clean(parts.get(1)));
    MapNode options = section(map, bind ? "bind" : "volume");
    if (bind) {
      options.put("create_host_path", true);
    }
    for (String option : parts.size() < 3 ? new String[0] : parts.get(2).split(",")) {
      option(option, map, scalar, path);
    }
    return map;
  }

  private static MapNode section(MapNode map, String key) {
    MapNode section = map.map(key);
    if (section == null) {
      section = new MapNode(map.position);
      map.entries.put(key, section);
    }
    return section;
  }

  /** As in Docker Compose an option's section does not depend on the type of the mount. */
  private void option(String option, MapNode map, Scalar scalar, String path) {
    switch (option) {
      case "ro" -> map.put("read_only", true);
      case "rw", "" -> {}
      case "nocopy" -> section(map, "volume").put("nocopy", true);
      case "z", "Z" -> section(map, "bind").put("selinux", option);
      // Docker Compose reads these out of the long form only; they mean nothing on Linux.
      case "cached", "delegated", "consistent" -> {}
      default -> {
        if (PROPAGATION.contains(option)) {
          section(map, "bind").put("propagation", option);
        } else if (option.indexOf('$') < 0) {
          problems.warn(
              scalar.position,
              path,
              "unknown volume option "
                  + option
                  + " is ignored"
                  + Problems.suggestion(
                      option, List.of("ro", "rw", "nocopy", "z", "rshared", "rslave", "rprivate")));
        }
      }
    }
  }

  /**
   * Splits at colons, but not after a Windows drive letter: before a backslash, or before a slash
   * where a target follows. Docker Compose takes a volume with a one-letter name for a drive, too.
   */
  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    int braces = 0; // a load without interpolation still has ${A:-b}
    for (int i = 0; i < text.length(); i++) {
      if (text.startsWith("${", i)) {
        braces++;
      } else if (text.charAt(i) == '}' && braces > 0) {
        braces--;
      }
      boolean drive = i == start + 1 && isDrive(text, i);
      if (text.charAt(i) == ':' && !drive && braces == 0) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }

  private static boolean isDrive(String text, int colon) {
    if (colon + 1 == text.length()) {
      return false;
    }
    char next = text.charAt(colon + 1);
    return next == '\\' || (next == '/' && colon == 1 && text.indexOf(":/", colon + 1) > 0);
  }

  static boolean isPath(String source) {
    char first = source.charAt(0);
    return first == '.'
        || first == '/'
        || first == '~'
        || first == '\\'
        || (source.length() > 2 && source.charAt(1) == ':');
  }

  /** Go's path.Clean. */
  public static String clean(String path) {
    if (path.isEmpty() || path.indexOf('\\') >= 0) {
      return path;
    }
    boolean rooted = path.startsWith("/");
    List<String> out = new ArrayList<>();
    for (String part : path.split("/")) {
      if (part.equals("..") && !out.isEmpty() && !out.getLast().equals("..")) {
        out.removeLast();
      } else if (!part.isEmpty() && !part.equals(".") && !(part.equals("..") && rooted)) {
        out.add(part);
      }
    }
    String joined = (rooted ? "/" : "") + String.join("/", out);
    return joined.isEmpty() ? "." : joined;
  }
}
