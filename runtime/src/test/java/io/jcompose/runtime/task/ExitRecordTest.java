package io.jcompose.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.runtime.TaskExit;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ExitRecordTest {
  @Test
  void readsExitRecords() {
    TaskExit exit =
        ExitRecord.parse(
            "version=1\n"
                + "id=x\n"
                + "pid=1\n"
                + "code=137\n"
                + "signal=9\n"
                + "oom=1\n"
                + "started=5.000000001\n"
                + "ended=6.500000000\n"
                + "oom_peak=4096\n"
                + "oom_limit=8192\n");
    assertThat(exit)
        .isEqualTo(
            new TaskExit(
                137,
                9,
                true,
                4096,
                8192,
                false,
                Instant.ofEpochSecond(5, 1),
                Instant.ofEpochSecond(6, 500_000_000)));
    assertThatThrownBy(() -> ExitRecord.parse("code=1\n"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
