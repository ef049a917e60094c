package io.jcompose.linux.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.linux.KernelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The attribute is stored on machines without SELinux too. */
class FileLabelsIT {
  private static final String LABEL = "u:object_r:mine_t:s0:c1,c2";

  @TempDir private Path directory;

  private static String label(Path path) {
    try (DirectoryFd parent = DirectoryFd.open(path.getParent())) {
      byte[] name = path.getFileName().toString().getBytes(UTF_8);
      byte[] value = parent.xattrs(name).getOrDefault("security.selinux", new byte[0]);
      return new String(value, UTF_8);
    }
  }

  @Test
  void labelsATreeButNothingThatItsLinksLeadTo() throws IOException {
    Path root = directory.toRealPath();
    Path tree = Files.createDirectories(root.resolve("tree/a/b")).resolve("../..").normalize();
    Path outside = Files.createDirectories(root.resolve("outside/in"));
    Files.writeString(tree.resolve("a/b/file"), "x");
    Path link = Files.createSymbolicLink(tree.resolve("a/link"), outside);
    Files.createSymbolicLink(tree.resolve("dangling"), Path.of("nowhere"));
    FileLabels.set(tree, LABEL);
    for (String name : new String[] {"", "a", "a/b", "a/b/file", "a/link", "dangling"}) {
      assertThat(label(tree.resolve(name).normalize())).as(name).isEqualTo(LABEL + "\0");
    }
    assertThat(label(outside)).isNotEqualTo(LABEL + "\0");
    assertThatThrownBy(() -> FileLabels.set(link.resolve("in"), LABEL))
        .isInstanceOf(KernelException.class);
    assertThat(label(outside.resolve("../in").normalize())).isNotEqualTo(LABEL + "\0");
    FileLabels.set(tree.resolve("a/b/file"), "u:object_r:other_t");
    FileLabels.set(tree, LABEL);
    assertThat(label(tree.resolve("a/b/file"))).as("done before").startsWith("u:object_r:other_t");
  }

  @Test
  void refusesATreeThatIsTooDeep() throws IOException {
    Path top = Files.createDirectory(directory.toRealPath().resolve("deep"));
    Files.createDirectories(top.resolve("d/".repeat(130)));
    assertThatThrownBy(() -> FileLabels.set(top, LABEL)).hasMessageContaining("ENAMETOOLONG");
    assertThat(label(top)).as("not taken for done").isNotEqualTo(LABEL + "\0");
  }
}
