package io.jcompose.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Commands whose answer is a container's streams: logs, exec and run. */
final class FramesAction {
  private static final int SIGNAL = 5;

  private final Invocation invocation;
  private final boolean tty;
  private boolean raw;

  private FramesAction(Invocation invocation, boolean tty) {
    this.invocation = invocation;
    this.tty = tty;
  }

  static int logs(Invocation invocation) throws IOException {
    boolean colour = invocation.hasColour(1) && !invocation.has("no-color");
    String request = invocation.request(Map.of("colour", colour));
    try (HttpAnswer answer = invocation.engine().post("/jcompose/v1/logs", request, false)) {
      return new FramesAction(invocation, false).copy(answer);
    }
  }

  static int exec(Invocation invocation) throws IOException {
    if (invocation.arguments().size() < 2) {
      throw new CommandFailure("\"jcompose exec\" requires at least 2 arguments", 1);
    }
    return interactive(invocation, "exec");
  }

  static int oneOff(Invocation invocation) throws IOException {
    if (invocation.arguments().isEmpty()) {
      throw new CommandFailure("\"jcompose run\" requires at least 1 argument", 1);
    }
    if (invocation.has("service-ports") && !invocation.text("publish").isEmpty()) {
      throw new CommandFailure("--service-ports and --publish are incompatible", 1);
    }
    return interactive(invocation, "run");
  }

  private static int interactive(Invocation invocation, String endpoint) throws IOException {
    boolean detached = invocation.has("detach");
    boolean tty =
        !detached && !invocation.has("no-tty") && !invocation.has("no-TTY") && Terminal.is(0);
    Map<String, Object> extra = new LinkedHashMap<>();
    extra.put("tty", tty);
    extra.put("stdin", !detached);
    extra.put("rows", Terminal.rows(0));
    extra.put("columns", Terminal.columns(0));
    String request = invocation.request(extra);
    FramesAction action = new FramesAction(invocation, tty);
    try (HttpAnswer answer = invocation.engine().post("/jcompose/v1/" + endpoint, request, true)) {
      if (!detached) {
        action.feed(answer.connection().output(), endpoint);
      }
      return action.copy(answer);
    } finally {
      action.leaveRaw();
    }
  }

  private int copy(HttpAnswer answer) throws IOException {
    OutputStream out = Invocation.stdout();
    OutputStream err = new FileOutputStream(FileDescriptor.err);
    try (ControlLines lines = new ControlLines(ProgressView.of(invocation, "Creating"))) {
      Frames.read(
          answer,
          (stream, bytes) -> {
            if (stream == Frames.CONTROL) {
              control(lines, new String(bytes, StandardCharsets.UTF_8));
            } else {
              (stream == Frames.STDERR ? err : out).write(bytes);
            }
            return !lines.isEnded();
          });
      return lines.exitCode();
    }
  }

  private void control(ControlLines lines, String line) throws IOException {
    if (lines.accept(line) && tty) {
      raw = Terminal.enterRaw();
    }
    if (lines.isEnded()) {
      leaveRaw();
    }
  }

  private void leaveRaw() {
    if (raw) {
      raw = false;
      Terminal.leaveRaw();
    }
  }

  private void feed(OutputStream output, String endpoint) {
    Thread feeder = new Thread(() -> pump(output), "stdin");
    feeder.setDaemon(true);
    feeder.start();
    if (tty) {
      Terminal.onResize(
          () -> send(output, Frames.RESIZE, Terminal.rows(0) + " " + Terminal.columns(0)));
    } else if (endpoint.equals("run")) {
      Terminal.onSignals(name -> send(output, SIGNAL, name));
    }
  }

  private static void pump(OutputStream output) {
    InputStream input = new FileInputStream(FileDescriptor.in);
    byte[] buffer = new byte[8192];
    try {
      for (int count = input.read(buffer); count > 0; count = input.read(buffer)) {
        synchronized (output) {
          Frames.write(output, Frames.STDIN, buffer, count);
        }
      }
    } catch (IOException e) {
      // the other side ended; the copying thread tells how
    }
    send(output, Frames.STDIN, "");
  }

  private static void send(OutputStream output, int stream, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    synchronized (output) {
      try {
        Frames.write(output, stream, bytes, bytes.length);
      } catch (IOException e) {
        // the other side ended; the copying thread tells how
      }
    }
  }
}
