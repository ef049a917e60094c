package io.jcompose.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runs what {@code scripts/fuzz} keeps: what reaches the parsers' corners. */
class BuildFuzzTest {
  @Test
  void dockerfilesAreReadOrRefused() throws IOException {
    for (Path each : inputs("dockerfile")) {
      BuildFuzz.dockerfile(Files.readAllBytes(each));
    }
  }

  @Test
  void ignoreFilesAreReadOrRefused() throws IOException {
    for (Path each : inputs("ignore")) {
      BuildFuzz.ignore(Files.readAllBytes(each));
    }
  }

  private static List<Path> inputs(String folder) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/fuzz", folder))) {
      List<Path> inputs = files.sorted().toList();
      assertThat(inputs).hasSizeGreaterThan(4);
      return inputs;
    }
  }
}
