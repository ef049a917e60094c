package io.jcompose.compose;

import io.jcompose.compose.Node.ListNode;
import io.jcompose.compose.Node.MapNode;
import io.jcompose.compose.Node.Scalar;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is legal in a project and likely wrong: {@code config --lint}. Looks at what the files
 * say, of all profiles. A finding is an error when the project cannot work that way, else a
 * warning; errors make the exit code 1. {@code x-lint-ignore}, a list of rules at the top of a file
 * or in a service, switches rules off.
 */
final class Lint {
  static final String IGNORE = "x-lint-ignore";

  /** How bad it is. */
  enum Level {
    WARNING,
    ERROR;

    String word() {
      return this == ERROR ? "error" : "warning";
    }
  }

  /** Something that was found. */
  record Finding(SourcePosition position, Level level, String rule, String path, String message) {
    @Override
    public String toString() {
      String at = path.isEmpty() ? message : path + ": " + message;
      return position + ": " + level.word() + ": " + rule + ": " + at;
    }
  }

  private final Project project;
  private final LoadTrace trace;
  private final MapNode root;
  private final List<Finding> findings = new ArrayList<>();
  private final Map<String, Set<String>> ignored = new LinkedHashMap<>();

  Lint(Project project, LoadTrace trace) {
    this.project = project;
    this.trace = trace;
    this.root = trace.written();
  }

  /**
   * The findings in order of place, as lines or as a JSON list.
   *
   * @param format {@code json}, else lines
   */
  ConfigCommand.Answer answer(String format) {
    List<Finding> all = findings();
    StringBuilder text = new StringBuilder();
    List<Object> list = new ArrayList<>();
    for (Finding finding : all) {
      text.append(finding).append('\n');
      list.add(members(finding));
    }
    boolean failed = all.stream().anyMatch(finding -> finding.level() == Level.ERROR);
    return new ConfigCommand.Answer(
        format.equals("json") ? JsonText.indented(list) + "\n" : text.toString(),
        List.of(),
        failed ? 1 : 0);
  }

  private static Map<String, Object> members(Finding finding) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("file", finding.position().file());
    members.put("line", (long) finding.position().line());
    members.put("column", (long) finding.position().column());
    members.put("level", finding.level().word());
    members.put("rule", finding.rule());
    members.put("path", finding.path());
    members.put("message", finding.message());
    return members;
  }

  List<Finding> findings() {
    ignored.put("", rules(root));
    MapNode services = root.map("services");
    Map<String, Node> all = services == null ? Map.of() : services.entries;
    all.forEach(
        (name, node) -> {
          if (node instanceof MapNode service) {
            ignored.put("services." + name, rules(service));
          }
        });
    for (Problem warning : project.warnings()) {
      loaderWarning(warning);
    }
    all.forEach(
        (name, node) -> {
          if (node instanceof MapNode service) {
            new LintService(this, trace, all, "services." + name, service).check();
          }
        });
    new LintProject(this, root, all).check();
    trace.sources().forEach((file, text) -> new LintText(this, file, text).check());
    findings.sort(
        Comparator.comparing((Finding finding) -> finding.position().file())
            .thenComparingInt(finding -> finding.position().line())
            .thenComparingInt(finding -> finding.position().column()));
    return List.copyOf(new LinkedHashSet<>(findings));
  }

  /** What the loader warns of has a rule too. */
  private void loaderWarning(Problem warning) {
    SourcePosition position = warning.position();
    String message = warning.message();
    String rule =
        message.contains("`version` is obsolete")
            ? "obsolete-version"
            : message.contains("variable is not set") ? "unset-variable" : "loader";
    SourcePosition place = position == null ? new SourcePosition("compose", 0, 0) : position;
    add(place, Level.WARNING, rule, warning.path(), message);
  }

  private static Set<String> rules(MapNode map) {
    Set<String> rules = new LinkedHashSet<>();
    Node list = map.get(IGNORE);
    if (list instanceof ListNode names) {
      names.items.forEach(item -> rules.add(item instanceof Scalar scalar ? scalar.text() : ""));
    } else if (list instanceof Scalar one) {
      rules.add(one.text());
    }
    return rules;
  }

  void warn(@Nullable Node node, String rule, String path, String message) {
    add(place(node), Level.WARNING, rule, path, message);
  }

  void error(@Nullable Node node, String rule, String path, String message) {
    add(place(node), Level.ERROR, rule, path, message);
  }

  private SourcePosition place(@Nullable Node node) {
    return node == null ? root.position : node.position;
  }

  void add(SourcePosition position, Level level, String rule, String path, String message) {
    boolean silenced =
        ignored.entrySet().stream()
            .anyMatch(
                entry ->
                    entry.getValue().contains(rule)
                        && (entry.getKey().isEmpty()
                            || path.equals(entry.getKey())
                            || path.startsWith(entry.getKey() + ".")));
    if (!silenced) {
      findings.add(new Finding(position, level, rule, path, message));
    }
  }
}
