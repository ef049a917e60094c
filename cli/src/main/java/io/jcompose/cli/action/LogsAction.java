package io.jcompose.cli.action;

import io.jcompose.cli.client.EngineClient;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.request.ProjectRequest;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.view.ControlLines;
import io.jcompose.cli.view.ProgressViews;
import io.jcompose.cli.wire.Frames;
import io.jcompose.cli.wire.HttpAnswer;
import io.jcompose.cli.wire.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code jcompose logs}: shows what containers wrote. Who follows goes on when the engine ends, for
 * containers and their logs outlive it: the next engine is told how far this command has come.
 */
final class LogsAction {
  private static final Duration ENGINE_LIMIT = Duration.ofSeconds(60);

  private final Invocation invocation;
  private final Console console = Consoles.current();
  private final Map<String, String> places = new LinkedHashMap<>(console.logPlaces());
  private byte[] line = {};
  private int lineStream = Frames.STDOUT;

  private LogsAction(Invocation invocation) {
    this.invocation = invocation;
  }

  static int run(Invocation invocation) throws IOException {
    return new LogsAction(invocation).run();
  }

  private int run() throws IOException {
    boolean follows = invocation.has("follow");
    Map<String, Object> members =
        ProjectRequest.members(
            invocation,
            Map.of(
                "colour",
                invocation.hasColour(1) && !invocation.has("no-color"),
                "resumes",
                follows,
                "began",
                console.began(),
                "places",
                places));
    EngineClient engine = Engines.of(invocation);
    while (true) {
      String request = new Json().value(members).toString();
      try (HttpAnswer answer = engine.post("/jcompose/v1/logs", request, false)) {
        return copy(answer, follows);
      } catch (IOException e) {
        if (!follows || !console.isOwn()) { // a client goes on by itself
          throw e;
        }
        engine = Engines.running(invocation);
        awaitNext(engine);
      }
    }
  }

  /** Who follows has a line when its place is known too: else it comes again. */
  private int copy(HttpAnswer answer, boolean follows) throws IOException {
    line = new byte[0];
    try (ControlLines lines = new ControlLines(ProgressViews.of(invocation, "Creating"))) {
      Frames.read(
          answer,
          (stream, bytes) -> {
            if (stream == Frames.CONTROL) {
              lines.accept(new String(bytes, StandardCharsets.UTF_8));
            } else if (stream == Frames.PLACE) {
              arrived(new String(bytes, StandardCharsets.US_ASCII));
            } else if (follows && stream != Frames.REMARK) {
              line = bytes;
              lineStream = stream;
            } else {
              write(stream, bytes);
            }
            return !lines.isEnded();
          });
      return lines.exitCode();
    }
  }

  private void arrived(String place) throws IOException {
    int space = place.indexOf(' ');
    String container = place.substring(0, space);
    console.logLine(lineStream, line, container, place.substring(space + 1));
    line = new byte[0];
    places.put(container, place.substring(space + 1));
  }

  private void write(int stream, byte[] bytes) throws IOException {
    (stream == Frames.STDERR ? console.err() : console.out()).write(bytes);
  }

  private static void awaitNext(EngineClient engine) throws IOException {
    say("the engine has ended; the containers run on: waiting for the next engine");
    long end = System.nanoTime() + ENGINE_LIMIT.toNanos();
    try {
      while (!engine.isUp()) {
        if (System.nanoTime() > end) {
          throw new CommandFailure(
              "no engine came within " + ENGINE_LIMIT.toSeconds() + " s; any command starts one",
              1);
        }
        Thread.sleep(engine.pauseMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void say(String text) {
    Consoles.current().complain(text + "\n");
  }
}
