package io.jcompose.compose.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import org.junit.jupiter.api.Test;

/** Bounds of one load are none of the sum: two of the largest would be more than the heap. */
class LoadTurnsTest {
  private static final long HEAP = 64L << 20;
  private final LoadTurns turns = new LoadTurns(20);

  private LoadLimits load() {
    return new LoadLimits(HEAP, turns);
  }

  @Test
  void oneIsLargeAtATime() {
    LoadLimits first = load();
    LoadLimits second = load();
    assertThat(first.addValues(60_000)).isTrue();
    assertThat(second.addValues(LoadTurns.SMALL_VALUES)).isTrue();
    assertThatThrownBy(() -> second.addValues(1))
        .isInstanceOf(JcomposeException.Unavailable.class)
        .hasMessageContaining("another large project is being read");
    assertThatThrownBy(() -> second.reads(1 << 20)).hasMessageContaining("large");
    second.end();
    first.end();
    assertThat(second.addCharacters(LoadTurns.SMALL_CHARACTERS + 1)).isTrue();
    second.end();
  }

  @Test
  void soManyAreSmallAtATimeHoweverTheyEnd() {
    for (int round = 0; round < 3; round++) {
      LoadLimits[] loads = {load(), load(), load(), load(), load(), load()};
      for (LoadLimits each : loads) {
        each.reads(10);
      }
      LoadLimits oneMore = load();
      assertThatThrownBy(() -> oneMore.addValues(1))
          .hasMessageContaining("as many projects as the memory allows are being read");
      oneMore.end(); // which never began
      for (LoadLimits each : loads) {
        each.end();
        each.end();
      }
    }
  }
}
