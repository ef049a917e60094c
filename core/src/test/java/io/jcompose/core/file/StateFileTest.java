package io.jcompose.core.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
  @TempDir private Path root;

  @Test
  void setsAsideWhatCannotBeUnderstoodAndCountsItAsMissing() throws IOException {
    Path file = Files.createDirectories(root.resolve("networks")).resolve("n.json");
    for (int times = 0; times < 2; times++) {
      Files.writeString(file, "no number");
      assertThat(StateFile.load(file, StateFileTest::number, "")).isEmpty();
    }
    Files.createDirectories(file.resolve("inside"));
    assertThat(StateFile.load(file, StateFileTest::number, "")).isEmpty();
    assertThat(StateFile.setAside(root))
        .extracting(found -> found.getFileName().toString())
        .containsExactly("n.json.damaged", "n.json.damaged.2", "n.json.damaged.3");
    StateFile.write(file, "7".getBytes(StandardCharsets.UTF_8));
    assertThat(StateFile.load(file, StateFileTest::number, "")).isEqualTo(Optional.of(7));
  }

  @Test
  void writesOverADirectoryThatIsInTheWay() throws IOException {
    Path file = Files.createDirectories(root.resolve("projects/p.json/inside")).getParent();
    assertThatThrownBy(() -> StateFile.read(file)).isInstanceOf(JcomposeException.Corrupt.class);
    StateFile.write(file, new byte[] {1});
    assertThat(StateFile.read(file).orElseThrow()).containsExactly(1);
  }

  /** What is listed may be removed by a prune. */
  @Test
  void listsNothingOfUsersAsSetAside() throws IOException {
    for (String theirs :
        List.of(
            "volumes/my.damaged/_data/a.damaged",
            "volumes/my/_data/volume.json.damaged",
            "containers/c/upper/b.damaged",
            "images/snapshots/s/fs/c.damaged")) {
      Files.createDirectories(root.resolve(theirs).getParent());
      Files.createFile(root.resolve(theirs));
    }
    assertThat(StateFile.setAside(root)).isEmpty();
    Files.createFile(root.resolve("volumes/my/volume.json.damaged"));
    assertThat(StateFile.setAside(root)).hasSize(1);
  }

  private static Integer number(byte[] text) {
    return Integer.valueOf(new String(text, StandardCharsets.UTF_8));
  }

  @Test
  void whatAPowerCutMayDestroyIsNotSetAside(@TempDir Path root) {
    Path file = root.resolve("containers/x/run.json");
    assertThat(StateFile.loadVolatile(file, StateFileTest::number, -1)).isEmpty();
    StateFile.writeVolatile(file, new byte[0]);
    assertThat(StateFile.loadVolatile(file, StateFileTest::number, -1)).hasValue(-1);
    assertThat(StateFile.setAside(root)).isEmpty();
    StateFile.writeVolatile(file, "7".getBytes(StandardCharsets.UTF_8));
    assertThat(StateFile.loadVolatile(file, StateFileTest::number, -1)).hasValue(7);
  }
}
