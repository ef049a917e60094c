package io.jcompose.cli.flags;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * {@code --security-opt}: profiles of files are sent as their text. Immutable.
 *
 * @param options what goes to the engine
 * @param showsPaths whether no path of the kernel is hidden or read-only
 */
record SecurityOptions(List<String> options, boolean showsPaths) {
  private static final String NO_MORE = "no-new-privileges";

  static SecurityOptions of(Flags flags) {
    List<String> options = new ArrayList<>();
    boolean shows = false;
    for (String text : flags.all("security-opt")) {
      if (text.equals("systempaths=unconfined")) {
        shows = true;
      } else {
        options.add(option(text, flags));
      }
    }
    return new SecurityOptions(options, shows);
  }

  private static String option(String text, Flags flags) {
    int cut = text.indexOf('=');
    if (cut < 0 && !text.equals(NO_MORE)) {
      cut = text.indexOf(':');
    }
    String name = cut < 0 ? text : text.substring(0, cut);
    String value = cut < 0 ? "" : text.substring(cut + 1);
    if (value.isEmpty() && !name.equals(NO_MORE)) {
      throw InvalidFlag.conflict("Invalid --security-opt: \"" + text + "\"");
    }
    if (name.equals("seccomp") && !Set.of("unconfined", "builtin").contains(value)) {
      return "seccomp=" + profile(value, flags);
    }
    return text;
  }

  private static String profile(String file, Flags flags) {
    try {
      return flags.file(file);
    } catch (InvalidFlag | IllegalArgumentException e) {
      throw InvalidFlag.conflict(
          "opening seccomp profile (" + file + ") failed: " + e.getMessage());
    }
  }
}
