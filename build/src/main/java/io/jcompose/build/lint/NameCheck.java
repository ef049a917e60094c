package io.jcompose.build.lint;

import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.build.dockerfile.Stage;
import io.jcompose.build.instruction.Arg;
import io.jcompose.build.instruction.From;
import io.jcompose.build.instruction.Instruction;
import io.jcompose.build.instruction.Place;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks stages' names, and the comments that describe stages and arguments. */
final class NameCheck {
  private static final Set<String> RESERVED = Set.of("context", "scratch");

  private final Dockerfile file;
  private final Findings findings;

  private NameCheck(Dockerfile file, Findings findings) {
    this.file = file;
    this.findings = findings;
  }

  static void check(Dockerfile file, Findings findings) {
    new NameCheck(file, findings).check();
  }

  private void check() {
    Set<String> names = new HashSet<>();
    file.metaArgs().forEach(this::describe);
    for (Stage stage : file.stages()) {
      String name = stage.name();
      From from = stage.from();
      if (name != null) {
        casing(from);
        if (RESERVED.contains(name)) {
          findings.add(
              Rule.RESERVED_STAGE_NAME,
              from.place(),
              "Stage name should not use the same name as reserved stage \"" + name + "\"");
        }
        if (!names.add(name)) {
          findings.add(
              Rule.DUPLICATE_STAGE_NAME,
              from.place(),
              "Duplicate stage name \"" + name + "\", stage names should be unique");
        }
        describe("FROM", List.of(name), from.place());
      }
      stage.instructions().forEach(this::describe);
    }
  }

  private void casing(From from) {
    String[] words = from.text().split("\\s+");
    String name = words[words.length - 1];
    String as = words[words.length - 2];
    String keyword = words[0];
    if (!CasingCheck.isLower(name)) {
      findings.add(
          Rule.STAGE_NAME_CASING, from.place(), "Stage name '" + name + "' should be lowercase");
    }
    boolean wrong =
        CasingCheck.isLower(keyword)
            ? !CasingCheck.isLower(as)
            : CasingCheck.isUpper(keyword) && !CasingCheck.isUpper(as);
    if (wrong) {
      findings.add(
          Rule.FROM_AS_CASING,
          from.place(),
          "'" + as + "' and '" + keyword + "' keywords' casing do not match");
    }
  }

  private void describe(Instruction each) {
    if (each instanceof Arg arg) {
      describe("ARG", arg.entries().stream().map(Arg.Entry::name).toList(), arg.place());
    }
  }

  private void describe(String keyword, List<String> names, Place place) {
    List<String> comments = comments(place.line() - 2);
    if (comments.isEmpty() || names.contains(comments.getFirst().split(" ", -1)[0])) {
      return;
    }
    findings.add(
        Rule.INVALID_DEFINITION_DESCRIPTION,
        place,
        "Comment for "
            + keyword
            + " should follow the format: `# "
            + (names.size() > 1 ? "<arg_key>" : names.getFirst())
            + " <description>`");
  }

  /** The last one of the comments right above, if it has text. */
  private List<String> comments(int row) {
    List<String> comments = new ArrayList<>();
    if (row >= 0 && file.lines().get(row).startsWith("#")) {
      String text = file.lines().get(row).substring(1).strip();
      if (!text.isEmpty() && !text.matches("(?i)(syntax|escape|check)\\s*=.*")) {
        comments.add(text);
      }
    }
    return comments;
  }
}
