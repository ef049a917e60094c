package io.jcompose.cli.view;

import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.TerminalChange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Progress redrawn in place ten times a second. Rows are guarded by this object's monitor; drawing
 * is a short write to the terminal.
 */
final class TtyProgress implements ProgressView {
  private static final long REDRAW_MILLIS = 100;

  private final Console console = Consoles.current();
  private final OutputStream output = console.err();
  private final ProgressRows rows;
  private int drawn;
  private @Nullable TerminalChange cursor;
  private boolean closed;

  TtyProgress(String title, boolean colour) {
    rows = new ProgressRows(title, colour);
  }

  @Override
  public synchronized void step(Map<String, String> members, String line) {
    if (StepOutput.isReason(members)) {
      above(LineProgress.text(members));
      return;
    }
    if ("Warning".equals(members.get("status"))) {
      above(LineProgress.text(members));
      if (!rows.has(members)) {
        return;
      }
    }
    rows.failedOutput(members).forEach(this::above);
    rows.step(members, System.currentTimeMillis());
    if (cursor == null) {
      cursor = console.change(() -> hideCursor(false));
      hideCursor(true);
      Consoles.start(console, "progress", this::paint);
    }
  }

  @Override
  public synchronized void close() {
    if (cursor != null && !closed) {
      draw();
      cursor.close();
    }
    closed = true;
    notifyAll();
  }

  @Override
  public synchronized void leave() {
    rows.dropWorking();
    close();
  }

  private synchronized void paint() {
    while (!closed) {
      draw();
      try {
        wait(REDRAW_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** A line that stays, whole, where the next rows are drawn below it. */
  private void above(String line) {
    write((drawn > 0 ? "\u001b[" + drawn + "A\r\u001b[J" : "") + line + "\n");
    drawn = 0;
    if (cursor != null) {
      draw();
    }
  }

  private void draw() {
    List<String> lines = rows.draw(System.currentTimeMillis(), console.columns(2), console.rows(2));
    StringBuilder text = new StringBuilder();
    if (drawn > 0) {
      text.append("\u001b[").append(drawn).append('A');
    }
    for (String line : lines) {
      text.append('\r').append(line).append("\u001b[K\n");
    }
    text.append("\u001b[J");
    drawn = lines.size();
    write(text.toString());
  }

  /** In a write of its own: by that the client knows what it has to show again, see client.c. */
  private void hideCursor(boolean hides) {
    console.hidesCursor(hides);
    write(hides ? "\u001b[?25l" : "\u001b[?25h");
  }

  private void write(String text) {
    try {
      output.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      closed = true; // the terminal is gone; the work goes on
    }
  }
}
