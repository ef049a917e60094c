package io.jcompose.scheduler.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class SeccompFilesTest {
  @TempDir Path folder;

  @Test
  void givesTheContentOfFiles() throws IOException {
    Files.writeString(folder.resolve("p.json"), "{}");

    assertThat(SeccompFiles.read(List.of("seccomp:p.json", "seccomp=unconfined"), folder))
        .containsExactly("seccomp={}", "seccomp=unconfined");
  }

  @Test
  void readsNothingThatHasNoEnd() {
    assertThatThrownBy(() -> SeccompFiles.read(List.of("seccomp=/dev/zero"), folder))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("it is no regular file");
  }
}
