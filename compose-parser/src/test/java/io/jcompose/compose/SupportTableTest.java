package io.jcompose.compose;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.compose.schema.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/compose-support.md tells of every attribute that is read, and of no other. */
class SupportTableTest {
  private static final Path PAGE = Path.of("../docs/compose-support.md");
  private static final Pattern OBJECT = Pattern.compile("### `(\\w+)`: .+");
  private static final Pattern ROW =
      Pattern.compile(
          "\\| ((?:`\\w+`(?:, )?)+) \\| (done|partly|refused|warned|nothing) \\| (.*)\\| (.*)\\|");

  /** A test, a case, or the rows of the object that the attribute holds. */
  private static final Pattern SHOWN =
      Pattern.compile("\\b[A-Z]\\w*(Test|IT)\\b|`[a-z-]+/[a-z0-9-]+`|^see below ");

  @Test
  void hasARowForEachAttribute() throws IOException {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    List<String> unclear = new ArrayList<>();
    String object = "";
    boolean table = false;
    for (String line : Files.readAllLines(PAGE)) {
      Matcher heading = OBJECT.matcher(line);
      Matcher row = ROW.matcher(line);
      if (line.startsWith("## ")) {
        table = line.equals("## Every attribute");
      } else if (heading.matches()) {
        object = heading.group(1);
        rows.put(object, new ArrayList<>());
      } else if (table && row.matches()) {
        rows.getOrDefault(object, new ArrayList<>())
            .addAll(List.of(row.group(1).replace("`", "").split(", ")));
        if (row.group(2).equals("done") && !SHOWN.matcher(row.group(3) + row.group(4)).find()) {
          unclear.add(line);
        }
      } else if (table && line.startsWith("| `")) {
        unclear.add(line);
      }
    }
    assertThat(unclear).isEmpty();
    Map<String, List<String>> known = new LinkedHashMap<>();
    Schema.COMPOSE
        .objects()
        .forEach((name, fields) -> known.put(name, List.copyOf(fields.keySet())));
    assertThat(rows.keySet()).containsExactlyInAnyOrderElementsOf(known.keySet());
    rows.forEach(
        (name, attributes) ->
            assertThat(attributes)
                .as(name)
                .containsExactlyInAnyOrderElementsOf(known.getOrDefault(name, List.of())));
  }

  /** The cases that the page names as a proof exist. */
  @Test
  void namesOnlyCasesThatExist() throws IOException {
    Matcher cases =
        Pattern.compile("`([a-z-]+/[a-z0-9-]+)`")
            .matcher(Files.readString(PAGE).split("## Every attribute")[1]);
    while (cases.find()) {
      String name = cases.group(1);
      assertThat(Path.of("src/test/resources/ConfigGoldenTest", name)).isDirectory();
    }
  }

  /** So do the test classes, and their methods where one is named: {@code NamesIT.aMethod}. */
  @Test
  void namesOnlyTestsThatExist() throws IOException {
    Map<String, Path> sources = tests();
    List<String> missing = new ArrayList<>();
    Matcher tests =
        Pattern.compile("\\b([A-Z]\\w*(?:Test|IT))\\b(?:\\.(\\w+))?")
            .matcher(Files.readString(PAGE).split("## Every attribute")[1]);
    while (tests.find()) {
      Path source = sources.get(tests.group(1));
      String method = tests.group(2);
      if (source == null
          || (method != null && !Files.readString(source).contains("void " + method + "("))) {
        missing.add(tests.group());
      }
    }
    assertThat(missing).as("tests that the page names and nobody has").isEmpty();
  }

  private static Map<String, Path> tests() throws IOException {
    Map<String, Path> found = new LinkedHashMap<>();
    try (var modules = Files.newDirectoryStream(Path.of(".."))) {
      for (Path module : modules) {
        Path folder = module.resolve("src/test/java");
        if (Files.isDirectory(folder)) {
          try (var files = Files.walk(folder)) {
            files
                .filter(file -> file.toString().endsWith(".java"))
                .forEach(file -> found.put(file.getFileName().toString().split("\\.")[0], file));
          }
        }
      }
    }
    return found;
  }
}
