package io.jcompose.build.lint;

import io.jcompose.build.instruction.From;
import io.jcompose.build.word.WordException;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Spelling;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks what stages begin with: their images' names and platforms. */
final class FromCheck {
  private static final String TARGET = "TARGETPLATFORM";
  private static final Pattern PLATFORM =
      Pattern.compile("([a-zA-Z0-9_.-]+)(?:/([a-zA-Z0-9_.-]+))?(?:/[a-zA-Z0-9_.-]+)?");

  private final Globals globals;
  private final Findings findings;

  FromCheck(Globals globals, Findings findings) {
    this.globals = globals;
    this.findings = findings;
  }

  void check(List<From> froms) {
    for (From from : froms) {
      image(from);
      if (from.platform() != null) {
        platform(from, from.platform());
      }
    }
  }

  private void image(From from) {
    Uses uses = expand(from, from.image());
    String result = Globals.expand(globals.words(), from.image(), globals.defaults());
    boolean expanded = !uses.known().isEmpty() || !uses.unknown().isEmpty();
    if (expanded && result != null && (result.isEmpty() || !isReference(result))) {
      findings.add(
          Rule.INVALID_DEFAULT_ARG_IN_FROM,
          from.place(),
          "Default value for ARG " + from.image() + " results in empty or invalid base image name");
    }
  }

  private static boolean isReference(String name) {
    try {
      ImageReference.parse(name);
      return true;
    } catch (JcomposeException e) {
      return false;
    }
  }

  private void platform(From from, String platform) {
    Uses uses = expand(from, platform);
    if (uses.known().equals(Set.of(TARGET)) && uses.unknown().isEmpty()) {
      if (platform.equals("$" + TARGET) || platform.equals("${" + TARGET + "}")) {
        findings.add(
            Rule.REDUNDANT_TARGET_PLATFORM,
            from.place(),
            "Setting platform to predefined "
                + platform
                + " in FROM is redundant as this is the default behavior");
      }
    } else if (uses.known().isEmpty() && uses.unknown().isEmpty()) {
      constant(from, platform);
    }
  }

  /** A stage whose name says which platform it is for means it. */
  private void constant(From from, String platform) {
    var match = PLATFORM.matcher(platform);
    if (!match.matches()) {
      return;
    }
    String name = from.alias() == null ? "" : from.alias();
    boolean named =
        name.contains(match.group(1)) || (match.group(2) != null && name.contains(match.group(2)));
    if (!named) {
      findings.add(
          Rule.FROM_PLATFORM_FLAG_CONST_DISALLOWED,
          from.place(),
          "FROM --platform flag should not use constant value \"" + platform + "\"");
    }
  }

  private Uses expand(From from, String raw) {
    Map<String, String> values = globals.values();
    Uses uses = new Uses(new LinkedHashSet<>(), new LinkedHashSet<>());
    try {
      var _ =
          globals
              .words()
              .expand(
                  raw,
                  name -> {
                    (values.containsKey(name) ? uses.known() : uses.unknown()).add(name);
                    return values.get(name);
                  });
    } catch (WordException e) {
      return uses; // the build says so
    }
    for (String name : uses.unknown()) {
      String meant =
          Spelling.closest(name, values.keySet())
              .map(each -> " (did you mean " + each + "?)")
              .orElse("");
      findings.add(
          Rule.UNDEFINED_ARG_IN_FROM,
          from.place(),
          "FROM argument '" + name + "' is not declared" + meant);
    }
    return uses;
  }

  /** The variables of a word. */
  private record Uses(Set<String> known, Set<String> unknown) {}
}
