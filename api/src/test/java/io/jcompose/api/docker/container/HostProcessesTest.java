package io.jcompose.api.docker.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.model.ProcessList;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HostProcessesTest {
  private static final String OUTPUT =
      """
        PID USER  COMMAND
          1 root  /sbin/init
         42 me    sleep 9  and more
         43 me    [kworker]
      """;

  @Test
  void linesOfTheContainersProcessesAreKept() {
    ProcessList found = HostProcesses.parse(OUTPUT, Set.of(42L, 43L), 10);
    assertThat(found.titles()).containsExactly("PID", "USER", "COMMAND");
    assertThat(found.processes())
        .containsExactly(
            List.of("42", "me", "sleep 9  and more"), List.of("43", "me", "[kworker]"));
    assertThat(HostProcesses.parse(OUTPUT, Set.of(42L, 43L), 1).processes()).hasSize(1);
  }

  @Test
  void withoutIdsNothingCanBeKept() {
    assertThatThrownBy(() -> HostProcesses.parse("USER CMD\nme x\n", Set.of(1L), 10))
        .isInstanceOf(Refusal.class)
        .hasMessage("Couldn't find PID field in ps output");
    assertThatThrownBy(() -> HostProcesses.parse("", Set.of(1L), 10)).isInstanceOf(Refusal.class);
  }

  @Test
  void theHostsProgramIsAsked() throws IOException {
    long own = ProcessHandle.current().pid();
    assertThat(HostProcesses.list("-A -o pid,comm", Set.of(own), 10).processes()).hasSize(1);
    assertThatThrownBy(() -> HostProcesses.list("--nosuch", Set.of(own), 10))
        .isInstanceOf(Refusal.class)
        .hasMessageStartingWith("ps: ");
  }
}
