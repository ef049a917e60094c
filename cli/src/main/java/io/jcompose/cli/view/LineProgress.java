package io.jcompose.cli.view;

import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Progress as lines: Compose's plain form, a line for each new status, or the engine's JSON. */
final class LineProgress implements ProgressView {
  private final boolean json;
  private final OutputStream output;
  private final Map<String, String> last = new HashMap<>();

  LineProgress(boolean json) {
    this(json, Consoles.current().err());
  }

  LineProgress(boolean json, OutputStream output) {
    this.json = json;
    this.output = output;
  }

  @Override
  public void step(Map<String, String> members, String line) throws IOException {
    String text = json ? line : plain(members);
    if (text != null) {
      output.write((text + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() {}

  private @Nullable String plain(Map<String, String> members) {
    if (StepOutput.is(members)) {
      return StepOutput.numbered(members);
    }
    String id = members.getOrDefault("id", "");
    String status = members.getOrDefault("status", "");
    // What somebody must know may have several reasons, one line each.
    boolean told = TOLD.contains(status);
    if (status.equals(last.put(id, status)) && !told) {
      return null;
    }
    return text(members);
  }

  /** One step as a line, without its end. */
  static String text(Map<String, String> members) {
    String text = members.getOrDefault("text", "");
    String of = members.getOrDefault("parent_id", ""); // a layer's image
    String id = members.getOrDefault("id", "");
    return " "
        + Printable.line(id)
        + (of.isEmpty() || StepOutput.isStep(id)
            ? ""
            : " of " + Printable.line(of.replaceFirst("^Image ", "")))
        + "  "
        + Printable.line(members.getOrDefault("status", ""))
        + (text.isEmpty() ? "" : "  " + Printable.text(text));
  }
}
