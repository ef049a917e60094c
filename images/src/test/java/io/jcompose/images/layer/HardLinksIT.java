package io.jcompose.images.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.TreeRemoval;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hard links of layers: owners, far targets, and targets in the layers below. */
class HardLinksIT {
  @TempDir Path temp;
  private final LayerTar tar = new LayerTar();
  private Path root;

  @BeforeEach
  void prepare() throws IOException {
    root = Files.createDirectory(temp.resolve("root"));
  }

  private LayerUnpacker.Result unpack() throws IOException {
    return tar.unpack(root);
  }

  private String stat(String path) throws Exception {
    return LayerTar.stat(root.resolve(path));
  }

  @Test
  void givesTheLinksOwnerAndModeToAllNames() throws Exception {
    tar.entry("bin", '0', "x", e -> LayerTar.mode(e, 0755, 1, 1));
    tar.entry("soft", '2', "", e -> e.setLinkName("bin"));
    tar.entry(
        "hard",
        '1',
        "",
        e -> {
          LayerTar.mode(e, 04711, 7, 8);
          e.setLinkName("bin");
        });
    tar.entry(
        "hardsoft",
        '1',
        "",
        e -> {
          LayerTar.mode(e, 0600, 9, 9);
          e.setLinkName("soft");
        });
    unpack();
    assertThat(stat("bin")).isEqualTo("4711 7:8 1000000000 regular file");
    assertThat(stat("soft")).isEqualTo("777 9:9 1000000000 symbolic link");
  }

  @Test
  void makesALinkWhereItBelongsThoughItsTargetIsFarAway() throws Exception {
    tar.entry("victim/", '5', "", e -> {});
    String deep = "d/".repeat(100);
    for (int i = 0; i < 6; i++) {
      String way = "f" + i + "/" + deep;
      tar.entry(way + "end", '0', "content", e -> {});
      String next = "/f" + (i + 1) + "/" + deep + "next";
      if (i < 5) {
        tar.entry(way + "next", '2', "", e -> e.setLinkName(next));
      }
    }
    tar.entry("f5/" + deep + "next/end", '0', "content", e -> {});
    tar.entry("victim/hard", '1', "", e -> e.setLinkName("f0/" + deep + "next/end"));
    unpack();
    assertThat(root.resolve("victim/hard")).hasContent("content");
    assertThat(root.resolve("f5/" + deep + "next/hard")).doesNotExist();
    assertThat(Files.getAttribute(root.resolve("victim/hard"), "unix:nlink")).isEqualTo(2);
  }

  @Test
  void completesNoLayerOfAPullThatWasGivenUp() throws Exception {
    tar.entry("implied/file", '0', "x", e -> {});
    assertThat(unpack().needsFitting()).isTrue();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> LayerFitting.fit(root, List.of(temp)))
        .isInstanceOf(JcomposeException.Cancelled.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void refusesALinkToWhatItsOwnNameReplaces() throws Exception {
    tar.entry("a/b/f", '0', "x", e -> {});
    tar.entry("a", '1', "", e -> e.setLinkName("a/b/f"));
    assertThatThrownBy(this::unpack).isInstanceOf(JcomposeException.Corrupt.class);
  }

  @Test
  void takesWhatALinkNamesFromTheLayersBelow() throws Exception {
    Path lower = Files.createDirectories(root.resolve("../lower")).normalize();
    Path lowest = Files.createDirectories(root.resolve("../lowest")).normalize();
    try {
      Files.createDirectories(lowest.resolve("usr/lib"));
      Files.writeString(lowest.resolve("usr/lib/so"), "library");
      Files.writeString(lowest.resolve("usr/lib/gone"), "hidden");
      Files.createSymbolicLink(lower.resolve("lib"), Path.of("/usr/lib"));
      Files.createSymbolicLink(lower.resolve("soft"), Path.of("target"));
      Files.createDirectories(lower.resolve("usr/lib"));
      tar.entry(
          "copy",
          '1',
          "",
          e -> {
            LayerTar.mode(e, 0640, 3, 4);
            e.setLinkName("lib/so");
          });
      tar.entry("second", '1', "", e -> e.setLinkName("copy"));
      tar.entry("link", '1', "", e -> e.setLinkName("soft"));
      tar.entry("replaced", '1', "", e -> e.setLinkName("lib/so"));
      tar.entry("replaced", '0', "own", e -> {});
      assertThat(unpack().needsFitting()).isTrue();
      assertThat(LayerFitting.fit(root, List.of(lower, lowest))).isEqualTo(7);
      assertThat(root.resolve("copy")).hasContent("library");
      assertThat(root.resolve("second")).hasContent("library");
      assertThat(root.resolve("replaced")).hasContent("own");
      assertThat(root.resolve("lib")).doesNotExist();
      assertThat(stat("copy")).startsWith("644 0:0 1000000000"); // by its last name
      assertThat(Files.readSymbolicLink(root.resolve("link"))).isEqualTo(Path.of("target"));
      try (DirectoryFd fd = DirectoryFd.open(root)) {
        assertThat(fd.xattrs("copy".getBytes(StandardCharsets.UTF_8))).isEmpty();
        TreeRemoval.removeContents(fd);
      }
      new ProcessBuilder("mknod", lower.resolve("usr/lib/gone").toString(), "c", "0", "0")
          .start()
          .waitFor();
      tar.reset();
      tar.entry("hard", '1', "", e -> e.setLinkName("usr/lib/gone"));
      unpack();
      assertThatThrownBy(() -> LayerFitting.fit(root, List.of(lower, lowest)))
          .isInstanceOf(JcomposeException.Corrupt.class);
    } finally {
      try (DirectoryFd fd = DirectoryFd.open(temp)) {
        TreeRemoval.remove(fd, "lower".getBytes(StandardCharsets.UTF_8));
        TreeRemoval.remove(fd, "lowest".getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void aLinkToAFileOfHolesTakesNothingButThem() throws Exception {
    Path lower = Files.createDirectories(root.resolve("../lower")).normalize();
    try (RandomAccessFile holes = new RandomAccessFile(lower.resolve("holes").toFile(), "rw")) {
      holes.setLength(1L << 40);
    }
    tar.entry("link", '1', "", e -> e.setLinkName("holes"));
    unpack();
    assertThat(LayerFitting.fit(root, List.of(lower))).isZero();
    assertThat(Files.size(root.resolve("link"))).isEqualTo(1L << 40);
    try (DirectoryFd fd = DirectoryFd.open(temp)) {
      TreeRemoval.remove(fd, "lower".getBytes(StandardCharsets.UTF_8));
    }
  }
}
