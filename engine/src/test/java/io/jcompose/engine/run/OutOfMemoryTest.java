package io.jcompose.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.runtime.TaskExit;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutOfMemoryTest {
  private static final String ID = "c0ffee";
  private static final TaskExit EXIT =
      new TaskExit(137, 9, true, 16 << 20, 16 << 20, false, Instant.EPOCH, Instant.EPOCH);

  @Test
  void namesProcessLimitAndPeak() {
    assertThat(
            describe(line("CONSTRAINT_MEMCG", "oom_memcg=/jcompose/c0ffee,", "/jcompose/c0ffee")))
        .isEqualTo(
            "out of memory: the kernel killed process 77 (tail) at the container's memory limit of"
                + " 16 MiB, peak use 16 MiB");
  }

  @Test
  void tellsWhichOtherLimitWasHit() {
    assertThat(describe(line("CONSTRAINT_MEMCG", "oom_memcg=/jcompose,", "/jcompose/c0ffee")))
        .contains("at the memory limit of cgroup /jcompose, above the container's");
    assertThat(describe(line("CONSTRAINT_NONE", "global_oom,", "/jcompose/c0ffee")))
        .contains("at the end of the machine's memory");
  }

  @Test
  void takesTheLastKillOfThisContainerOnly() {
    assertThat(
            describe(
                line("CONSTRAINT_MEMCG", "oom_memcg=/jcompose/other,", "/jcompose/other"),
                "Memory cgroup out of memory: Killed process 77 (tail)"))
        .isEqualTo(
            "out of memory: the kernel killed a process of it at the container's memory limit of 16"
                + " MiB, peak use 16 MiB");
  }

  private static String describe(String... log) {
    return OutOfMemory.describe(ID, EXIT, List.of(log));
  }

  private static String line(String constraint, String where, String group) {
    return "<6>[ 12.3] oom-kill:constraint="
        + constraint
        + ",nodemask=(null),cpuset=/,mems_allowed=0,"
        + where
        + "task_memcg="
        + group
        + ",task=tail,pid=77,uid=0";
  }
}
