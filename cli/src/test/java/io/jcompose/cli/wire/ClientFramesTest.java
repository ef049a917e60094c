package io.jcompose.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Numbers of frames stand in the C program and in the document too. */
class ClientFramesTest {
  @Test
  void areThoseOfTheClient() throws IOException {
    assertThat(found("src/main/c/client.c", "([A-Z_]+) = (\\d+)")).containsAllEntriesOf(ours());
  }

  @Test
  void areThoseOfTheDocument() throws IOException {
    Map<String, Integer> told = new TreeMap<>();
    found("../docs/developers/client-protocol.md", "\\| (\\d+ [A-Z_]+) \\|")
        .forEach(
            (words, _) -> told.put(words.split(" ")[1], Integer.parseInt(words.split(" ")[0])));
    assertThat(told).containsAllEntriesOf(ours());
  }

  private static Map<String, Integer> ours() {
    Map<String, Integer> numbers = new TreeMap<>();
    for (Field field : ClientFrames.class.getFields()) {
      try {
        numbers.put(field.getName(), field.getInt(null));
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }
    assertThat(numbers).isNotEmpty();
    return numbers;
  }

  private static Map<String, Integer> found(String file, String pattern) throws IOException {
    Map<String, Integer> found = new TreeMap<>();
    Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(Path.of(file)));
    while (matcher.find()) {
      found.put(
          matcher.group(1), matcher.groupCount() > 1 ? Integer.parseInt(matcher.group(2)) : 0);
    }
    return found;
  }
}
