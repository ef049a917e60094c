package io.jcompose.cli.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IdleCollectorTest {
  private static final long MIB = 1 << 20;
  private final IdleCollector collector = new IdleCollector();

  @Test
  void isDueOnceTheEngineRestsWithGarbage() {
    collector.collected(10 * MIB);
    assertThat(collector.isDue(20 * MIB)).as("at work").isFalse();
    assertThat(collector.isDue(20 * MIB + 1000)).as("at rest").isTrue();
    collector.collected(11 * MIB);
    assertThat(collector.isDue(11 * MIB + 1000)).as("nothing to gain").isFalse();
  }

  @Test
  void isNotDueWhereTheJvmHasCollectedMeanwhile() {
    collector.collected(10 * MIB);
    assertThat(collector.isDue(50 * MIB)).isFalse();
    assertThat(collector.isDue(30 * MIB)).isFalse();
    assertThat(collector.isDue(30 * MIB)).isTrue();
  }
}
