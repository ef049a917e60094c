package io.jcompose.api.docker.container;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.log.LogLines;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Containers.LogQuery;
import io.jcompose.core.Containers.LogReader;
import io.jcompose.core.Containers.LogRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** {@code GET /containers/{id}/logs}: what was written, as frames, or as it is with a terminal. */
public final class ContainerLogs {
  static final String RAW = "application/vnd.docker.raw-stream";
  private static final int FIRST_WITH_TYPE = 42;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final Containers containers;

  public ContainerLogs(ApiPorts ports) {
    this.containers = ports.containers();
  }

  public void addTo(Routes routes) {
    routes.get("/containers/{id}/logs", this::answer);
  }

  /** How a stream is told to be: clients before 1.42 know one type only. */
  static String type(Call call, boolean tty) {
    return tty || call.minor() < FIRST_WITH_TYPE ? RAW : FrameOutput.TYPE;
  }

  private void answer(Call call) throws IOException {
    ContainerView view = ContainerRoutes.find(containers, call.name("id"));
    Shown shown =
        new Shown(call.is("stdout"), call.is("stderr"), call.is("timestamps"), call.is("details"));
    if (!shown.out && !shown.err) {
      throw new Refusal(400, "Bad parameters: you must choose at least one stream");
    }
    LogQuery query =
        new LogQuery(tail(call), call.time("since"), call.time("until"), call.is("follow"));
    boolean tty = view.spec().process().tty();
    try (LogReader reader = containers.logs(view.id(), query)) {
      OutputStream output = call.exchange().stream(200, type(call, tty), reader::close);
      write(reader, shown, output, !tty);
    }
  }

  /** What is no number is all, as with Docker. */
  private static int tail(Call call) {
    String text = call.query("tail");
    return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
  }

  /** Which of it is shown, and with what. */
  record Shown(boolean out, boolean err, boolean times, boolean details) {}

  static void write(LogReader reader, Shown shown, OutputStream output, boolean framed)
      throws IOException {
    FrameOutput frames = new FrameOutput(output);
    for (LogRecord line = reader.next(); line != null; line = reader.next()) {
      boolean err = line.stream().equals("stderr");
      if (err ? shown.err : shown.out) {
        byte[] bytes = text(line, shown).getBytes(StandardCharsets.UTF_8);
        if (framed) {
          frames.write(err ? FrameOutput.STDERR : FrameOutput.STDOUT, bytes);
        } else {
          output.write(bytes);
        }
      }
    }
  }

  private static String text(LogRecord line, Shown shown) {
    String text = line.text();
    if (shown.details) {
      text = LogLines.pairs(line.details()) + " " + text;
    }
    return shown.times ? TIME.format(line.time()) + " " + text : text;
  }
}
