package io.jcompose.engine.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Ids;
import io.jcompose.engine.TestSpec;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.engine.record.RunRecord;
import io.jcompose.runtime.TaskExit;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SettlementTest {
  /** The engine died between writing that a run begins and the shim's start of it. */
  @Test
  void aStartThatNeverCameToAProcessIsTakenBack() {
    Instant first = Instant.parse("2026-01-01T00:00:00Z");
    TaskExit earlier = new TaskExit(7, 0, false, 0, 0, false, first, first.plusSeconds(5));
    ContainerRecord half = started(first.plusSeconds(60));
    RunRecord ended = Settlement.ended(half, Optional.of(earlier));
    assertThat(ended.startedAt()).isEqualTo(first);
    assertThat(ended.exitCode()).isEqualTo(7);
    assertThat(ended.isOpen()).isFalse();
  }

  @Test
  void anEndThatTheShimRecordedWhileNoEngineRanIsTaken() {
    Instant first = Instant.parse("2026-01-01T00:00:00Z");
    ContainerRecord open = started(first);
    TaskExit exit =
        new TaskExit(9, 0, true, 0, 0, false, first.plusMillis(1), first.plusSeconds(5));
    RunRecord ended = Settlement.ended(open, Optional.of(exit));
    assertThat(ended.startedAt()).as("what tells the run apart").isEqualTo(first);
    assertThat(ended.exitCode()).isEqualTo(9);
    assertThat(ended.oomKilled()).isTrue();
    assertThat(ended.finishedAt()).isEqualTo(first.plusSeconds(5));
  }

  @Test
  void anEndThatNobodyKnowsHasACodeOfItsOwn() {
    ContainerRecord open = started(Instant.now());
    RunRecord ended = Settlement.ended(open, Optional.empty());
    assertThat(ended.exitCode()).isEqualTo(255);
    assertThat(ended.isOpen()).isFalse();
  }

  private static ContainerRecord started(Instant at) {
    ContainerRecord record =
        ContainerRecord.created(
            Ids.next(),
            new TestSpec("c", "box").build(),
            "sha256:1",
            List.of("x"),
            Map.of(),
            List.of());
    return record.withRun(record.run().started(at, null, 0));
  }
}
