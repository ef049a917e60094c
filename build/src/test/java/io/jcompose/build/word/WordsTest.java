package io.jcompose.build.word;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WordsTest {
  private static final Map<String, String> VARIABLES =
      Map.of(
          "a",
          "x",
          "e",
          "",
          "s",
          "two words",
          "p",
          "foo.tar.gz",
          "q",
          "/usr/local/bin",
          "n",
          "1st\n2nd");

  static List<String> cases() throws IOException {
    return Files.readAllLines(Path.of("src/test/resources/cases/words.txt")).stream()
        .filter(line -> !line.startsWith("#"))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void expands(String line) {
    String[] parts = line.split(" \\| ", -1);
    Words words = new Words(parts[0].charAt(0));
    assertThat(result(words, parts[0].substring(2), parts[1])).isEqualTo(parts[2]);
  }

  private static String result(Words words, String method, String raw) {
    try {
      String result =
          switch (method) {
            case "word" -> words.expand(raw, VARIABLES::get);
            case "split" -> String.join(",", words.split(raw, VARIABLES::get));
            case "text" -> words.expandText(raw, VARIABLES::get);
            case "raw" -> String.join(",", words.splitRaw(raw));
            default -> throw new IllegalArgumentException(method);
          };
      return result.replace("\n", "<LF>");
    } catch (WordException e) {
      return "! " + e.reason();
    }
  }

  @Test
  void refusesWhatGrowsBeyondBounds() {
    String million = "y".repeat(1 << 20);
    assertThatThrownBy(() -> new Words('\\').expand("$a$a", name -> million))
        .isInstanceOf(WordException.class)
        .hasMessageContaining("more than 1048576 characters");
    assertThatThrownBy(
            () -> new Words('\\').expand("${a//?/" + "z".repeat(100) + "}", name -> million))
        .isInstanceOf(WordException.class);
  }

  @Test
  void refusesSubstitutionsThatAreTooDeep() {
    assertThatThrownBy(() -> new Words('\\').expand("${u:-".repeat(10_000), name -> null))
        .isInstanceOf(WordException.class)
        .hasMessageContaining("substitutions in each other");
  }

  @Test
  void refusesPatternsThatTakeTooLong() {
    String value = "a".repeat(100_000);
    String pattern = "*a".repeat(1000) + "b";
    assertThatThrownBy(() -> new Words('\\').expand("${v##" + pattern + "}", name -> value))
        .isInstanceOf(WordException.class)
        .hasMessageContaining("takes too long");
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings().withChars("ab$${}}:-+?#%/\\'\" *`\n1é").ofMaxLength(60);
  }

  @Property
  void readsOrRefuses(@ForAll @From("texts") String raw) {
    for (String method : List.of("word", "split", "text", "raw")) {
      result(new Words('\\'), method, raw);
      result(new Words('`'), method, raw);
    }
  }

  /** What is quoted comes back as it was. */
  @Property
  void quotesHold(@ForAll String text) {
    String quoted = "'" + text.replace("'", "'\\''") + "'";
    assertThat(new Words('\\').expand(quoted, name -> null)).isEqualTo(text);
  }

  @Property
  void expandsNothingWhereNothingIsSpecial(@ForAll @From("plain") String text) {
    assertThat(new Words('\\').expand(text, name -> null)).isEqualTo(text);
    assertThat(String.join("", new Words('\\').split(text, name -> null)))
        .isEqualTo(text.replaceAll("[ \t\n]", ""));
  }

  @Provide
  Arbitrary<String> plain() {
    return Arbitraries.strings().withChars("abc {}:/.%#*? \t\nß🐳").ofMaxLength(40);
  }
}
