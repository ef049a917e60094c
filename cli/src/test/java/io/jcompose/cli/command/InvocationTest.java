package io.jcompose.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.cli.terminal.StandardInput;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InvocationTest {
  @Test
  void compatibilityIsTheVariableForWhoeverLoadsTheProject() {
    assertThat(invocation("up", Map.of()).env()).isEqualTo(Map.of("A", "1"));
    Invocation up = invocation("up", Map.of("compatibility", true));
    assertThat(up.env()).isEqualTo(Map.of("A", "1", "COMPOSE_COMPATIBILITY", "true"));
    assertThat(up.options()).isEmpty();
  }

  @Test
  void compatibilityLeavesWhatConfigPrintsAsItIsWritten() {
    Invocation config = invocation("config", Map.of("compatibility", true));
    assertThat(config.has("no-normalize")).isTrue();
  }

  private static Invocation invocation(String command, Map<String, Object> globals) {
    return new Invocation(
        new Command(command, "", ""),
        globals,
        Map.of(),
        List.of(),
        Map.of("A", "1"),
        new StandardInput());
  }
}
