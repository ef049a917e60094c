package io.jcompose.compose;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs what {@code scripts/fuzz} found: what crashed once, and what reaches the parsers' corners.
 */
class FuzzCorpusTest {
  private static final Path CORPUS = Path.of("src/test/resources/fuzz");

  @ParameterizedTest
  @EnumSource(FuzzTarget.class)
  void readsOrRefuses(FuzzTarget target) throws IOException {
    List<Path> inputs = new ArrayList<>();
    try (Stream<Path> files = Files.list(CORPUS.resolve(target.folder()))) {
      inputs.addAll(files.sorted().toList());
    }
    for (Path input : inputs) {
      try {
        target.run(Files.readString(input));
      } catch (RuntimeException e) {
        throw new AssertionError(input.toString(), e);
      }
    }
  }
}
