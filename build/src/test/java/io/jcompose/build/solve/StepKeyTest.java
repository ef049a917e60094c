package io.jcompose.build.solve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StepKeyTest {
  @Test
  void whatIsMissingIsNoText() {
    String missing = key().addOptional(null).text();
    assertThat(missing).isNotEqualTo(key().addOptional("null").text());
    assertThat(missing).isNotEqualTo(key().addOptional("").text());
    assertThat(missing).isEqualTo(key().addOptional(null).text());
  }

  private static StepKey key() {
    return new StepKey("RUN", List.of());
  }
}
