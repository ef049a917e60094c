package io.jcompose.cli.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClientFuzzTest {
  private static final Path CORPUS = Path.of("src/test/resources/fuzz/client");

  @Test
  void theCorpusIsTaken() throws Exception {
    List<Path> inputs;
    try (Stream<Path> files = Files.list(CORPUS)) {
      inputs = files.toList();
    }
    assertThat(inputs).hasSizeGreaterThan(4);
    for (Path each : inputs) {
      ClientFuzz.fuzzerTestOneInput(Files.readAllBytes(each));
    }
  }
}
