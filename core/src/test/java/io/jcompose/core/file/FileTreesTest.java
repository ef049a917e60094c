package io.jcompose.core.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreesTest {
  @TempDir Path folder;

  @Test
  void countsAFileWithSeveralNamesOnceAndFollowsNoLink() throws IOException {
    Path tree = Files.createDirectories(folder.resolve("tree/sub"));
    Path file = Files.write(tree.resolve("a"), new byte[1000]);
    Files.createLink(tree.resolve("b"), file);
    Files.createLink(folder.resolve("tree/c"), file);
    Files.write(folder.resolve("tree/d"), new byte[10]);
    Files.write(folder.resolve("outside"), new byte[5000]);
    Path link = Files.createSymbolicLink(tree.resolve("l"), folder.resolve("outside"));
    long own = Files.readSymbolicLink(link).toString().length();
    assertThat(FileTrees.bytes(folder.resolve("tree"))).isEqualTo(1010 + own);
  }

  @Test
  void whatIsNotThereHasNothing() {
    assertThat(FileTrees.bytes(folder.resolve("none"))).isZero();
  }

  @Test
  void treesWithoutABottomAreCountedToADepth() throws IOException {
    Path at = folder.resolve("deep");
    Files.createDirectory(at);
    Files.write(at.resolve("f"), new byte[7]);
    for (int i = 0; i < 700; i++) {
      at = Files.createDirectory(at.resolve("d"));
    }
    Files.write(at.resolve("f"), new byte[100]);
    assertThat(FileTrees.bytes(folder.resolve("deep"))).isEqualTo(7);
  }
}
