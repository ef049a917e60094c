package io.jcompose.runtime.compile;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountTableTest {
  @Test
  void findsThePropagationOfMounts() {
    MountTable table =
        MountTable.parse(
            List.of(
                "1 0 8:1 / / rw - ext4 /dev/sda1 rw",
                "2 1 8:1 / /a rw shared:5 - ext4 /dev/sda1 rw",
                "3 2 8:1 / /a/b rw master:5 - ext4 /dev/sda1 rw"));
    table.checkPropagation(Path.of("/a/x"), true);
    table.checkPropagation(Path.of("/a/b/x"), false);
    assertThatThrownBy(() -> table.checkPropagation(Path.of("/a/b"), true))
        .hasMessage("path /a/b is mounted on /a/b but it is not a shared mount");
    assertThatThrownBy(() -> table.checkPropagation(Path.of("/c"), false))
        .hasMessage("path /c is mounted on / but it is not a shared or slave mount");
  }
}
