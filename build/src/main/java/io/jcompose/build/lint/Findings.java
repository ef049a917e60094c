package io.jcompose.build.lint;

import io.jcompose.build.dockerfile.Directives;
import io.jcompose.build.instruction.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what rules find, but those that the Dockerfile has switched off; the first thousand. */
final class Findings {
  private static final int MOST = 1000;

  private final Directives directives;
  private final List<Finding> found = new ArrayList<>();

  Findings(Directives directives) {
    this.directives = directives;
  }

  void add(Rule rule, Place place, String message) {
    if (found.size() < MOST && isOn(rule)) {
      found.add(new Finding(rule, message, place));
    }
  }

  private boolean isOn(Rule rule) {
    boolean asked =
        directives.experimental().contains("all")
            || directives.experimental().contains(rule.title());
    return !directives.skipAll()
        && !directives.skip().contains(rule.title())
        && (!rule.isExperimental() || asked);
  }

  /** In the order of the file. */
  List<Finding> sorted() {
    return found.stream().sorted(Comparator.comparingInt(each -> each.place().line())).toList();
  }
}
