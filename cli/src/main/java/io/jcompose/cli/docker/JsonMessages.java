package io.jcompose.cli.docker;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Printable;
import io.jcompose.cli.wire.JsonTree;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows the lines of JSON by which the engine tells of a pull or push, as docker does: on a
 * terminal a line each layer that changes in place, else a line each change.
 */
final class JsonMessages {
  private static final int BAR = 50;

  private final OutputStream out;
  private final boolean isTerminal;
  private final List<String> rows = new ArrayList<>();

  JsonMessages(OutputStream out, boolean isTerminal) {
    this.out = out;
    this.isTerminal = isTerminal;
  }

  /**
   * Shows all.
   *
   * @throws CommandFailure when the last line is an error
   */
  void show(InputStream lines) throws IOException {
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(lines, StandardCharsets.UTF_8));
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      if (!line.isBlank()) {
        show(JsonTree.parse(line));
      }
    }
  }

  private void show(Map<String, Object> message) throws IOException {
    String error = JsonTree.text(message, "error");
    if (!error.isEmpty()) {
      throw new CommandFailure(error, 1);
    }
    String id = JsonTree.text(message, "id");
    String status =
        JsonTree.text(message, "status") + JsonTree.text(message, "stream").stripTrailing();
    String progress = progress(JsonTree.object(message, "progressDetail"));
    if (message.containsKey("aux") || (!isTerminal && !progress.isEmpty())) {
      return;
    }
    String text = (id.isEmpty() ? "" : id + ": ") + status + (isTerminal ? progress : "");
    if (isTerminal && !id.isEmpty() && message.containsKey("progressDetail")) {
      row(id, Printable.text(text));
    } else {
      rows.clear();
      write(Printable.text(text) + "\n");
    }
  }

  private void row(String id, String text) throws IOException {
    int at = rows.indexOf(id);
    if (at < 0) {
      rows.add(id);
      write(text + "\n");
      return;
    }
    int up = rows.size() - at;
    write("\033[" + up + "A\033[2K\r" + text + "\033[" + up + "B\r");
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String progress(Map<String, Object> detail) {
    long current = number(detail.get("current"));
    long total = number(detail.get("total"));
    if (current <= 0 && total <= 0) {
      return "";
    }
    if (total <= 0) {
      return " " + size(current);
    }
    int done = Math.clamp(current * BAR / total, 0, BAR);
    String bar = "=".repeat(done) + (done < BAR ? ">" + " ".repeat(BAR - 1 - done) : "");
    return " [" + bar + "]  " + size(current) + "/" + size(total);
  }

  private static long number(@Nullable Object value) {
    String text = value instanceof JsonTree.Word word ? word.text() : "";
    return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
  }

  /** With four digits, by powers of 1000. */
  private static String size(long bytes) {
    double size = bytes;
    String units = "BkMGT";
    int unit = 0;
    while (size >= 1000 && unit < units.length() - 1) {
      size /= 1000;
      unit++;
    }
    String number = "%.4g".formatted(size);
    String plain = number.contains(".") ? number.replaceFirst("\\.?0+$", "") : number;
    return plain + (unit == 0 ? "B" : units.charAt(unit) + "B");
  }
}
