package io.jcompose.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GlobalOptionsTest {
  /** Where the program is called docker. */
  private static final List<String> OF_DOCKER =
      List.of("--config", "-c", "--context", "-l", "--log-level");

  /** It passes over their values to find the command. */
  @Test
  void theClientKnowsThoseThatTakeAValue() throws IOException {
    String client = Files.readString(Path.of("src/main/c/client.c"));
    String list = client.replaceFirst("(?s).*VALUED\\[\\] = \\{", "").replaceFirst("(?s)};.*", "");
    List<String> known =
        Pattern.compile("\"(-[^\"]+)\"").matcher(list).results().map(MatchResult::group).toList();
    assertThat(known)
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    GlobalOptions.all().spec().options().stream()
                        .filter(option -> !option.hidden() && Options.takesValue(option))
                        .flatMap(option -> List.of(option.names()).stream()),
                    OF_DOCKER.stream())
                .map(name -> '"' + name + '"')
                .toList());
  }
}
