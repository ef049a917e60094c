package io.jcompose.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.Commands;
import io.jcompose.cli.command.Options;
import io.jcompose.cli.help.Completion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Model.OptionSpec;

/** What the shells and the manual say of commands and options is what the parser takes. */
class PackagedTextsTest {
  @TempDir Path share;

  @BeforeEach
  void write() throws IOException {
    PackagedTexts.main(new String[] {share.toString()});
  }

  @Test
  void everyOptionIsInEveryText() throws IOException {
    String bash = Completion.script("bash");
    String zsh = Completion.script("zsh");
    String fish = Completion.script("fish");
    for (String name : Commands.NAMES) {
      Command command = Objects.requireNonNull(Commands.find(name));
      String page = Files.readString(share.resolve("man/man1/jcompose-" + name + ".1"));
      for (OptionSpec option : command.spec().options()) {
        String last = Options.name(option);
        if (last.length() == 2 || last.equals("--help")) {
          continue; // refused ones alone have no long name, and -w is a part of --wait
        }
        boolean shown = !option.hidden();
        assertThat(line(bash, "      " + name + ") ").contains(last + " ")).isEqualTo(shown);
        assertThat(fish.contains("'__jcompose_is " + name + "' " + inFish(option)))
            .as(name + " " + last + " in fish")
            .isEqualTo(shown);
        assertThat(part(zsh, "        " + name + ") _arguments", " ;;").contains(last))
            .as(name + " " + last + " in zsh")
            .isEqualTo(shown);
        assertThat(page.contains("\\fB" + last.replace("-", "\\-") + "\\fR"))
            .as(name + " " + last + " in the manual")
            .isEqualTo(shown);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          jcompose sta|start stats
          jcompose --proj|--project-directory --project-name
          jcompose up --no-st|--no-start
          jcompose -p x up --det|--detach
          jcompose logs w|web
          jcompose -f other.yaml logs ''|--files--
          jcompose up --attach w|web
          jcompose up --scale w|""
          jcompose system ''|df events info prune
          jcompose engine ''|status stop restart
          jcompose completion ''|bash zsh fish
          jcompose -p ''|""
          """)
  void bashCompletes(String line, String wanted) throws Exception {
    // The services: what a jcompose with these options before `config --services` would say.
    String script =
        """
        jcompose() {
          case "$*" in "config --services") echo web; echo db ;; *) echo --files-- ;; esac
        }
        COMP_WORDS=(%s)
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _jcompose
        echo "${COMPREPLY[*]}"
        """
            .formatted(line);
    assertThat(bash(Completion.script("bash") + script).strip())
        .isEqualTo(wanted == null ? "" : wanted);
  }

  private static String bash(String script) throws Exception {
    Process process = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }

  private static String inFish(OptionSpec option) {
    List<String> words = new ArrayList<>();
    for (String name : Options.names(option)) {
      words.add(name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1));
    }
    return String.join(" ", words) + " ";
  }

  private static String line(String text, String start) {
    return text.lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
  }

  private static String part(String text, String start, String end) {
    int from = text.indexOf(start);
    return text.substring(from, text.indexOf(end, from));
  }
}
