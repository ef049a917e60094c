package io.jcompose.cli.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.cli.engine.IdleCollector.Duty;
import org.junit.jupiter.api.Test;

class IdleCollectorTest {
  private static final long MIB = 1 << 20;
  private final IdleCollector collector = new IdleCollector();

  @Test
  void collectsOnceTheEngineRestsWithGarbageAndTrimsThen() {
    collector.collected(10 * MIB);
    assertThat(collector.look(20 * MIB)).as("at work").isEqualTo(Duty.NONE);
    assertThat(collector.look(20 * MIB + 1000)).as("at rest").isEqualTo(Duty.COLLECT);
    collector.collected(11 * MIB);
    assertThat(collector.look(11 * MIB + 1000)).as("after it").isEqualTo(Duty.TRIM);
    assertThat(collector.look(11 * MIB + 2000)).as("still at rest").isEqualTo(Duty.NONE);
  }

  @Test
  void trimsAfterEachWorkThatLeftNoGarbageOfWorth() {
    collector.collected(10 * MIB);
    assertThat(collector.look(12 * MIB)).isEqualTo(Duty.NONE);
    assertThat(collector.look(12 * MIB)).isEqualTo(Duty.TRIM);
    assertThat(collector.look(13 * MIB + MIB / 2)).isEqualTo(Duty.NONE);
    assertThat(collector.look(13 * MIB + MIB / 2)).isEqualTo(Duty.TRIM);
  }

  @Test
  void collectsAtWorkOnlyWhereThereIsMuch() {
    collector.collected(10 * MIB);
    assertThat(collector.look(42 * MIB)).isEqualTo(Duty.NONE);
    assertThat(collector.look(44 * MIB)).isEqualTo(Duty.COLLECT);
    collector.collected(30 * MIB);
    assertThat(collector.look(50 * MIB)).as("what is in use is no garbage").isEqualTo(Duty.NONE);
  }

  @Test
  void waitsWhereTheJvmHasCollectedMeanwhile() {
    collector.collected(10 * MIB);
    assertThat(collector.look(40 * MIB)).isEqualTo(Duty.NONE);
    assertThat(collector.look(30 * MIB)).isEqualTo(Duty.NONE);
    assertThat(collector.look(30 * MIB)).isEqualTo(Duty.COLLECT);
  }
}
