package io.jcompose.api.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Containers.LogRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LogLinesTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
  private final StringBuilder shown = new StringBuilder();

  @Test
  void aLineInPiecesHasOnePrefixAndOneTime() {
    LogLines lines = new LogLines(false, true, true);
    show(lines, "a", "one", true);
    show(lines, "a", "two", true);
    show(lines, "a", "three\n", false);
    show(lines, "b", "next\n", false);
    assertThat(shown).hasToString("a  | " + AT + " onetwothree\n" + "b  | " + AT + " next\n");
  }

  @Test
  void whatComesBeforeTheRestOfALineBeginsALine() {
    LogLines lines = new LogLines(false, true, false);
    show(lines, "a", "one", true);
    show(lines, "b", "other\n", false);
    show(lines, "a", "two", true);
    shown.append(new String(lines.remark("a", "a exited"), StandardCharsets.UTF_8));
    assertThat(shown).hasToString("a  | one\nb  | other\na  | two\na exited\n");
  }

  @Test
  void anUnfinishedLineIsFinished() {
    LogLines lines = new LogLines(false, false, false);
    show(lines, "a", "prompt>", false);
    show(lines, "a", "next\n", false);
    assertThat(shown).hasToString("prompt>\nnext\n");
  }

  @Test
  void detailsComeBetweenTheTimeAndTheLine() {
    LogLines lines = new LogLines(false, false, true, true);
    Map<String, String> details = Map.of("tag", "a b,c", "env", "x=1");
    LogRecord record = new LogRecord(AT, "stdout", "text\n", false, details);
    shown.append(new String(lines.render("a", record), StandardCharsets.UTF_8));
    show(lines, "a", "none\n", false);
    assertThat(shown).hasToString(AT + " env=x%3D1,tag=a+b%2Cc text\n" + AT + "  none\n");
  }

  private void show(LogLines lines, String name, String text, boolean continues) {
    LogRecord record = new LogRecord(AT, "stdout", text, continues, Map.of());
    shown.append(new String(lines.render(name, record), StandardCharsets.UTF_8));
  }
}
