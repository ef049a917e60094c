package io.jcompose.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TracedEndTest {
  private static String status(String state, int tracer) {
    return "Name:\tsleep\nState:\t%s\nPPid:\t1\nTracerPid:\t%d\nUid:\t0\n".formatted(state, tracer);
  }

  @Test
  void isKeptWhileItIsDeadAndTraced() {
    assertThat(TracedEnd.isKept(status("Z (zombie)", 7))).isTrue();
    assertThat(TracedEnd.isKept(status("Z (zombie)", 0))).isFalse();
    assertThat(TracedEnd.isKept(status("S (sleeping)", 7))).isFalse();
    assertThat(TracedEnd.isKept("")).isFalse();
  }

  @Test
  void nobodyWaitsForAProcessThatLives() {
    assertThat(TracedEnd.waitingShim(ProcessHandle.current())).isEmpty();
  }
}
