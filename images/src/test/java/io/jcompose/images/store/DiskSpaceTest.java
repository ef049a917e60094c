package io.jcompose.images.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskSpaceTest {
  @TempDir Path temp;

  @Test
  void tellsAFullDiskHoweverItComes() {
    IOException full = new FileSystemException("a", null, "No space left on device");
    for (RuntimeException told :
        new RuntimeException[] {
          DiskSpace.explain(full, temp, "app:1"),
          DiskSpace.explain(new IOException("failed", full), temp, "app:1"),
          DiskSpace.explain(new UncheckedIOException("failed to write", full), temp, "pulling app")
        }) {
      assertThat(told)
          .isInstanceOf(JcomposeException.Unavailable.class)
          .hasMessageContaining("no space left on device while pulling app")
          .hasMessageContaining("system prune");
    }
  }

  @Test
  void doesNotBlameTheDiskForTheNetwork() {
    assertThat(DiskSpace.explain(new IOException("connection reset"), temp, "app:1"))
        .isInstanceOf(JcomposeException.Unavailable.class)
        .hasMessage("failed to pull app:1: connection reset");
    assertThat(DiskSpace.explain(new IllegalStateException("odd"), temp, "pulling app:1"))
        .isInstanceOf(JcomposeException.Internal.class);
  }
}
