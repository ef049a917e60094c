package io.jcompose.runtime.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupRemovalTest {
  @TempDir Path directory;

  /** As a container that has them to itself makes them. */
  @Test
  void removesGroupsThatAreDeeperThanAPathCanBe() throws Exception {
    Path group = Files.createDirectory(directory.resolve("group"));
    String name = "x".repeat(200);
    String script =
        "for i in $(seq 30); do mkdir .hidden %s && cd -P %s || exit; done".formatted(name, name);
    ProcessBuilder shell = new ProcessBuilder("sh", "-c", script).directory(group.toFile());
    assertThat(shell.inheritIO().start().waitFor()).isZero();
    GroupRemoval.remove(group);
    assertThat(group).doesNotExist();
    GroupRemoval.remove(group);
  }

  @Test
  void saysWhatCannotBeRemovedNow() throws IOException {
    Path inner = Files.createDirectories(directory.resolve("group/inner"));
    Files.createFile(inner.resolve("held")); // files of a group go with it, these do not
    assertThatThrownBy(() -> GroupRemoval.remove(directory.resolve("group")))
        .isInstanceOf(IOException.class);
    Files.delete(inner.resolve("held"));
    GroupRemoval.remove(directory.resolve("group"));
    assertThat(directory.resolve("group")).doesNotExist();
  }
}
