package io.jcompose.cli.action;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.request.NeededLogins;
import io.jcompose.cli.request.ProjectRequest;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.TerminalChange;
import io.jcompose.cli.view.ControlLines;
import io.jcompose.cli.view.ProgressViews;
import io.jcompose.cli.wire.Frames;
import io.jcompose.cli.wire.HttpAnswer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Commands whose answer is streams: stats and events; exec, run and attach. */
final class FramesAction {
  private static final int SIGNAL = 5;
  private static final int DETACH = 6;
  private static final int STDIN_BYTES = 65536;

  private final Invocation invocation;
  private final Console console = Consoles.current();
  private final boolean tty;
  private volatile @Nullable TerminalChange raw;
  private volatile boolean detached;
  private Runnable onAttach = () -> {};

  private FramesAction(Invocation invocation, boolean tty) {
    this.invocation = invocation;
    this.tty = tty;
  }

  /** A command that only prints what comes. */
  static int output(Invocation invocation) throws IOException {
    return output(invocation, Map.of());
  }

  /** On a terminal each table is written over the last one. */
  static int stats(Invocation invocation) throws IOException {
    boolean terminal = Consoles.current().isTerminal(1);
    if (terminal && !invocation.has("no-stream")) {
      Consoles.current().out().write("\033[2J\033[H".getBytes(StandardCharsets.UTF_8));
    }
    return output(invocation, Map.of("terminal", terminal));
  }

  private static int output(Invocation invocation, Map<String, Object> extra) throws IOException {
    String endpoint = "/jcompose/v1/" + invocation.command().name();
    try (HttpAnswer answer =
        Engines.of(invocation).post(endpoint, ProjectRequest.text(invocation, extra), false)) {
      return new FramesAction(invocation, false).copy(answer);
    }
  }

  static int attach(Invocation invocation) throws IOException {
    return interactive(invocation, "attach");
  }

  static int exec(Invocation invocation) throws IOException {
    return interactive(invocation, "exec");
  }

  static int oneOff(Invocation invocation) throws IOException {
    if (invocation.has("service-ports") && !invocation.text("publish").isEmpty()) {
      throw new CommandFailure("--service-ports and --publish are incompatible", 1);
    }
    return interactive(invocation, "run");
  }

  private static int interactive(Invocation invocation, String endpoint) throws IOException {
    boolean detached = invocation.has("detach");
    boolean tty =
        !detached
            && !invocation.has("no-tty")
            && !invocation.has("no-TTY")
            && Consoles.current().isTerminal(0);
    boolean stdin = !detached && !invocation.has("no-stdin");
    Map<String, Object> extra = new LinkedHashMap<>();
    if (endpoint.equals("run")) {
      extra.putAll(NeededLogins.of(invocation, endpoint));
    }
    extra.put("tty", tty);
    extra.put("openStdin", stdin);
    extra.put("envTexts", envTexts(invocation));
    extra.put("rows", Consoles.current().rows(0));
    extra.put("columns", Consoles.current().columns(0));
    String request = ProjectRequest.text(invocation, extra);
    FramesAction action = new FramesAction(invocation, tty);
    DetachKeys keys = DetachKeys.parse(invocation.text("detach-keys"));
    try (HttpAnswer answer =
        Engines.of(invocation).post("/jcompose/v1/" + endpoint, request, true)) {
      if (!detached) {
        action.feed(answer.connection().output(), endpoint, stdin, keys);
      }
      int code = action.copy(answer);
      return action.detached ? action.left(endpoint) : code;
    } finally {
      action.leaveRaw();
    }
  }

  /** As docker has it: an {@code attach} or {@code exec} that ends before its program fails. */
  private int left(String endpoint) {
    leaveRaw();
    console.complain(endpoint.equals("run") ? "\n" : "read escape sequence\n");
    return endpoint.equals("run") ? 0 : 1;
  }

