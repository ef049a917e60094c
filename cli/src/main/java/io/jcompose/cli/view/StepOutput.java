package io.jcompose.cli.view;

import io.jcompose.cli.terminal.Printable;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the steps of builds under way have printed: of each the last lines. Guarded by its owner.
 */
final class StepOutput {
  /** As {@code Builds.OUTPUT}, which this process may be without. */
  private static final String STATUS = "Output";

  /** As {@code Builds.NOT_CACHED}. */
  private static final String REASON = "Not cached";

  private static final int MOST_LINES = 1000;
  private static final int MOST_CHARACTERS = 64 << 10;
  private static final int MOST_STEPS = 64;
  private static final String ESCAPES = "\u001b\\[[0-9;?]*[A-Za-z]";

  private final Map<String, Lines> steps = new LinkedHashMap<>();

  /** One report, as it came. */
  record Line(Map<String, String> members, String json) {
    private int characters() {
      return members.getOrDefault("text", "").length();
    }
  }

  private static final class Lines {
    private final Deque<Line> last = new ArrayDeque<>();
    private int characters;

    void add(Line line) {
      last.add(line);
      characters += line.characters();
      while (last.size() > MOST_LINES || (characters > MOST_CHARACTERS && last.size() > 1)) {
        characters -= last.remove().characters();
      }
    }
  }

  /** Whether a report is a line that a step printed. */
  static boolean is(Map<String, String> members) {
    return STATUS.equals(members.get("status"));
  }

  /** Whether a report is why a step was carried out. */
  static boolean isReason(Map<String, String> members) {
    return REASON.equals(members.get("status"));
  }

  /** Whether a report is of a build or one of its steps. */
  static boolean isOfBuild(Map<String, String> members) {
    String status = members.getOrDefault("status", "");
    return isStep(members.getOrDefault("id", ""))
        || isCheck(members)
        || List.of("Building", "Built").contains(status);
  }

  /** What the check of a Dockerfile finds, as the engine's row is called. */
  static boolean isCheck(Map<String, String> members) {
    return "Build check".equals(members.get("id"));
  }

  /** {@code [web 2/5] RUN make}. */
  static boolean isStep(String id) {
    return id.startsWith("[");
  }

  /** The line behind the step's number, {@code [web 2/5] text}. */
  static String numbered(Map<String, String> members) {
    String id = members.getOrDefault("id", "");
    int end = id.indexOf(']');
    return Printable.line(end < 0 ? id : id.substring(0, end + 1)) + " " + text(members);
  }

  /**
   * What was printed, without what only a terminal understands: colours, and what it wrote over.
   */
  static String text(Map<String, String> members) {
    String text = members.getOrDefault("text", "").replaceAll(ESCAPES, "").stripTrailing();
    return Printable.text(text.substring(text.lastIndexOf('\r') + 1)).replace("\n", "\\n");
  }

  void add(Map<String, String> members, String json) {
    if (steps.size() >= MOST_STEPS && !steps.containsKey(key(members))) {
      steps.remove(steps.keySet().iterator().next());
    }
    steps.computeIfAbsent(key(members), key -> new Lines()).add(new Line(members, json));
  }

  /** The last lines of a step, the oldest first. */
  List<String> last(String key, int count) {
    Lines lines = steps.get(key);
    if (lines == null) {
      return List.of();
    }
    return lines.last.stream()
        .skip(Math.max(0, lines.last.size() - count))
        .map(line -> text(line.members))
        .toList();
  }

  /** Gives up what is kept of the step that a report is of. */
  List<Line> taken(Map<String, String> members) {
    Lines lines = steps.remove(key(members));
    return lines == null ? List.of() : List.copyOf(lines.last);
  }

  static String key(Map<String, String> members) {
    return members.getOrDefault("parent_id", "") + "/" + members.getOrDefault("id", "");
  }
}
