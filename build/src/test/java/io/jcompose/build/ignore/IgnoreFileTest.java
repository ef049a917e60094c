package io.jcompose.build.ignore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.build.Cases;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IgnoreFileTest {
  static List<Cases> cases() throws IOException {
    return Cases.of("ignore");
  }

  /** {@code -} is left out, {@code +} is not; a folder is looked into, {@code >}, or not. */
  @ParameterizedTest
  @MethodSource("cases")
  void leavesOut(Cases each) {
    IgnoreFile file;
    try {
      file = IgnoreFile.parse(each.input(), ".dockerignore");
    } catch (JcomposeException.InvalidArgument e) {
      assertThat("! " + e.getMessage()).isEqualTo(each.expected());
      return;
    }
    for (String line : each.expected().lines().toList()) {
      String path = line.substring(2);
      switch (line.charAt(0)) {
        case '-' -> assertThat(file.excludes(path)).as(path).isTrue();
        case '+' -> assertThat(file.excludes(path)).as(path).isFalse();
        case '>' -> assertThat(file.mayContainIncluded(path)).as(path).isTrue();
        case '<' -> assertThat(file.mayContainIncluded(path)).as(path).isFalse();
        default -> throw new AssertionError(line);
      }
    }
  }

  @Provide
  Arbitrary<String> patterns() {
    return Arbitraries.of("a", "b", "*", "**", "/", "?", "[ab]", "\n", "\n!", "!", ".", "\\")
        .list()
        .ofMaxSize(14)
        .map(list -> String.join("", list));
  }

  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.of("a", "b", "ab", "ba", "aa")
        .list()
        .ofMinSize(1)
        .ofMaxSize(4)
        .map(list -> String.join("/", list));
  }

  /** A walk that trusts {@code mayContainIncluded} finds all that is not left out. */
  @Property(tries = 5000)
  void foldersOfWhatIsIncludedAreLookedInto(
      @ForAll @From("patterns") String text, @ForAll @From("paths") String path) {
    IgnoreFile file;
    try {
      file = IgnoreFile.parse(text, ".dockerignore");
    } catch (JcomposeException.InvalidArgument e) {
      return;
    }
    if (!file.excludes(path)) {
      for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
        assertThat(file.mayContainIncluded(path.substring(0, slash))).isTrue();
      }
    }
  }

  /** The same by regular expressions, which are slow for hostile patterns but easy to see. */
  @Property(tries = 5000)
  void matchesAsRegularExpressionsDo(
      @ForAll @From("patterns") String text, @ForAll @From("paths") String path) {
    String pattern = text.replaceAll("[\n!\\\\]", "");
    if (pattern.isEmpty() || pattern.matches("[./]*\\*\\*[ab].*")) {
      return; // the ends of strings are compared there
    }
    String regex =
        GoPath.clean(pattern)
            .replaceFirst("^/(?=.)", "")
            .replaceAll("\\*\\*/?$", "\u0001")
            .replaceAll("\\*\\*/?", "\u0002")
            .replace(".", "\\.")
            .replace("?", "[^/]")
            .replace("*", "[^/]*")
            .replace("\u0001", ".*")
            .replace("\u0002", "(.*/)?");
    boolean expected = path.matches(regex);
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      expected |= path.substring(0, slash).matches(regex);
    }
    assertThat(IgnoreFile.of(List.of(pattern)).excludes(path)).as(regex).isEqualTo(expected);
  }

  @Test
  void takesNoTimeForHostilePatterns() {
    String path = "a/".repeat(2000) + "b";
    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    for (String pattern :
        List.of("**/a".repeat(1000) + "/c", "*a".repeat(2000) + "c", "(a+)+".repeat(100))) {
      assertThat(IgnoreFile.of(List.of(pattern)).excludes(path)).isFalse();
    }
    long spent = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
    assertThat(spent).isLessThan(3_000_000_000L);
  }

  @Test
  void refusesWhatIsTooMuch() {
    assertThatThrownBy(() -> IgnoreFile.parse("a\n".repeat(10_001), "f"))
        .hasMessageContaining("f:10001:1: more than 10000 patterns");
    assertThatThrownBy(() -> IgnoreFile.parse("a".repeat(1_048_577), "f"))
        .hasMessageContaining("more than 1048576 characters");
    assertThatThrownBy(() -> IgnoreFile.of(List.of("a".repeat(8193))))
        .isInstanceOf(PatternException.class);
  }
}
