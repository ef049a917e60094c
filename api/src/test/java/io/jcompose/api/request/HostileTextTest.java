package io.jcompose.api.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.api.text.HumanText;
import io.jcompose.api.text.JsonText;
import io.jcompose.api.text.TextTable;
import io.jcompose.core.JcomposeException;
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
    assertThat(HumanText.visible("\u009b2J\u0085é")).isEqualTo("?2J?é");
  }

  @Test
  void aCellOfATableMakesNoRowOfItsOwn() {
    TextTable table = new TextTable(10, "NAME", "SERVICE");
    table.add("a", "b\nx         y\u001b[2J");
    assertThat(table.toString()).isEqualTo("NAME      SERVICE\na         b?x         y?[2J\n");
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

  @Test
  void whatACommandMakesOfTheHeapIsKnownBeforeItIsRead() {
    assertThat(treeBytes("{\"a\":\"{[,:\\\",:\",\"b\":[1,2]}")).isEqualTo(7 * 80);
    assertThat(treeBytes("{\"stdin\":\"" + ",:".repeat(500_000) + "\"}")).isLessThan(1000);
    String many = "{\"a\":[{}" + ",{}".repeat(60_000) + "]}";
    assertThatThrownBy(() -> treeBytes(many))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("too large");
  }

  @Test
  void numbersBeyondAllMeasureAreTheGreatest() {
    CommandRequest request =
        CommandRequest.parse(
            "{\"options\":{\"timeout\":\"9223372036854775807\",\"tail\":\"4294967297\"}}"
                .getBytes(StandardCharsets.UTF_8));
    assertThat(request.seconds("timeout").toNanos()).isPositive();
    assertThat(request.number("tail", -1)).isEqualTo(Integer.MAX_VALUE);
  }

  private static int treeBytes(String json) {
    return JsonText.treeBytes(json.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean removesOrphans(String request) {
    CommandRequest parsed = CommandRequest.parse(request.getBytes(StandardCharsets.UTF_8));
    return parsed.has("remove-orphans", "COMPOSE_REMOVE_ORPHANS", parsed.env());
  }
}
