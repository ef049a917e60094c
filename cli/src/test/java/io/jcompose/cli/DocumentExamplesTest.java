package io.jcompose.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.CommandLineParser;
import io.jcompose.cli.command.Commands;
import io.jcompose.cli.command.GlobalOptions;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.engine.ProcessSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documents show can be done: files load, commands exist with the options they have. */
class DocumentExamplesTest {
  private static final Pattern INLINE = Pattern.compile("`([^`]+)`");

  /** Up to where a shell would read one command. */
  private static final Pattern COMMAND =
      Pattern.compile("(?:^|[\\s(])jcompose((?: +(?:'[^']*'|\"[^\"]*\"|[^\\s#|;<>&()'\"]+))+)");

  private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^\\s'\"]+)");

  @Test
  void composeFilesLoad(@TempDir Path folder) throws IOException {
    int count = 0;
    for (Documents.Page page : Documents.pages()) {
      for (String block : page.blocks("yaml")) {
        Files.writeString(folder.resolve("compose.yaml"), block);
        assertThatCode(() -> new ProjectLoader().load(LoadRequest.of(folder, Map.of())))
            .as(page.name() + ":\n" + block)
            .doesNotThrowAnyException();
        count++;
      }
    }
    assertThat(count).isPositive();
  }

  /** All JSON of the pages is engine.json's, but for Docker's file of logins. */
  @Test
  void settingsAreTheEngines(@TempDir Path folder) throws IOException {
    int count = 0;
    Path file = folder.resolve("engine.json");
    for (Documents.Page page : Documents.pages()) {
      for (String block : page.blocks("json")) {
        Files.writeString(file, block.contains("\"auths\"") ? "{}" : block);
        assertThatCode(() -> new ObjectMapper().readTree(block))
            .as(block)
            .doesNotThrowAnyException();
        assertThatCode(() -> ProcessSettings.load(file))
            .as(page.name() + ":\n" + block)
            .doesNotThrowAnyException();
        count++;
      }
    }
    assertThat(count).isPositive();
  }

  /** The examples in the table of docs/engine-json.md, all in one file. */
  @Test
  void everySettingsExampleIsTaken(@TempDir Path folder) throws IOException {
    Path page = Documents.ROOT.resolve("docs/engine-json.md");
    List<String> examples =
        Files.readAllLines(page).stream()
            .filter(line -> line.matches("\\| `[a-z-]+` \\|.*"))
            .map(line -> line.replaceFirst(".*\\| `(\"[a-z-]+\": .*)` \\| [^|]*\\|$", "$1"))
            .toList();
    Path file = folder.resolve("engine.json");
    Files.writeString(file, "{" + String.join(",\n", examples) + "}");
    assertThat(examples).hasSizeGreaterThan(20);
    assertThatCode(() -> ProcessSettings.load(file))
        .as(Files.readString(file))
        .doesNotThrowAnyException();
  }

  @Test
  void commandsExistWithTheirOptions() throws IOException {
    List<String> wrong = new ArrayList<>();
    List<String> seen = new ArrayList<>();
    for (Documents.Page page : Documents.pages()) {
      if (!page.isHistory()) {
        page.eachLine(
            code -> check(page, code, seen, wrong),
            text -> {
              Matcher inline = INLINE.matcher(text);
              while (inline.find()) {
                check(page, inline.group(1), seen, wrong);
              }
            });
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen).hasSizeGreaterThan(20);
  }

  private static void check(
      Documents.Page page, String text, List<String> seen, List<String> wrong) {
    Matcher command = COMMAND.matcher(text);
    while (command.find()) {
      List<String> words = words(command.group(1));
      seen.add(command.group());
      try {
        parse(words);
      } catch (CommandFailure e) {
        wrong.add(page.name() + ": jcompose " + String.join(" ", words) + ": " + e.getMessage());
      }
    }
  }

  private static void parse(List<String> words) {
    List<String> rest = CommandLineParser.parse(GlobalOptions.all(), words).rest();
    String name = rest.isEmpty() ? "" : rest.get(0);
    if (name.isEmpty() || name.equals("…") || name.matches("[A-Z]+")) {
      return; // stands for any
    }
    Command command = Commands.find(name);
    if (command == null) {
      throw new CommandFailure("there is no such command", 1);
    }
    Command member =
        rest.size() < 2 || !command.isGroup() ? null : Commands.member(command, rest.get(1));
    boolean isGroup = member != null;
    CommandLineParser.parse(isGroup ? member : command, rest.subList(isGroup ? 2 : 1, rest.size()));
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(text);
    while (word.find()) {
      words.add(
          Arrays.asList(word.group(1), word.group(2), word.group(3)).stream()
              .filter(part -> part != null)
              .findFirst()
              .orElse(""));
    }
    return words;
  }
}
