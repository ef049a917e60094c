package io.jcompose.linux.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.linux.Libc;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Overlays that are attached nowhere, by this kernel's way and by the older ones'. */
class OverlayMountIT {
  private static final OverlayMount.Functions LIBC = Libc.load(OverlayMount.Functions.class);

  @TempDir Path dir;
  private List<String> mounts;

  @BeforeEach
  void layers() throws IOException {
    for (String layer : List.of("top", "bottom")) {
      Files.writeString(Files.createDirectory(dir.resolve(layer)).resolve("both"), layer);
      Files.writeString(dir.resolve(layer).resolve(layer), "");
    }
    mounts = Files.readAllLines(Path.of("/proc/self/mountinfo"));
  }

  @Test
  void showLayersTopmostFirst() throws IOException {
    List<Path> lower = List.of(dir.resolve("top"), dir.resolve("bottom"));
    shows(OverlayMount.make(lower, null, null), false);
    shows(OverlayMount.byMount(lower, null, null), false);
  }

  @Test
  void takeWritesInTheUpperDirectory() throws IOException {
    List<Path> lower = List.of(dir.resolve("top"), dir.resolve("bottom"));
    for (boolean older : List.of(false, true)) {
      Path upper = Files.createDirectory(dir.resolve("upper" + older));
      Path work = Files.createDirectory(dir.resolve("work" + older));
      shows(
          older ? OverlayMount.byMount(lower, upper, work) : OverlayMount.make(lower, upper, work),
          true);
      assertThat(upper.resolve("new")).hasContent("x");
    }
  }

  private void shows(int mount, boolean writable) throws IOException {
    Path seen = Path.of("/proc/self/fd/" + mount);
    try {
      assertThat(seen.resolve("both")).hasContent("top");
      assertThat(seen.resolve("top")).exists();
      assertThat(seen.resolve("bottom")).exists();
      if (writable) {
        Files.writeString(seen.resolve("new"), "x");
      } else {
        assertThatThrownBy(() -> Files.writeString(seen.resolve("new"), "x"))
            .isInstanceOf(FileSystemException.class)
            .hasMessageContaining("Read-only file system");
      }
    } finally {
      LIBC.close(mount);
    }
    assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo"))).isEqualTo(mounts);
  }
}
