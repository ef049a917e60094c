package io.jcompose.images.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.IdMap;
import io.jcompose.images.layer.TarEntry;
import io.jcompose.linux.file.DirectoryFd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What root copies out of a container that wants other users of the host to become root by it. */
class HostCopyIT {
  @TempDir Path temp;

  private final ByteArrayOutputStream archive = new ByteArrayOutputStream();

  @BeforeEach
  void pack() throws IOException {
    TarWriter tar = new TarWriter(archive);
    tar.entry(entry("d/", '5', 02777));
    tar.entry(entry("d/su", '0', 06755));
    tar.entry(entry("d/disk", '4', 0666));
    tar.entry(entry("d/null", '3', 0666));
    tar.entry(entry("d/pipe", '6', 0622));
    tar.finish();
  }

  @Test
  void noProgramOfItRunsAsRootAndNoDeviceIsForOthers() throws Exception {
    unpack(TreeWriter.Options.plain(new TreeWriter.Owner.Caller()));
    assertThat(stat("d")).isEqualTo("777 0:0");
    assertThat(stat("d/su")).isEqualTo("755 0:0");
    assertThat(stat("d/disk")).isEqualTo("600 0:0");
    assertThat(stat("d/null")).isEqualTo("600 0:0");
    assertThat(stat("d/pipe")).isEqualTo("622 0:0");
  }

  @Test
  void withItsOwnersADeviceIsRootsAllTheSame() throws Exception {
    unpack(TreeWriter.Options.plain(new TreeWriter.Owner.OfArchive()));
    assertThat(stat("d/su")).isEqualTo("6755 7:8"); // as was asked for
    assertThat(stat("d/disk")).isEqualTo("600 0:0");
  }

  @Test
  void aContainerHasItAsItWas() throws Exception {
    unpack(new TreeWriter.Options(new TreeWriter.Owner.OfArchive(), "", "", IdMap.HOST));
    assertThat(stat("d/su")).isEqualTo("6755 7:8");
    assertThat(stat("d/disk")).isEqualTo("666 7:8");
  }

  /** An engine of another host may send more than it was asked for. */
  @Test
  void nothingComesBesideWhatWasAskedFor() throws Exception {
    TreeWriter.Owner owner = new TreeWriter.Owner.Caller();
    assertThatThrownBy(() -> unpack(new TreeWriter.Options(owner, "other", "mine")))
        .hasMessageContaining("\"d/\" is no part of \"other\"");
    assertThat(temp).isEmptyDirectory();
    unpack(new TreeWriter.Options(owner, "d", "mine"));
    assertThat(stat("mine/su")).isEqualTo("755 0:0");
  }

  private static TarEntry entry(String name, char type, int mode) {
    return new TarEntry(name, type, mode, 7, 8, 0, 1000, 0, "", 250, 77, Map.of());
  }

  private void unpack(TreeWriter.Options options) throws IOException {
    try (DirectoryFd root = DirectoryFd.open(temp)) {
      TreeWriter.unpack(new ByteArrayInputStream(archive.toByteArray()), root, options);
    }
  }

  private String stat(String path) throws Exception {
    Path file = temp.resolve(path);
    assertThat(Files.exists(file)).isTrue();
    Process process = new ProcessBuilder("stat", "-c", "%a %u:%g", file.toString()).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
