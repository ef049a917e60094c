package io.jcompose.compose.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Compose Specification's page on interpolation: {@code A} is 1, {@code E} empty. */
class TemplateTest {
  private final List<String> unset = new ArrayList<>();
  private final Template template =
      new Template(Map.of("A", "1", "E", "", "a_Z9", "z"), unset::add);

  @ParameterizedTest
  @CsvSource({
    "$A, 1",
    "${A}, 1",
    "x$A-${A}y, x1-1y",
    "$a_Z9, z",
    "$A.b, 1.b",
    "$$A, $A",
    "$$$A, $1",
    "$, $",
    "a$, a$",
    "$1, $1",
    "$[, $[",
    "${A:-x}, 1",
    "${E:-x}, x",
    "${N:-x}, x",
    "${A-x}, 1",
    "${E-x}, ''",
    "${N-x}, x",
    "${N-}, ''",
    "${A:+x}, x",
    "${E:+x}, ''",
    "${N:+x}, ''",
    "${A+x}, x",
    "${E+x}, x",
    "${N+x}, ''",
    "${A:?x}, 1",
    "${E?x}, ''",
    "${A?}, 1",
    "${N:-${A}}, 1",
    "${N:-${M:-$A}}, 1",
    "${N:-{}}, {}",
    "${A:+a${A}b}, a1b",
    "${N:-$$A}, $A"
  })
  void isSubstituted(String text, String expected) throws Template.Invalid {
    assertThat(template.substitute(text)).isEqualTo(expected);
    assertThat(unset).isEmpty();
  }

  @Test
  void aVariableWithoutAValueIsToldUnlessItHasADefault() throws Template.Invalid {
    assertThat(template.substitute("$N-${M}-${O:-x}-${A:-$P}-${Q:-$R}")).isEqualTo("--x-1-");
    assertThat(unset).containsExactly("N", "M", "R");
  }

  @ParameterizedTest
  @CsvSource({
    "${N:?}, required variable N is missing a value",
    "${N?}, required variable N is missing a value",
    "${E:?why}, required variable E is missing a value: why",
    "${N:?no $A}, required variable N is missing a value: no 1"
  })
  void aRequiredVariableIsMissed(String text, String problem) {
    assertThatThrownBy(() -> template.substitute(text))
        .isInstanceOf(Template.Invalid.class)
        .hasMessage(problem);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"${", "${A", "${}", "${1}", "${A!x}", "${A:}", "${A:=x}", "x${N:-${A}", "${-x}"})
  void aDamagedBraceIsRefused(String text) {
    assertThatThrownBy(() -> template.substitute(text))
        .isInstanceOf(Template.Invalid.class)
        .hasMessageStartingWith("invalid interpolation format.")
        .hasMessageEndingWith(": " + text);
  }

  @Test
  void namesHaveLettersDigitsAndUnderscores() {
    assertThat(Template.nameEnd("azAZ_09-", 0)).isEqualTo(7);
    for (char c : "@[`{/:".toCharArray()) {
      assertThat(Template.startsName(c)).as("" + c).isFalse();
      assertThat(Template.nameEnd("A" + c, 0)).as("" + c).isEqualTo(1);
    }
    assertThat(Template.startsName('0')).isFalse();
  }

  @Test
  void limitsDepthAndSize() throws Template.Invalid {
    String deep = "${N:-".repeat(100) + "x" + "}".repeat(100);
    assertThat(template.substitute(deep)).isEqualTo("x");
    assertThatThrownBy(() -> template.substitute("${N:-" + deep + "}"))
        .hasMessage("interpolation is nested deeper than 100 levels");
    Template large = new Template(Map.of("L", "x".repeat(1 << 20)), unset::add);
    assertThat(large.substitute("$L$L$L$L")).hasSize(4 << 20);
    assertThatThrownBy(() -> large.substitute("$L$L$L${L}x"))
        .hasMessage("interpolation makes more than 4 MiB");
  }
}
