package io.jcompose.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ProcessView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers decide how many processes there are, and how long their command lines. */
class ProcessTableTest {
  private static final String STAT =
      "%d (a) b) S 1 0 0 34817 0 0 0 0 0 0 250 50 0 0 20 0 1 0 100 0 0 0";

  @TempDir Path proc;

  private List<ProcessView> read(int count, String command) throws IOException {
    Files.writeString(proc.resolve("stat"), "cpu 1 2\nbtime 1000\n");
    Path passwd = Files.writeString(proc.resolve("passwd"), "joe:x:7:8::/:/bin/sh\n");
    for (int pid = 1; pid <= count; pid++) {
      Path process = Files.createDirectory(proc.resolve(Integer.toString(pid)));
      Files.writeString(process.resolve("stat"), STAT.formatted(pid));
      Files.writeString(process.resolve("status"), "Name:\ta\nUid:\t0\t7\t7\t7\n");
      Files.writeString(process.resolve("cmdline"), command);
    }
    return new ProcessTable(proc, passwd).read(LongStream.rangeClosed(1, count).boxed().toList());
  }

  @Test
  void readsAProcess() throws IOException {
    ProcessView view = read(1, "sleep\0" + "1000\0").getFirst();
    assertThat(view.command()).isEqualTo("sleep 1000");
    assertThat(view.user()).isEqualTo("joe");
    assertThat(view.terminal()).isEqualTo("pts/1");
    assertThat(view.cpuTime()).hasSeconds(3);
    assertThat(view.startedAt()).isEqualTo(Instant.ofEpochSecond(1001));
  }

  @Test
  void cutsLongCommandsAndKeepsNamesWhereThereIsNoRoomForMore() throws IOException {
    List<ProcessView> views = read(300, "x".repeat(100_000));
    assertThat(views).hasSize(300);
    assertThat(views.getFirst().command()).hasSize(ProcessTable.COMMAND_BYTES);
    assertThat(views.getLast().command()).isEqualTo("[a) b]");
    assertThat(views.stream().mapToInt(view -> view.command().length()).sum())
        .isLessThan(ProcessTable.COMMANDS_BYTES + 300 * 6);
  }
}
