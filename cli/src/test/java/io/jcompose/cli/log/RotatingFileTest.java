package io.jcompose.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatingFileTest {
  @TempDir Path folder;

  @Test
  void goesOnWithWhatIsThereAndIsForItsOwnerOnly() throws IOException {
    Path file = folder.resolve("engine.log");
    new RotatingFile(file, 100).write("one\n");
    new RotatingFile(file, 100).write("two\n");
    assertThat(file).hasContent("one\ntwo\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void keepsThreeFullFilesAndNeverMore() throws IOException {
    Path file = folder.resolve("engine.log");
    RotatingFile log = new RotatingFile(file, 20);
    for (int i = 0; i < 50; i++) {
      log.write("line %02d\n".formatted(i));
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("engine.log", "engine.log.1", "engine.log.2", "engine.log.3");
    }
    assertThat(file).hasContent("line 48\nline 49\n");
    assertThat(folder.resolve("engine.log.3")).hasContent("line 42\nline 43\n");
  }

  @Test
  void aFileThatCannotBeWrittenKeepsNobodyFromTheirWork() {
    RotatingFile log = new RotatingFile(folder.resolve("missing/engine.log"), 20);
    log.write("one\n");
    log.write("two\n");
    assertThat(folder.resolve("missing")).doesNotExist();
  }

  @Test
  void aLinkInItsPlaceIsNotFollowed() throws IOException {
    Path other = Files.writeString(folder.resolve("other"), "");
    Path file = Files.createSymbolicLink(folder.resolve("engine.log"), other);
    new RotatingFile(file, 20).write("one\n");
    assertThat(other).isEmptyFile();
  }
}
