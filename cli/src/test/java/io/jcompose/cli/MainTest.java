package io.jcompose.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MainTest {
  private final PrintStream former = System.err;
  private final ByteArrayOutputStream told = new ByteArrayOutputStream();

  MainTest() {
    System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void giveBack() {
    System.setErr(former);
  }

  private String told(String... words) {
    told.reset();
    assertThat(Dispatch.run(List.of(words), Map.of())).isEqualTo(1);
    return told.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aCommandOfDockersThatIsMissingHasAnAnswer() {
    for (String word : new String[] {"buildx", "watch", "publish"}) {
      assertThat(told(word, "--pull"))
          .startsWith("'jcompose " + word + "' is not supported: ")
          .hasLineCount(1);
    }
  }

  @Test
  void optionsOfDockersBuildThatAreNotCarriedOutAreRefusedByName() {
    for (String words : new String[] {"build --squash .", "build --isolation x ."}) {
      String option = words.replaceFirst(".*?(--[a-z]+).*", "$1");
      assertThat(told(words.split(" ")))
          .contains(": " + option + " is not supported: ")
          .hasLineCount(1);
    }
    assertThat(told("image", "build")).contains("requires at least 1 argument");
    assertThat(told("builder", "x"))
        .startsWith("no such command: builder x\nThere are: build, df,");
  }

  @Test
  void aMisspeltCommandIsAnsweredByAQuestionAndNoPageOfHelp() {
    assertThat(told("dowm"))
        .isEqualTo(
            "unknown jcompose command: \"dowm\"; did you mean \"down\"?\n"
                + "'jcompose --help' lists them all.\n");
    assertThat(told("xyzzy"))
        .isEqualTo("unknown jcompose command: \"xyzzy\"\n'jcompose --help' lists them all.\n");
  }

  @Test
  void capitalsAndWordsOfOtherProgramsAreUnderstood() {
    assertThat(told("Up")).contains("did you mean \"up\"?");
    for (String word : new String[] {"list", "status", "shell", "remove"}) {
      assertThat(told(word, "x")).contains("`jcompose ").hasLineCount(1);
    }
  }

  @Test
  void whoGivesTooFewWordsSeesWhatIsWanted() {
    assertThat(told("exec", "web"))
        .isEqualTo(
            "'jcompose exec' requires at least 2 arguments\n"
                + "Usage:  jcompose exec [OPTIONS] SERVICE COMMAND [ARGS...]\n"
                + "See 'jcompose exec --help'.\n");
    for (String command : new String[] {"run", "attach", "cp", "export"}) {
      assertThat(told(command)).contains("\nUsage:  jcompose " + command + " ");
    }
  }

  @Test
  void dryRunMayStandOnEitherSideOfTheCommand() {
    for (String[] words : new String[][] {{"--dry-run", "ps"}, {"ps", "--dry-run"}}) {
      assertThat(told(words)).startsWith("'jcompose ps' has no --dry-run");
    }
    // What follows exec's service belongs to the program in the container.
    assertThat(told("exec", "--dry-run", "web", "ls")).startsWith("unknown flag: --dry-run");
  }

  @Test
  void anOptionOfImagesIsAnsweredByRun() {
    for (String option : new String[] {"--network", "--init", "-m"}) {
      assertThat(told("run", "--rm", option, "x", "busybox"))
          .startsWith(
              "jcompose run: " + option + " is not supported: it is of `jcompose container run`")
          .hasLineCount(1);
    }
  }

  /** For scripts that call docker, where that is a link to this program. */
  @Test
  void theWordComposeMayStandBeforeACommand() {
    assertThat(told("compose", "watch")).startsWith("'jcompose watch' is not supported: ");
    assertThat(told("--ansi", "never", "compose", "-p", "x", "dowm"))
        .startsWith("unknown jcompose command: \"dowm\"");
    assertThat(Dispatch.run(List.of("compose", "version", "--short"), Map.of())).isZero();
  }

  @Test
  void wordsThatWouldBePassedOverAreRefused() {
    for (String command : new String[] {"version", "ls"}) {
      assertThat(told(command, "x"))
          .startsWith("'jcompose " + command + "' does not take so many arguments: x\n");
    }
    for (String words :
        new String[] {
          "volume create a x",
          "volume ls x",
          "network create a x",
          "network prune x",
          "image tag a b x",
          "image history a x",
          "system df x",
          "system info x",
          "export a x"
        }) {
      assertThat(told(words.split(" "))).contains("' does not take so many arguments: x\n");
    }
    assertThat(told("engine", "x")).startsWith("no such command: engine x\n");
    assertThat(told("volume", "x")).startsWith("no such command: volume x\n");
  }

  @Test
  void whatTheLauncherChangedForItsRuntimeIsTheCallersAgain() {
    assertThat(Main.environment(Map.of("LC_ALL", "de", "A", "b")))
        .isEqualTo(Map.of("LC_ALL", "de", "A", "b"));
    assertThat(
            Main.environment(
                Map.of(
                    "JCOMPOSE_KEPT",
                    "",
                    "LC_ALL",
                    "C.UTF-8",
                    "JCOMPOSE_KEPT_JAVA_TOOL_OPTIONS",
                    "-Xmx1g",
                    "A",
                    "b")))
        .isEqualTo(Map.of("JAVA_TOOL_OPTIONS", "-Xmx1g", "A", "b"));
  }
}
