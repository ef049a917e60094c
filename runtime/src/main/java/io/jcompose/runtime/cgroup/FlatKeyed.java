package io.jcompose.runtime.cgroup;

import java.util.HashMap;
import java.util.Map;

/** The kernel's flat keyed files, {@code key value} a line: Documentation/admin-guide/cgroup-v2. */
public final class FlatKeyed {
  private FlatKeyed() {}

  public static Map<String, Long> parse(String text) {
    Map<String, Long> values = new HashMap<>();
    for (String line : text.split("\n")) {
      int space = line.indexOf(' ');
      if (space > 0) {
        values.put(line.substring(0, space), number(line.substring(space + 1)));
      }
    }
    return values;
  }

  /** 0 for what is no number, such as {@code max}. */
  public static long number(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
