package io.jcompose.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HostileTextTest {
  @Test
  void commandsAreQuotedAsByGo() {
    assertThat(HumanText.quoted("sh -c '\u001b[31m\u0007\r\n\t\"\\\u009bé…'"))
        .isEqualTo("\"sh -c '\\x1b[31m\\a\\r\\n\\t\\\"\\\\\\u009bé…'\"");
  }

  @Test
  void processesCannotDrawOnTheTerminal() {
    assertThat(HumanText.visible("sh -c \u001b[2J\nx")).isEqualTo("sh -c ?[2J?x");
  }

  @Test
  void aFlagGoesBeforeItsVariable() {
    assertThat(removesOrphans("{\"env\":{\"COMPOSE_REMOVE_ORPHANS\":\"True\"}}")).isTrue();
    assertThat(removesOrphans("{\"env\":{\"COMPOSE_REMOVE_ORPHANS\":\"no\"}}")).isFalse();
    assertThat(removesOrphans("{\"options\":{\"remove-orphans\":true}}")).isTrue();
    assertThat(
            removesOrphans(
                "{\"options\":{\"remove-orphans\":false},\"env\":{\"COMPOSE_REMOVE_ORPHANS\":\"1\"}}"))
        .isFalse();
  }

  private static boolean removesOrphans(String request) {
    return CommandRequest.parse(request.getBytes(StandardCharsets.UTF_8))
        .has("remove-orphans", "COMPOSE_REMOVE_ORPHANS");
  }
}
