package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerStats;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.ProcessView;
import io.jcompose.core.StreamSession;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class ActivityIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @Test
  void countsWhatAContainerUses() {
    host.start(
        host.spec("box")
            .sh(
                "head -c 20000000 /dev/zero | tail -c 20000000 >/dev/shm/x; "
                    + "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo up; exec sleep 1000"));
    EngineFixture.await("its work", () -> host.log("box").contains("up"));
    ContainerStats stats = host.engine().activity().stats("box");
    assertThat(stats.cpuNanos()).isGreaterThan(10_000_000);
    assertThat(stats.memoryBytes()).isBetween(20_000_000L, 200_000_000L);
    assertThat(stats.memoryLimitBytes()).isGreaterThan(stats.memoryBytes());
    assertThat(stats.tasks()).isEqualTo(1);
    assertThat(host.engine().activity().stats("box").cpuNanos())
        .isGreaterThanOrEqualTo(stats.cpuNanos());
  }

  @Test
  void namesTheProgramsThatRunBesideItsOwn() {
    host.start(host.spec("three").sh("exec sleep 1000"));
    assertThat(execIds("three")).isEmpty();
    ExecSpec spec = new ExecSpec(List.of("cat"), List.of(), "", "", false, true, false);
    try (StreamSession one = host.containers().exec("three", spec);
        StreamSession two = host.containers().exec("three", spec)) {
      assertThat(execIds("three")).hasSize(2).allMatch(id -> id.matches("[0-9a-f]{64}"));
      host.containers().kill("three", "KILL");
      assertThat(one.exitCode() + two.exitCode()).isEqualTo(2 * 137);
    }
    assertThat(execIds("three")).isEmpty();
    host.containers().start("three");
    ExecSpec none = new ExecSpec(List.of("/none"), List.of(), "", "", false, false, false);
    assertThatThrownBy(() -> host.containers().exec("three", none)).hasMessageContaining("/none");
    assertThat(execIds("three")).isEmpty();
  }

  private static List<String> execIds(String ref) {
    return host.engine().activity().details(ref).execIds();
  }

  @Test
  void listsItsProcesses() {
    host.start(host.spec("two").sh("sleep 2000 & exec sleep 1000"));
    EngineFixture.await(
        "both",
        () ->
            host.engine().activity().processes("two").stream()
                    .filter(p -> p.command().startsWith("sleep"))
                    .count()
                == 2);
    List<ProcessView> all = host.engine().activity().processes("two");
    assertThat(all).extracting(ProcessView::command).contains("sleep 1000", "sleep 2000");
    assertThat(all.getFirst().pid()).isEqualTo(host.view("two").pid());
    assertThat(all.getLast().parentPid()).isEqualTo(all.getFirst().pid());
    assertThat(all.getFirst().user()).isEqualTo("root");
    host.containers().kill("two", "KILL");
    assertThatThrownBy(() -> host.engine().activity().processes("two"))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("is not running");
  }
}
