package io.jcompose.compose;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares with what the real Docker Compose prints; {@code src/test/make-goldens} asks it anew.
 */
class ConfigGoldenTest {
  private static final Path CASES = Path.of("src/test/resources/ConfigGoldenTest").toAbsolutePath();

  static Stream<String> cases() throws IOException {
    try (Stream<Path> all = Files.list(CASES)) {
      return all
          .filter(Files::isDirectory)
          .map(dir -> dir.getFileName().toString())
          .sorted()
          .toList()
          .stream();
    }
  }

  private static Project load(Path dir) {
    return new ProjectLoader().load(LoadRequest.of(dir, Map.of("HOME", "/home/user")));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void printsWhatDockerComposePrints(String name) throws IOException {
    Path dir = CASES.resolve(name);
    Project project = load(dir);
    ConfigWriter writer = new ConfigWriter();
    assertThat(writer.yaml(project, List.of(), true).replace(dir.toString(), "@DIR@"))
        .isEqualTo(Files.readString(dir.resolve("expected.yaml")));
    if (Files.exists(dir.resolve("expected.json"))) {
      assertThat(writer.json(project, List.of(), true).replace(dir.toString(), "@DIR@") + "\n")
          .isEqualTo(Files.readString(dir.resolve("expected.json")).stripTrailing() + "\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"everyday", "extends", "override", "profiles", "quoting", "scalars"})
  void hashesAsDockerComposeDoes(String name) throws IOException {
    Path dir = CASES.resolve(name);
    LoadRequest request = LoadRequest.of(dir, Map.of("HOME", "/home/user"));
    boolean override = Files.exists(dir.resolve("compose.override.yaml"));
    Project project =
        new ProjectLoader()
            .load(
                new LoadRequest(
                    dir,
                    override
                        ? List.of("compose.yaml", "compose.override.yaml")
                        : List.of("compose.yaml"),
                    null,
                    request.environment(),
                    List.of(),
                    "",
                    Path.of("/tmp/jcompose-goldens", name),
                    List.of(),
                    List.of(),
                    LoadRequest.Options.DEFAULT));
    assertThat(new ConfigWriter().hashes(project, "*"))
        .isEqualTo(Files.readString(dir.resolve("expected.hash")));
  }
}
