package io.jcompose.build.lint;

import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.build.dockerfile.Stage;
import io.jcompose.build.instruction.From;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Checks a Dockerfile by all rules that need no registry. */
public final class Lint {
  private Lint() {}

  /** What is found, in the order of the file; without rules that the file switches off. */
  public static List<Finding> check(Dockerfile file, LintInput input) {
    Findings findings = new Findings(file.directives());
    file.warnings()
        .forEach(each -> findings.add(Rule.NO_EMPTY_CONTINUATION, each.place(), each.message()));
    CasingCheck.check(file, findings);
    NameCheck.check(file, findings);
    Globals globals = Globals.of(file, input);
    List<From> froms = file.stages().stream().map(Stage::from).toList();
    new FromCheck(globals, findings).check(froms);
    Map<String, StageCheck> byName = new LinkedHashMap<>();
    for (Stage stage : file.stages()) {
      StageCheck check = new StageCheck(stage, byName.get(stage.from().image()), globals, input);
      check.check(findings);
      if (stage.name() != null) {
        byName.put(stage.name(), check);
      }
    }
    return findings.sorted();
  }
}
