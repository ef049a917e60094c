package io.jcompose.compose;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The package page's example is {@link LoadExample}, which compiles and works. */
class LoadExampleTest {
  private static final Path PAGE = Path.of("src/main/java/io/jcompose/compose/package-info.java");
  private static final Path CODE = Path.of("src/test/java/io/jcompose/compose/LoadExample.java");

  @TempDir Path dir;

  @Test
  void standsOnThePackagePage() throws IOException {
    String page =
        Files.readAllLines(PAGE).stream()
            .filter(line -> line.startsWith(" *"))
            .map(line -> line.substring(2))
            .collect(Collectors.joining());
    String code = String.join("", Files.readAllLines(CODE));
    String begins = "// The example begins.";
    String example =
        code.substring(
            code.indexOf(begins) + begins.length(), code.indexOf("// The example ends."));
    // The formatter breaks lines differently.
    assertThat(page.replaceAll("\\s", "")).contains(example.replaceAll("\\s", ""));
  }

  @Test
  void listsPortsAndPrintsTheProject() throws IOException {
    Files.writeString(
        dir.resolve("compose.yaml"), "services: {web: {image: \"x:1\", ports: [\"8080:80\"]}}");
    assertThat(LoadExample.ports(dir))
        .startsWith("web listens on 8080\nname: ")
        .endsWith("compose.yaml:1:25");
  }
}
