package io.jcompose.runtime.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.runtime.TaskExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExitRecordTest {
  private static final String FILES =
      "file=memory.events\nlow 0\noom_kill 1\nfile=memory.peak\n8192\nfile=memory.max\nmax\n";
  private static final String REST = "code=1\nsignal=9\nstarted=5.000000001\nended=6.500000000\n";

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
    assertThat(ExitRecord.parse("oom_limit=1\n" + FILES + "oom=1\n" + REST))
        .extracting(TaskExit::oomPeakBytes, TaskExit::oomLimitBytes)
        .containsExactly(8192L, 1L);
    assertThat(ExitRecord.parse(FILES + "oom=1\n" + REST))
        .extracting(TaskExit::oomPeakBytes, TaskExit::oomLimitBytes)
        .containsExactly(8192L, 0L);
    assertThat(ExitRecord.parse(FILES + "oom=0\n" + REST).oomPeakBytes()).isZero();
    assertThatThrownBy(() -> ExitRecord.parse("code=1\n"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void takesItsRoomBeforeAndRemovesTheOneBefore(@TempDir Path bundle) throws IOException {
    Files.writeString(bundle.resolve("exit"), "of the run before");
    ExitRecord.prepare(bundle);
    assertThat(bundle.resolve("exit")).doesNotExist();
    assertThat(bundle.resolve("exit.tmp")).hasSize(4096);
    assertThat(ExitRecord.read(bundle)).isEmpty();
  }
}
