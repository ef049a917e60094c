package io.jcompose.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Cases in files of {@code src/test/resources/cases}: {@code === name}, the input, {@code ---}, and
 * what comes of it. In an input, {@code \x000d}-like escapes stand for characters that an editor
 * would not show, where the name ends with {@code (escaped)}.
 */
public record Cases(String name, String input, String expected) {

  /** All cases of the files whose names begin with {@code prefix}. */
  public static List<Cases> of(String prefix) throws IOException {
    List<Cases> cases = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/cases"))) {
      for (Path file :
          files
              .filter(each -> each.getFileName().toString().startsWith(prefix))
              .sorted()
              .toList()) {
        read(Files.readString(file), cases);
      }
    }
    return cases;
  }

  private static void read(String text, List<Cases> cases) {
    for (String block : ("\n" + text).split("\n=== ")) {
      String whole = block + "\n";
      if (!block.isBlank() && !block.startsWith("\n#")) {
        int line = block.indexOf('\n');
        int bar = whole.indexOf("\n---\n");
        String name = block.substring(0, line);
        String input = bar < line ? "" : block.substring(line + 1, bar + 1);
        String expected = whole.substring(bar + 5);
        cases.add(
            new Cases(
                name,
                name.endsWith("(escaped)") ? unescaped(input.stripTrailing()) : input,
                expected.stripTrailing()));
      }
    }
  }

  private static String unescaped(String text) {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.startsWith("\\x", i)) {
        result.append((char) Integer.parseInt(text.substring(i + 2, i + 6), 16));
        i += 5;
      } else {
        result.append(text.charAt(i));
      }
    }
    return result.toString();
  }

  @Override
  public String toString() {
    return name;
  }
}
