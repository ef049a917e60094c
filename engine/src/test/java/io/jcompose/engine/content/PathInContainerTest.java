package io.jcompose.engine.content;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.file.DirectoryFd;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathInContainerTest {
  @TempDir Path dir;

  @Test
  void linksThatLeadNowhereAreAnErrorOfTheCaller() throws Exception {
    Files.createSymbolicLink(dir.resolve("loop"), Path.of("loop"));
    try (DirectoryFd root = DirectoryFd.open(dir)) {
      assertThatThrownBy(() -> PathInContainer.find(root, "/loop/x", false, "c"))
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageContaining("too many links");
      assertThatThrownBy(() -> PathInContainer.find(root, "/loop", true, "c"))
          .isInstanceOf(JcomposeException.InvalidArgument.class);
    }
  }
}
