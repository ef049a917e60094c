package io.jcompose.images.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.file.DirectoryFd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What overlayfs keeps in an upper directory, and a layer cannot have. */
class LayerMarksIT {
  @TempDir Path upper;

  private String archived() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TarWriter tar = new TarWriter(out);
    try (DirectoryFd root = DirectoryFd.open(upper)) {
      TreeReader.ofLayer(tar, (path, status) -> false).children(root, "");
    }
    tar.finish();
    return out.toString(UTF_8);
  }

  private void mark(String name, String key, String value) {
    try (DirectoryFd root = DirectoryFd.open(upper)) {
      root.setXattr(name.getBytes(UTF_8), key, value.getBytes(UTF_8));
    }
  }

  @Test
  void aFileWhoseContentIsBelowIsRefused() throws Exception {
    Files.writeString(upper.resolve("file"), "");
    mark("file", "trusted.overlay.metacopy", "");
    assertThatThrownBy(this::archived)
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageStartingWith("/file: the file's content is in a layer below");
  }

  @Test
  void aNameThatMarksARemovalIsRefused() throws Exception {
    Files.createDirectories(upper.resolve("etc"));
    Files.writeString(upper.resolve("etc/.wh.passwd"), "");
    assertThatThrownBy(this::archived)
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageStartingWith("/etc/.wh.passwd: a layer can have no file whose name begins");
    Files.move(upper.resolve("etc/.wh.passwd"), upper.resolve("etc/x.wh.passwd"));
    assertThat(archived()).contains("etc/x.wh.passwd");
  }

  @Test
  void ofAttributesOnlyThoseAreKeptThatMeanSomethingElsewhere() throws Exception {
    Files.createDirectories(upper.resolve("dir"));
    mark("dir", "trusted.overlay.opaque", "y");
    mark("dir", "user.kind", "mine");
    assertThat(archived()).contains("dir/.wh..wh..opq", "user.kind=mine").doesNotContain("trusted");
  }
}