  /**
   * A build that opens a shell here when a command of it fails. What is typed before is left to
   * whoever reads the terminal next.
   *
   * @param members of the request
   */
  static ControlLines build(Invocation invocation, String endpoint, Map<String, Object> members)
      throws IOException {
    Map<String, Object> extra = new LinkedHashMap<>(members);
    extra.put("rows", Consoles.current().rows(0));
    extra.put("columns", Consoles.current().columns(0));
    String request = ProjectRequest.text(invocation, extra);
    FramesAction action = new FramesAction(invocation, true);
    DetachKeys keys = DetachKeys.none(); // a build does not go on without its person
    try (HttpAnswer answer =
            Engines.of(invocation).post("/jcompose/v1/" + endpoint, request, true);
        ControlLines lines = new ControlLines(ProgressViews.of(invocation, "Building"))) {
      action.onAttach = () -> action.feed(answer.connection().output(), "exec", true, keys);
      action.copy(answer, lines);
      return lines;
    } finally {
      action.leaveRaw();
    }
  }

  /** What the env files have that were given; read here, as whoever runs the command. */
  private static List<String> envTexts(Invocation invocation) throws IOException {
    List<String> texts = new ArrayList<>();
    for (String option : new String[] {"env-file", "env-from-file"}) {
      for (Object file : invocation.list(option)) {
        Consoles.current().requireOwn();
        try {
          Path path = Path.of(Consoles.current().folder()).resolve(String.valueOf(file));
          texts.add(Files.readString(path));
        } catch (IOException e) {
          throw new CommandFailure("cannot read env file " + file + ": " + e, 1);
        }
      }
    }
    return texts;
  }

  private int copy(HttpAnswer answer) throws IOException {
    try (ControlLines lines = new ControlLines(ProgressViews.of(invocation, "Creating"))) {
      copy(answer, lines);
      return lines.exitCode();
    }
  }

  private void copy(HttpAnswer answer, ControlLines lines) throws IOException {
    OutputStream out = Consoles.current().out();
    OutputStream err = Consoles.current().err();
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
  }

  private void control(ControlLines lines, String line) throws IOException {
    if (raw != null && ControlLines.isResult(line)) {
      leaveRaw(); // what it says has lines
    }
    if (lines.accept(line) && tty && lines.isTerminal()) {
      raw = Consoles.current().enterRaw();
      onAttach.run();
    }
    if (lines.isEnded()) {
      leaveRaw();
    }
  }

  private void leaveRaw() {
    TerminalChange change = raw;
    raw = null;
    if (change != null) {
      change.close();
    }
  }

  private void feed(OutputStream output, String endpoint, boolean stdin, DetachKeys keys) {
    if (stdin) {
      Consoles.start(console, "stdin", () -> pump(output, keys));
    }
    if (tty) {
      Consoles.current()
          .onResize(
              () ->
                  send(
                      output,
                      Frames.RESIZE,
                      Consoles.current().rows(0) + " " + Consoles.current().columns(0)));
    }
    boolean passesSignals = !invocation.text("sig-proxy").equals("false");
    if (!endpoint.equals("exec") && (!tty || endpoint.equals("attach")) && passesSignals) {
      Consoles.current().onSignals(name -> send(output, SIGNAL, name));
    }
  }

  private void pump(OutputStream output, DetachKeys keys) {
    InputStream input = Consoles.current().in();
    byte[] buffer = new byte[STDIN_BYTES];
    byte[] kept = new byte[STDIN_BYTES + keys.length()];
    try {
      for (int count = input.read(buffer); count > 0; count = input.read(buffer)) {
        boolean typed = raw != null;
        int length = typed ? keys.filter(buffer, count, kept) : count;
        synchronized (output) {
          if (length > 0) {
            Frames.write(output, Frames.STDIN, typed ? kept : buffer, length);
          }
        }
        if (keys.isComplete()) {
          detached = true;
          send(output, DETACH, "");
          return;
        }
      }
    } catch (IOException e) {
      // the other side ended; the copying thread tells how
    }
    // A main process outlives whoever attaches, so its input does not end with theirs.
    if (!invocation.command().name().equals("attach")) {
      send(output, Frames.STDIN, "");
    }
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
