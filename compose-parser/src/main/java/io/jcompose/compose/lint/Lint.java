package io.jcompose.compose.lint;

import io.jcompose.compose.ConfigAnswer;
import io.jcompose.compose.Problem;
import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.lint.Findings.Finding;
import io.jcompose.compose.lint.Findings.Level;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.tree.JsonText;
import io.jcompose.compose.tree.LoadTrace;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds what is legal in a project and likely wrong: {@code config --lint}. Looks at what the files
 * say, of all profiles. A finding is an error when the project cannot work that way, else a
 * warning; errors make the exit code 1. {@code x-lint-ignore}, a list of rules at the top of a file
 * or in a service, switches rules off.
 */
public final class Lint {
  private final Project project;
  private final LoadTrace trace;
  private final Map<String, Node> services;
  private final Findings findings;

  private Lint(Project project, LoadTrace trace) {
    this.project = project;
    this.trace = trace;
    MapNode all = trace.written().map("services");
    services = all == null ? Map.of() : all.entries;
    findings = new Findings(trace.written(), services);
  }

  /**
   * The findings in order of place, as lines or as a JSON list.
   *
   * @param format {@code json}, else lines
   */
  public static ConfigAnswer answer(Project project, LoadTrace trace, String format) {
    List<Finding> all = new Lint(project, trace).check();
    StringBuilder text = new StringBuilder();
    List<Object> list = new ArrayList<>();
    for (Finding finding : all) {
      text.append(finding).append('\n');
      list.add(members(finding));
    }
    boolean failed = all.stream().anyMatch(finding -> finding.level() == Level.ERROR);
    return new ConfigAnswer(
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

  private List<Finding> check() {
    for (Problem warning : project.warnings()) {
      loaderWarning(warning);
    }
    services.forEach(
        (name, node) -> {
          if (node instanceof MapNode service) {
            new LintService(findings, trace, services, "services." + name, service).check();
          }
        });
    new LintProject(findings, trace.written(), services).check();
    trace.sources().forEach((file, text) -> new LintText(findings, file, text).check());
    return findings.sorted();
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
    findings.add(place, Level.WARNING, rule, warning.path(), message);
  }
}
