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
    assertThat(PatternReader.read(pattern, true).matches(path.codePoints().toArray()))
        .isEqualTo(matches);
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
