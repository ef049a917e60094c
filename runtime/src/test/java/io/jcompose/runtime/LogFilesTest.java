package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFilesTest {
  @TempDir Path directory;
  private Path log;

  @BeforeEach
  void write() throws IOException {
    log = file("");
  }

  private Path file(String suffix) throws IOException {
    return Files.writeString(directory.resolve("c.log" + suffix), suffix);
  }

  private List<String> names() throws IOException {
    return LogFiles.newestFirst(log).stream()
        .map(file -> String.valueOf(file.getFileName()).substring("c.log".length()))
        .toList();
  }

  @Test
  void numbersGoOn() throws IOException {
    assertThat(LogFiles.prepare(log, 3)).isEqualTo(1_000_000);
    assertThat(LogFiles.newestFirst(log)).isEmpty();
    for (String suffix :
        List.of(".1000000.gz", ".1000001", ".1000001.gz", ".1000002", ".77.tmp", ".x", "other")) {
      file(suffix);
    }
    assertThat(names()).containsExactly(".1000002", ".1000001", ".1000000.gz");
    assertThat(LogFiles.prepare(log, 4)).isEqualTo(1_000_003);
    assertThat(names()).hasSize(3);
    assertThat(LogFiles.prepare(log, 3)).isEqualTo(1_000_003);
    assertThat(names()).containsExactly(".1000002", ".1000001");
  }

  @Test
  void thoseOfOlderShimsAreReadAndRenamed() throws IOException {
    for (String suffix : List.of(".1", ".3.gz", ".4")) { // amid a rotation
      file(suffix);
    }
    assertThat(names()).containsExactly(".1", ".3.gz", ".4");
    assertThat(LogFiles.keepsItsName(log, directory.resolve("c.log.4"))).isFalse();
    assertThat(LogFiles.prepare(log, 4)).isEqualTo(1_000_003);
    assertThat(names()).containsExactly(".1000002", ".1000001.gz", ".1000000");
    assertThat(directory.resolve("c.log.1000002")).hasContent(".1");
    assertThat(LogFiles.keepsItsName(log, directory.resolve("c.log.1000001.gz"))).isTrue();
    file(".1"); // by an older engine in between
    assertThat(LogFiles.prepare(log, 3)).isEqualTo(1_000_004);
    assertThat(names()).containsExactly(".1000003", ".1000002");
    assertThat(directory.resolve("c.log.1000003")).hasContent(".1");
  }

  @Test
  void aRemovedContainerHasNone() throws IOException {
    assertThat(LogFiles.newestFirst(directory.resolve("gone").resolve("c.log"))).isEmpty();
  }
}
