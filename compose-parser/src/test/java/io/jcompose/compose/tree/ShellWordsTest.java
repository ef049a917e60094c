package io.jcompose.compose.tree;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** As mattn/go-shellwords splits; {@code |} stands between words. */
class ShellWordsTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '^',
      delimiter = '~',
      value = {
        "a b~ a|b",
        "^ a \t b ^~ a|b",
        "a \"b c\" d~ a|b c|d",
        "a 'b \"c'~ a|b \"c",
        "a\"b\"c~ abc",
        "\"a'b\"~ a'b",
        "a \\\" b~ a|\"|b",
        "a\\ b~ a b",
        "'a\\b'~ a\\b",
        "\"a\\b\"~ ab",
        "a '' b~ a||b",
        "$A ${B}~ $A|${B}",
        "`a b` c~ `a b`|c",
        "`a \"b` c~ `a \"b`|c",
        "$(a b) c~ $(a b)|c",
        "x$(a b)~ x$(a b)",
        "a ; b~ a",
        "a|b~ a",
        "a && b~ a",
        "a >out~ a",
        "a 2>&1~ a",
        "a x2>&1~ a|x2",
        "a <in~ a",
        "a ';' b~ a|;|b",
        "\"a;b\"~ a;b",
        "a\\;b~ a;b"
      })
  void aLineIsSplit(String line, String expected) {
    assertThat(ShellWords.split(line)).isNotNull();
    assertThat(String.join("|", ShellWords.split(line))).isEqualTo(expected);
  }

  @Test
  void linesOfNothingHaveNoWords() {
    assertThat(ShellWords.split("")).isEmpty();
    assertThat(ShellWords.split(" \r\n\t")).isEmpty();
    assertThat(ShellWords.split("a\nb\rc")).containsExactly("a", "b", "c");
    assertThat(ShellWords.split("; a")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"a", "'a", "`a", "$(a", "a\\", "(a)", "a(b)", "a)", "$((a))"})
  void whatIsLeftOpenIsNoCommand(String line) {
    assertThat(ShellWords.split(line)).isNull();
  }
}
