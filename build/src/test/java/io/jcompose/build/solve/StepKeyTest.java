package io.jcompose.build.solve;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.build.cause.Input;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepKeyTest {
  @Test
  void whatIsMissingIsNoText() {
    String missing = key().add("a", null).text();
    assertThat(missing).isNotEqualTo(key().add("a", "null").text());
    assertThat(missing).isNotEqualTo(key().add("a", "").text());
    assertThat(missing).isEqualTo(key().add("a", null).text());
  }

  @Test
  void valuesDoNotRunTogether() {
    assertThat(key().hidden("a", List.of("x", "y")).text())
        .isNotEqualTo(key().hidden("a", List.of("xy")).text())
        .isNotEqualTo(key().hidden("a", List.of("x")).hidden("a", List.of("y")).text())
        .isNotEqualTo(key().hidden("b", List.of("x", "y")).text())
        .isEqualTo(key().hidden("a", List.of("x", "y")).text());
  }

  @Test
  void eachInputHasANameOfItsOwnAndShowsOnlyWhatIsShort() {
    StepKey key = key().add("a", "1").add("a", "2").add("b", "x".repeat(101)).add("c", "1\n2");
    assertThat(key.inputs().inputs())
        .extracting(Input::name)
        .containsExactly("a", "a (2)", "b", "c");
    assertThat(key.inputs().inputs())
        .extracting(Input::shown)
        .containsExactly("1", "2", null, null);
  }

  private static StepKey key() {
    return new StepKey("RUN", "RUN x", List.of());
  }
}
