package io.jcompose.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdviceTest {
  private static final Path NOWHERE = Path.of("/nowhere");

  @TempDir Path context;
  private final List<Progress.Step> steps = new ArrayList<>();

  private List<String> told(String dockerfile, Map<String, String> args) {
    BuildSpec spec =
        BuildSpec.of("web", context).with().dockerfileText(dockerfile).args(args).build();
    Dockerfile file = BuildFiles.of(List.of(spec), NOWHERE).getFirst();
    new Advice(spec, file).tell(steps::add);
    assertThat(steps).allMatch(step -> step.status().equals("Warning"));
    return steps.stream().map(Progress.Step::text).toList();
  }

  @Test
  void whatTheCheckFindsIsWarnedAbout() {
    assertThat(told("FROM scratch\nMAINTAINER me\nCMD echo\n", Map.of()))
        .hasSize(2)
        .first()
        .asString()
        .startsWith("Dockerfile:2:1: MaintainerDeprecated: ");
  }

  @Test
  void argumentsThatNothingDeclaresAreWarnedAbout() {
    Map<String, String> args =
        Map.of("A", "1", "B", "2", "C", "3", "HTTP_PROXY", "p", "TARGETOS", "x", "D", "4");
    assertThat(told("ARG A\nFROM scratch\nARG C=x\n", args))
        .containsExactly(
            "web: One or more build-args [B D] were not consumed: no ARG declares them");
  }

  @Test
  void aDockerfileMayWantItsFindingsToFail() {
    assertThatThrownBy(() -> told("# check=error=true\nFROM scratch\nMAINTAINER me\n", Map.of()))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("Dockerfile:3:1: MaintainerDeprecated")
        .hasMessageEndingWith("\nlint violation found for rules: MaintainerDeprecated");
    assertThat(steps).isEmpty();
  }

  @Test
  void manyFindingsAreCounted() {
    assertThat(told("FROM scratch\n" + "MAINTAINER me\n".repeat(70), Map.of()))
        .hasSize(51)
        .last()
        .isEqualTo("and 20 findings more");
  }
}
