package io.jcompose.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.compose.config.CanonicalTree;
import io.jcompose.compose.config.ConfigWriter;
import io.jcompose.compose.model.Canonical;
import io.jcompose.compose.model.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares with what the real Docker Compose prints; {@code src/test/make-goldens} asks it anew.
 * Where it is wrong, a case has its output as {@code docker.…} beside, and a line in
 * docs/compose-differences.md.
 */
class ConfigGoldenTest {
  static Stream<GoldenCase> cases() {
    return GoldenCase.all("ConfigGoldenTest");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void printsWhatDockerComposePrints(GoldenCase golden) throws IOException {
    LoadRequest request = golden.request();
    Project project = new ProjectLoader().load(request);
    ConfigWriter writer = new ConfigWriter();
    boolean escape = request.options().interpolate();
    Map<String, Object> tree = writer.only(project, request.services());
    compare(golden, "yaml", golden.neutral(writer.yaml(tree, escape)));
    if (golden.has("expected.json")) {
      String json = golden.neutral(writer.json(tree, escape));
      compare(golden, "json", json.stripTrailing() + "\n");
    }
    if (golden.has("expected.hash")) {
      compare(golden, "hash", hashes(golden, project));
    }
    warnings(golden, project);
  }

  static Stream<GoldenCase> rawCases() {
    return cases().filter(golden -> golden.has("expected.raw"));
  }

  @ParameterizedTest
  @MethodSource("rawCases")
  void leavesTheTreeAsItIsWrittenWithoutInterpolation(GoldenCase golden) throws IOException {
    LoadRequest load = golden.request();
    Set<String> flags = new HashSet<>(Set.of("no-interpolate"));
    if (!load.options().normalize()) {
      flags.add("no-normalize");
    }
    if (!load.options().resolvePaths()) {
      flags.add("no-path-resolution");
    }
    String text =
        new ConfigCommand(new ProjectLoader())
            .answer(new ConfigQuery(load, flags, Map.of()))
            .text();
    compare(golden, "raw", golden.neutral(text));
  }

  private static void compare(GoldenCase golden, String kind, String actual) throws IOException {
    String docker = "docker." + kind;
    boolean ours = golden.has(docker) || golden.has("docker.error");
    assertThat(actual).isEqualTo(golden.golden("expected." + kind, actual, ours));
    if (golden.has(docker)) {
      assertThat(actual).as("no difference any more").isNotEqualTo(golden.read(docker));
    }
  }

  /** Hashes cover absolute paths, so they are taken of the tree as Docker Compose saw it. */
  private static String hashes(GoldenCase golden, Project project) {
    Map<String, Object> tree =
        CanonicalTree.cast(golden.neutral((Object) project.canonical().tree()));
    Canonical canonical = new Canonical(() -> CanonicalTree.hashed(tree));
    return project.services().keySet().stream()
        .sorted()
        .map(name -> name + " " + canonical.hash("services", name) + "\n")
        .collect(Collectors.joining());
  }

  private static void warnings(GoldenCase golden, Project project) throws IOException {
    String actual =
        golden.neutral(
            project.warnings().stream()
                .map(warning -> warning + "\n")
                .collect(Collectors.joining()));
    assertThat(actual).isEqualTo(golden.golden("expected.warnings", actual, true));
    if (golden.has("docker.warnings")) {
      List<String> messages =
          golden
              .read("docker.warnings")
              .lines()
              .map(line -> line.replaceFirst("^/srv/\\S+: ", ""))
              .toList();
      assertThat(actual).contains(messages);
    }
  }

  @Test
  void everyDifferenceIsExplained() throws IOException {
    String page = Files.readString(Path.of("../docs/compose-differences.md"));
    List<String> differing =
        Stream.concat(cases(), GoldenCase.all("ConfigErrorTest").filter(ConfigGoldenTest::accepted))
            .filter(
                golden ->
                    Stream.of("yaml", "json", "hash", "raw", "error")
                        .anyMatch(kind -> golden.has("docker." + kind)))
            .map(GoldenCase::name)
            .toList();
    assertThat(differing).allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
    assertThat(page.lines().filter(line -> line.startsWith("| `")))
        .as("lines for differences that are none")
        .allSatisfy(
            line ->
                assertThat(differing)
                    .contains(line.substring(3, line.indexOf('`', 3)).split("`")[0]));
  }

  private static boolean accepted(GoldenCase golden) {
    try {
      return golden.read("docker.error").equals("accepted\n");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
