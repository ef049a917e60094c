package io.jcompose.build.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.file.DirectoryFd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinksTest {
  @TempDir Path root;

  @BeforeEach
  void fill() throws IOException {
    Files.createDirectories(root.resolve("a/b"));
    Files.writeString(root.resolve("a/b/file"), "x");
    link("dir", "a/b");
    link("absolute", "/a/b/file");
    link("out", "../../../../etc/passwd");
    link("a/up", "../dir/file");
    link("nowhere", "not/there");
    link("round", "round");
  }

  private void link(String name, String target) throws IOException {
    Files.createSymbolicLink(root.resolve(name), Path.of(target));
  }

  private String real(String path) {
    try (DirectoryFd directory = DirectoryFd.open(root)) {
      return Links.real(directory, path);
    }
  }

  @Test
  void everyLinkIsFollowedInsideOfTheRoot() {
    assertThat(real("dir/file")).isEqualTo("a/b/file");
    assertThat(real("absolute")).isEqualTo("a/b/file");
    assertThat(real("a/up")).isEqualTo("a/b/file");
    assertThat(real("out")).isEqualTo("etc/passwd");
    assertThat(real("dir/../file")).isEqualTo("a/file");
    assertThat(real("")).isEmpty();
    assertThat(real("/./a//b/")).isEqualTo("a/b");
  }

  @Test
  void whatIsMissingGoesOnAsItIsWritten() {
    assertThat(real("nowhere/more")).isEqualTo("not/there/more");
    assertThat(real("a/b/file/below")).isEqualTo("a/b/file/below");
  }

  @Test
  void linksWithoutEndAreRefused() {
    assertThatThrownBy(() -> real("round/x"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage("/round/x: too many symbolic links");
    assertThatThrownBy(() -> real("long/".repeat(1000)))
        .hasMessageContaining("leads to a path that is too long");
  }
}
