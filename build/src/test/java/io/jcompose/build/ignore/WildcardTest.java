package io.jcompose.build.ignore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WildcardTest {
  @ParameterizedTest
  @CsvSource({
    "*.txt, a.txt, true",
    "*.txt, b/a.txt, false",
    "*, .hidden, true",
    "a*/b, ax/b, true",
    "a*/b, a/x/b, false",
    "**/b, x/b, true",
    "**/b, x/y/b, false",
    "a?c, abc, true",
    "a?c, a/c, false",
    "[a-c]*, cat, true",
    "[^a-c]*, cat, false",
    "a\\*, a*, true",
    "a\\*, ab, false",
    "'', '', true",
    "'', a, false",
  })
  void matchesAsGoDoes(String pattern, String path, boolean matches) {
    assertThat(Wildcard.parse(pattern).matches(path)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "**/b, x/y/b, true",
    "a/**/*.c, a/x.c, true",
    "a/**/*.c, a/b/d/x.c, true",
    "a/**, a/b/c, true",
    "a/**, b/c, false",
  })
  void matchesFoldersOfAnyDepth(String pattern, String path, boolean matches) {
    assertThat(Wildcard.parseDeep(pattern).matches(path)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "a/b/*.txt, a/b",
    "*.txt, ''",
    "a*/b, ''",
    "a/b, a",
    "a, ''",
    "a/b/c?/d, a/b",
    "a/b/, a/b",
  })
  void hasTheFolderOfAllMatches(String pattern, String base) {
    assertThat(Wildcard.parse(pattern).base()).isEqualTo(base);
  }

  @Test
  void looksIntoFoldersWhereSomethingMayMatch() {
    Wildcard wildcard = Wildcard.parse("src/*/main.c");
    assertThat(wildcard.mayMatchWithin("")).isTrue();
    assertThat(wildcard.mayMatchWithin("src")).isTrue();
    assertThat(wildcard.mayMatchWithin("src/a")).isTrue();
    assertThat(wildcard.mayMatchWithin("lib")).isFalse();
    assertThat(wildcard.mayMatchWithin("src/a/b")).isFalse();
    assertThat(Wildcard.parseDeep("**/x").mayMatchWithin("a/b/c")).isTrue();
  }

  @Test
  void tellsPatternsFromNames() {
    assertThat(Wildcard.isPattern("a/b.c")).isFalse();
    assertThat(Wildcard.isPattern("a*")).isTrue();
    assertThat(Wildcard.isPattern("[a]")).isTrue();
    assertThatThrownBy(() -> Wildcard.parse("[")).isInstanceOf(PatternException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'', .",
    "/, /",
    "//a//b/, /a/b",
    "a/./b, a/b",
    "a/../b, b",
    "../a, ../a",
    "../../a/.., ../..",
    "/../a, /a",
    "a/.., .",
    ".a, .a",
  })
  void cleansPaths(String path, String clean) {
    assertThat(GoPath.clean(path)).isEqualTo(clean);
  }
}
