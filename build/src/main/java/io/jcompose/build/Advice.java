package io.jcompose.build;

import io.jcompose.build.context.Context;
import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.build.ignore.IgnoreFile;
import io.jcompose.build.instruction.Arg;
import io.jcompose.build.instruction.Instruction;
import io.jcompose.build.lint.Finding;
import io.jcompose.build.lint.Lint;
import io.jcompose.build.lint.LintInput;
import io.jcompose.build.solve.Solver;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is said of builds before they begin: what is legal and likely wrong. */
final class Advice {
  private static final int MOST_TOLD = 50;

  /** Arguments that mean something to builds also where nothing declares them. */
  private static final Set<String> OF_BUILDS = Set.of("SOURCE_DATE_EPOCH");

  private static final String OF_BUILDERS = "BUILDKIT_";

  private final BuildSpec spec;
  private final Dockerfile file;

  Advice(BuildSpec spec, Dockerfile file) {
    this.spec = spec;
    this.file = file;
  }

  /** What the check finds, one line a finding. */
  List<String> lines() {
    return lines(findings());
  }

  /**
   * Tells it as warnings.
   *
   * @throws JcomposeException.InvalidArgument where the Dockerfile wants it to fail the build
   */
  void tell(Progress progress) {
    List<Finding> findings = findings();
    if (file.directives().findingsFail() && !findings.isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          String.join("\n", shown(lines(findings)))
              + "\nlint violation found for rules: "
              + findings.stream()
                  .map(found -> found.rule().title())
                  .distinct()
                  .sorted()
                  .collect(Collectors.joining(", ")));
    }
    List<String> warnings = new ArrayList<>(shown(lines(findings)));
    Set<String> unknown = undeclared();
    if (!unknown.isEmpty()) {
      warnings.add(
          "%s: One or more build-args [%s] were not consumed: no ARG declares them"
              .formatted(spec.name(), String.join(" ", unknown)));
    }
    warnings.forEach(text -> progress.report(Progress.Step.of(Builds.CHECK, "Warning", text)));
  }

  private static List<String> shown(List<String> lines) {
    int more = lines.size() - MOST_TOLD;
    return more <= 0
        ? lines
        : Stream.concat(
                lines.stream().limit(MOST_TOLD), Stream.of("and " + more + " findings more"))
            .toList();
  }

  private List<String> lines(List<Finding> findings) {
    return findings.stream().map(found -> found.line(file.name())).toList();
  }

  private List<Finding> findings() {
    IgnoreFile ignored =
        spec.context().startsWith("/")
            ? Context.ignored(Path.of(spec.context()), file.name())
            : IgnoreFile.NONE;
    Map<String, String> platforms = Solver.platforms(spec);
    return Lint.check(file, new LintInput(spec.args(), platforms, ignored, Map.of()));
  }

  private Set<String> undeclared() {
    Set<String> unknown = new TreeSet<>(spec.args().keySet());
    unknown.removeAll(Solver.platforms(spec).keySet());
    unknown.removeAll(Solver.undeclared());
    unknown.removeAll(OF_BUILDS);
    unknown.removeIf(name -> name.startsWith(OF_BUILDERS));
    file.metaArgs().forEach(arg -> remove(unknown, arg));
    file.stages().forEach(stage -> stage.instructions().forEach(each -> remove(unknown, each)));
    return unknown;
  }

  private static void remove(Set<String> unknown, Instruction instruction) {
    if (instruction instanceof Arg arg) {
      arg.entries().forEach(entry -> unknown.remove(entry.name()));
    }
  }
}
