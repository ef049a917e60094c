package io.jcompose.volumes;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Volumes.VolumeSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyUpIT {
  @TempDir Path root;
  private Path top;
  private Path bottom;
  private VolumeStore store;
  private Path data;

  @BeforeEach
  void makeLayers() throws Exception {
    bottom = Files.createDirectories(root.resolve("bottom"));
    top = Files.createDirectories(root.resolve("top"));
    Files.createDirectories(bottom.resolve("run/db/sub"));
    Files.writeString(bottom.resolve("run/db/sub/one"), "1");
    Files.createSymbolicLink(bottom.resolve("run/db/link"), Path.of("/etc/shadow"));
    Files.createDirectories(top.resolve("run/db"));
    Files.writeString(top.resolve("run/db/two"), "2");
    Files.setAttribute(top.resolve("run/db"), "unix:uid", 999);
    Files.setPosixFilePermissions(
        top.resolve("run/db"), PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(top.resolve("var"));
    Files.createSymbolicLink(top.resolve("var/run"), Path.of("/run"));
    store = VolumeStore.open(root.resolve("volumes"), name -> List.of());
    data = store.create(new VolumeSpec("v", "", Map.of(), Map.of())).mountpoint();
  }

  @Test
  void copiesTheUnionWithOwnersAndModesAndKeepsLinksAsLinks() throws Exception {
    store.fill("v", List.of(top, bottom), "/var/run/db");
    assertThat(data.resolve("sub/one")).hasContent("1");
    assertThat(data.resolve("two")).hasContent("2");
    assertThat(Files.readSymbolicLink(data.resolve("link"))).isEqualTo(Path.of("/etc/shadow"));
    assertThat(Files.getAttribute(data, "unix:uid")).isEqualTo(999);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
        .isEqualTo("rwx------");
  }

  @Test
  void copiesOnceOnly() throws Exception {
    store.fill("v", List.of(top, bottom), "/run/db");
    Files.delete(data.resolve("two"));
    store.fill("v", List.of(top, bottom), "/run/db");
    assertThat(data.resolve("two")).doesNotExist();
  }

  @Test
  void copiesAgainAfterACrash() throws Exception {
    Files.writeString(data.resolve("half"), "");
    Files.writeString(root.resolve("volumes/v/filling"), "");
    store.fill("v", List.of(top, bottom), "/run/db");
    assertThat(data.resolve("half")).doesNotExist();
    assertThat(data.resolve("two")).hasContent("2");
    assertThat(root.resolve("volumes/v/filling")).doesNotExist();
  }

  @Test
  void aMissingSourceLeavesTheVolumeEmpty() {
    store.fill("v", List.of(bottom), "/nowhere");
    assertThat(data).isEmptyDirectory();
  }
}
