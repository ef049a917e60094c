package io.jcompose.build.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.build.Cases;
import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.build.ignore.IgnoreFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the check finds: {@code cases/lint}, of which Docker's own check finds the same; {@code
 * scripts/compare-check} asks it.
 */
class LintTest {
  private static final Map<String, String> PLATFORMS =
      Map.of(
          "BUILDPLATFORM",
          "linux/amd64",
          "BUILDOS",
          "linux",
          "BUILDARCH",
          "amd64",
          "BUILDVARIANT",
          "",
          "TARGETPLATFORM",
          "linux/amd64",
          "TARGETOS",
          "linux",
          "TARGETARCH",
          "amd64",
          "TARGETVARIANT",
          "");

  static List<Cases> cases() throws IOException {
    return Cases.of("lint");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void finds(Cases each) {
    assertThat(result(each.input())).isEqualTo(each.expected());
  }

  static String result(String input) {
    Map<Integer, Map<String, String>> bases = new HashMap<>();
    for (int i = 0; i < 10; i++) {
      bases.put(i, Map.of("PATH", "/bin"));
    }
    return Lint.check(parse(input), new LintInput(Map.of(), PLATFORMS, IgnoreFile.NONE, bases))
        .stream()
        .map(each -> each.place().line() + " " + each.rule().title() + ": " + each.message())
        .collect(Collectors.joining("\n"));
  }

  private static Dockerfile parse(String text) {
    return Dockerfile.parse(text.getBytes(StandardCharsets.UTF_8), "Dockerfile");
  }

  @Test
  void findsSourcesThatTheContextLeavesOut() {
    IgnoreFile ignore = IgnoreFile.parse("secret\n*.log\n!keep.log", ".dockerignore");
    Dockerfile file =
        parse(
            """
            FROM scratch AS x
            COPY secret a.log keep.log /d/
            COPY --from=x secret /d
            ADD ./secret/key https://example.com/a.log /d
            """);
    assertThat(Lint.check(file, new LintInput(Map.of(), Map.of(), ignore, Map.of())))
        .extracting(each -> each.line("Dockerfile"))
        .containsExactly(
            "Dockerfile:2:1: CopyIgnoredFile: Attempting to COPY file \"secret\" that is excluded"
                + " by .dockerignore",
            "Dockerfile:2:1: CopyIgnoredFile: Attempting to COPY file \"a.log\" that is excluded by"
                + " .dockerignore",
            "Dockerfile:4:1: CopyIgnoredFile: Attempting to ADD file \"./secret/key\" that is"
                + " excluded by .dockerignore");
  }

  @Test
  void callsNoVariableUndefinedWhereTheBaseMayDefineIt() {
    Dockerfile file = parse("FROM a\nLABEL x=$y\nWORKDIR $z\n");
    assertThat(Lint.check(file, LintInput.NONE)).isEmpty();
  }

  @Test
  void argumentsOfTheBuildAreDefined() {
    Dockerfile file = parse("ARG A\nFROM busybox:$A\nARG P\nWORKDIR $P\n");
    LintInput input =
        new LintInput(Map.of("A", "1", "P", "/x"), Map.of(), IgnoreFile.NONE, Map.of());
    assertThat(Lint.check(file, input))
        .extracting(Finding::rule)
        .containsExactly(Rule.INVALID_DEFAULT_ARG_IN_FROM);
  }

  @Test
  void hasTheRulesOfDocker() {
    assertThat(Rule.values()).hasSize(22);
  }
}
