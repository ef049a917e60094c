package io.jcompose.build.lint;

import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.build.dockerfile.Stage;
import io.jcompose.build.instruction.Instruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Checks the case of keywords. */
final class CasingCheck {
  private CasingCheck() {}

  static void check(Dockerfile file, Findings findings) {
    List<Instruction> all = new ArrayList<>();
    for (Stage stage : file.stages()) {
      all.add(stage.from());
      all.addAll(stage.instructions());
    }
    long lower = all.stream().filter(each -> isLower(keyword(each))).count();
    long upper = all.stream().filter(each -> isUpper(keyword(each))).count();
    for (Instruction each : all) {
      String keyword = keyword(each);
      if (lower > upper ? !isLower(keyword) : !isUpper(keyword)) {
        findings.add(
            Rule.CONSISTENT_INSTRUCTION_CASING,
            each.place(),
            "Command '"
                + keyword
                + "' should match the case of the command majority ("
                + (lower > upper ? "lowercase" : "uppercase")
                + ")");
      }
    }
  }

  /** As written. */
  static String keyword(Instruction each) {
    return each.text().substring(0, each.keyword().length());
  }

  static boolean isLower(String word) {
    return word.equals(word.toLowerCase(Locale.ROOT));
  }

  static boolean isUpper(String word) {
    return word.equals(word.toUpperCase(Locale.ROOT));
  }
}
