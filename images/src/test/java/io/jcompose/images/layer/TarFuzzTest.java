package io.jcompose.images.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runs what {@code scripts/fuzz tar} starts from: what reaches the reader's corners. */
class TarFuzzTest {
  @Test
  void archivesAreReadOrRefused() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/fuzz/tar"))) {
      List<Path> inputs = files.sorted().toList();
      assertThat(inputs).hasSizeGreaterThan(8);
      for (Path each : inputs) {
        assertThat(TarFuzz.read(TarFuzz.withSums(Files.readAllBytes(each))))
            .as(each.toString())
            .isPositive();
      }
    }
  }
}
