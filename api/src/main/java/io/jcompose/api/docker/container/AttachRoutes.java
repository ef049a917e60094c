package io.jcompose.api.docker.container;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.DetachKeys;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.http.HijackedStream;
import io.jcompose.api.log.EventLog;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Containers.LogQuery;
import io.jcompose.core.Containers.LogReader;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Attach to a container's own program, which may be yet to start, and its terminal's size. */
public final class AttachRoutes {
  private static final int LARGEST_SIDE = 65_535;
  private static final int FIRST_WITH_BINARY = 28;

  private final Containers containers;
  private final EventLog log;

  /** The sessions that can set the size of a container's terminal, by its id. */
  private final ConcurrentHashMap<String, Set<StreamSession>> attached = new ConcurrentHashMap<>();

  public AttachRoutes(ApiPorts ports, EventLog log) {
    this.containers = ports.containers();
    this.log = log;
  }

  public void addTo(Routes routes) {
    routes.post("/containers/{id}/attach", this::attach);
    routes.get("/containers/{id}/attach/ws", this::attachByWebSocket);
    routes.post("/containers/{id}/resize", this::resize);
  }

  /** How a connection that is taken over is told to be: without an upgrade as ever. */
  static String type(Call call, boolean tty) {
    Exchange exchange = call.exchange();
    return exchange.head().isUpgrade() ? ContainerLogs.type(call, tty) : ContainerLogs.RAW;
  }

  private void attach(Call call) throws IOException {
    attach(call, tty -> call.exchange().hijack(type(call, tty)), /* framed= */ true);
  }

  /** Both streams as they are, each piece a message. */
  private void attachByWebSocket(Call call) throws IOException {
    ContainerView _ = ContainerRoutes.find(containers, call.name("id"));
    if (!call.exchange().wantsWebSocket()) {
      throw new Refusal(400, "not websocket protocol");
    }
    boolean binary = call.minor() >= FIRST_WITH_BINARY;
    attach(call, tty -> call.exchange().webSocket(binary), /* framed= */ false);
  }

  /** Takes the connection over. */
  private interface TakingOver {
    HijackedStream take(boolean tty) throws IOException;
  }

  private void attach(Call call, TakingOver over, boolean framed) throws IOException {
    ContainerView view = ContainerRoutes.find(containers, call.name("id"));
    boolean tty = view.spec().process().tty();
    boolean in = call.is("stdin") && view.spec().process().stdinOpen();
    DetachKeys keys = DetachKeys.parse(call.query("detachKeys"));
    requireAttachable(view, call.name("id"));
    log.acted(view, "attach", Map.of());
    boolean goesOn = call.is("stream");
    if (!goesOn) {
      try (HijackedStream stream = over.take(tty)) {
        past(call, view, stream, framed && !tty);
      }
      return;
    }
    StreamSession session = containers.attach(view.id(), in);
    try (session;
        HijackedStream stream = over.take(tty)) {
      past(call, view, stream, framed && !tty);
      ProgramStreams.Wanted wanted =
          new ProgramStreams.Wanted(
              in, call.is("stdout"), call.is("stderr"), framed && !tty, tty ? keys : null);
      ProgramStreams.EndOfInput end =
          view.spec().process().stdinOnce()
              ? ProgramStreams.EndOfInput.PASSED_ON
              : ProgramStreams.EndOfInput.LEAVES;
      keep(view.id(), session);
      try {
        new ProgramStreams(stream, wanted).converse(session, end, ended -> {});
      } finally {
        drop(view.id(), session);
      }
    }
  }

  private static void requireAttachable(ContainerView view, String called) {
    if (view.state() == ContainerView.State.PAUSED) {
      throw new JcomposeException.Conflict(
          "container " + called + " is paused, unpause the container before attach");
    }
    if (view.state() == ContainerView.State.RESTARTING) {
      throw new JcomposeException.Conflict(
          "container " + called + " is restarting, wait until the container is running");
    }
  }

  /** What was written before, where that is asked for. */
  private void past(Call call, ContainerView view, HijackedStream stream, boolean framed)
      throws IOException {
    if (!call.is("logs")) {
      return;
    }
    ContainerLogs.Shown shown =
        new ContainerLogs.Shown(call.is("stdout"), call.is("stderr"), false, false);
    try (LogReader reader = containers.logs(view.id(), LogQuery.ALL)) {
      ContainerLogs.write(reader, shown, stream.output(), framed);
    }
  }

  private void keep(String id, StreamSession session) {
    attached.compute(
        id,
        (key, all) -> {
          Set<StreamSession> sessions = all == null ? ConcurrentHashMap.newKeySet() : all;
          sessions.add(session);
          return sessions;
        });
  }

  private void drop(String id, StreamSession session) {
    attached.computeIfPresent(
        id,
        (key, all) -> {
          all.remove(session);
          return all.isEmpty() ? null : all;
        });
  }

  /** By one that is attached; where nobody is, there is nobody to see it. */
  private void resize(Call call) throws IOException {
    ContainerView view = ContainerRoutes.find(containers, call.name("id"));
    int rows = side(call, "h", "height");
    int columns = side(call, "w", "width");
    if (!view.isRunning()) {
      throw new JcomposeException.Conflict("container " + view.id() + " is not running");
    }
    attached.getOrDefault(view.id(), Set.of()).stream()
        .findFirst()
        .ifPresent(session -> session.resize(rows, columns));
    log.acted(
        view, "resize", Map.of("height", String.valueOf(rows), "width", String.valueOf(columns)));
    call.done(200);
  }

  /** A side of a terminal, in characters. */
  static int side(Call call, String name, String what) {
    String text = call.query(name);
    int side = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
    if (side < 0 || side > LARGEST_SIDE) {
      throw new Refusal(
          400, "invalid resize " + what + " " + Refusal.shown(text) + ": invalid syntax");
    }
    return side;
  }
}
