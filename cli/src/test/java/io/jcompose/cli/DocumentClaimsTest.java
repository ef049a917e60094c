package io.jcompose.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.Commands;
import io.jcompose.cli.command.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.OptionSpec;

/** The documents quote the program: its messages and the variables that it reads. */
class DocumentClaimsTest {
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
  private static final Pattern VARIABLE =
      Pattern.compile(
          "\"((?:JCOMPOSE|COMPOSE|DOCKER|SSL|XDG)_[A-Z_]+|[A-Z]+_PROXY)\""
              + "|(?:getenv|env(?:ironment)?\\.(?:get|getOrDefault|containsKey))\\(\"(\\w+)\"");

  @Test
  void messagesAreTheProgramsOwn() throws IOException {
    String sources = Documents.sources();
    List<String> unknown = new ArrayList<>();
    int count = 0;
    for (Documents.Page page : Documents.pages()) {
      for (String message : messages(page)) {
        count++;
        for (String part : message.split("…", -1)) {
          if (!sources.contains(part.strip())) {
            unknown.add(page.name() + ": " + message);
          }
        }
      }
    }
    assertThat(unknown).as("messages that no source has").isEmpty();
    assertThat(count).isGreaterThan(20);
  }

  /** What the first column of tables under the heading "message" quotes. */
  private static List<String> messages(Documents.Page page) {
    List<String> found = new ArrayList<>();
    boolean inside = false;
    for (String line : page.lines()) {
      inside = line.startsWith("| message |") || (inside && line.startsWith("|"));
      if (inside) {
        Matcher quoted = QUOTED.matcher(line.split("\\|", -1)[1]);
        while (quoted.find()) {
          found.add(quoted.group(1));
        }
      }
    }
    return found;
  }

  /** Rounded down to a hundred, so that a page changes with every hundredth case. */
  @Test
  void casesAreCounted() throws IOException {
    String page = Files.readString(Documents.ROOT.resolve("docs/compose-differences.md"));
    assertThat(page)
        .contains("on more than " + hundreds("ConfigGoldenTest") + " compose files")
        .contains("More than " + hundreds("ConfigErrorTest") + " further files");
  }

  private static long hundreds(String test) throws IOException {
    Path cases = Documents.ROOT.resolve("compose-parser/src/test/resources").resolve(test);
    try (Stream<Path> folders = Files.find(cases, 2, (path, facts) -> facts.isDirectory())) {
      long count = folders.filter(path -> cases.relativize(path).getNameCount() == 2).count();
      return count / 100 * 100;
    }
  }

  /** Written by scripts/compare-help, which needs Docker's programs: here only our side is held. */
  @Test
  void eachCommandAndOptionHasItsPlace() throws IOException {
    List<String> rows = Files.readAllLines(Documents.ROOT.resolve("docs/commands.md"));
    List<String> missing = new ArrayList<>();
    for (String name : Commands.NAMES) {
      Command command = Objects.requireNonNull(Commands.find(name));
      List<String> own =
          rows.stream().filter(row -> row.contains("| `jcompose " + name + "` |")).toList();
      for (OptionSpec option : own.isEmpty() ? List.<OptionSpec>of() : command.shown()) {
        String last = Options.name(option);
        if (own.stream().noneMatch(r -> r.contains(last + "`"))) {
          missing.add(name + " " + last);
        }
      }
      String group = "`jcompose " + name + " ";
      boolean named = rows.stream().anyMatch(r -> r.contains("`" + name) || r.contains(group));
      if (own.isEmpty() && !named) {
        missing.add(name);
      }
    }
    assertThat(missing).as("run scripts/compare-help").isEmpty();
  }

  @Test
  void eachVariableThatIsReadIsTold() throws IOException {
    String page = Files.readString(Documents.ROOT.resolve("docs/environment.md"));
    TreeSet<String> untold = new TreeSet<>();
    Matcher read = VARIABLE.matcher(Documents.sources());
    while (read.find()) {
      String variable = read.group(1) != null ? read.group(1) : read.group(2);
      if (!page.contains("`" + variable + "`")) {
        untold.add(variable);
      }
    }
    assertThat(untold).as("variables that docs/environment.md does not name").isEmpty();
  }
}
