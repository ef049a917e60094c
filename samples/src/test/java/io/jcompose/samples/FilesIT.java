package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands make of a compose file beside its services, by the distribution's command line. */
class FilesIT {
  private static final Path FILE =
      Path.of("src/test/resources/FilesIT/compose.yaml").toAbsolutePath();
  private static final String UNSET = "The \"FILES_UNSET\" variable is not set";

  @TempDir static Path root;
  private static Path folder;
  private static Stage stage;
  private static String told;

  @BeforeAll
  static void bringUp() throws Exception {
    folder = Files.createDirectories(root.resolve("project"));
    Files.copy(FILE, folder.resolve("compose.yaml"));
    stage = new Stage(Files.createDirectories(root.resolve("stage")));
    told = stage.ok(folder, "up", "-d").err();
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (stage != null) {
      stage.ok(folder, "down", "-v", "-t", "2");
      stage.close();
    }
  }

  @Test
  void everyWarningIsToldWholeAndWithItsPlace() {
    assertThat(told.lines())
        .contains(
            "WARN[0000] "
                + folder
                + "/compose.yaml:9:22: "
                + UNSET
                + ". Defaulting to a blank string.",
            warning("10:18: services.box.annotations: not carried out"),
            warning("11:16: services.box.isolation: not carried out (Windows only)"),
            warning("12:16: services.box.cpu_count: not carried out (Windows only)"));
  }

  private static String warning(String text) {
    return " Project files  Warning  " + folder + "/compose.yaml:" + text;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ps",
        "logs",
        "images",
        "top",
        "port box 80",
        "exec -T box true",
        "run --rm -T box true",
        "stop empty",
        "start empty",
        "config -q"
      })
  void everyCommandThatReadsTheFilesTellsTheirWarnings(String command) throws Exception {
    String script = "$J " + command + " 2>&1 >/dev/null; true";
    assertThat(stage.shell(folder, script)).containsOnlyOnce(UNSET);
  }

  @Test
  void anEmptyCommandRunsTheImages() throws Exception {
    assertThat(stage.ok(folder, "ps", "empty").out()).contains("Up ");
  }

  @Test
  void aMissingFolderOfALongBindIsMade() {
    assertThat(folder.resolve("made")).isDirectory();
  }

  @Test
  void runMountsTheProjectsVolumesAndFolders() throws Exception {
    stage.shell(folder, "$J run --rm -T -v data:/x box sh -c 'echo hi >/x/k'");
    assertThat(stage.ok(folder, "exec", "-T", "box", "cat", "/d/k").out()).isEqualTo("hi\n");
    stage.shell(folder, "$J run --rm -T -v unused:/x box sh -c 'echo there >/x/k'");
    assertThat(stage.ok(folder, "volumes", "-q").out()).contains("files_data");
    Files.createDirectories(folder.resolve("sub"));
    Files.writeString(folder.resolve("sub/f"), "of the folder\n");
    assertThat(stage.shell(folder, "cd sub && $J run --rm -T -v .:/s box cat /s/f"))
        .isEqualTo("of the folder\n");
  }
}
