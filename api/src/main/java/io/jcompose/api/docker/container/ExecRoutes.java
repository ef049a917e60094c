package io.jcompose.api.docker.container;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.answer.ApiError;
import io.jcompose.api.container.StreamThreads;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.DetachKeys;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.container.Execs.Exec;
import io.jcompose.api.docker.create.Given;
import io.jcompose.api.docker.model.ExecCreateRequest;
import io.jcompose.api.docker.model.ExecStartRequest;
import io.jcompose.api.http.HijackedStream;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code /containers/{id}/exec} and {@code /exec}: further programs in containers. */
public final class ExecRoutes {
  /** Of a program that could not be started, and the shell's for that. */
  private static final int NOT_STARTED = 126;

  private final Containers containers;
  private final Execs execs = new Execs();

  public ExecRoutes(ApiPorts ports) {
    this.containers = ports.containers();
  }

  /** Ids of the programs of a container that have not ended yet. */
  public List<String> ofContainer(String id) {
    return execs.ofContainer(id);
  }

  public void addTo(Routes routes) {
    routes.post("/containers/{id}/exec", this::create);
    routes.post("/exec/{id}/start", this::start);
    routes.get("/exec/{id}/json", call -> call.json(find(call).inspect()));
    routes.post("/exec/{id}/resize", this::resize);
  }

  private Exec find(Call call) {
    return execs.find(call.name("id"), containers);
  }

  private void create(Call call) throws IOException {
    ExecCreateRequest asked = call.body(ExecCreateRequest.class);
    ContainerView view = ContainerRoutes.find(containers, call.name("id"));
    List<String> command = words(asked.cmd());
    if (command.isEmpty()) {
      throw new Refusal(400, "No exec command specified");
    }
    requireTakesPrograms(view, call.name("id"));
    List<Integer> size = size(asked.consoleSize());
    ExecSpec spec =
        new ExecSpec(
            command,
            words(asked.env()),
            Objects.requireNonNullElse(asked.user(), ""),
            Objects.requireNonNullElse(asked.workingDir(), ""),
            Boolean.TRUE.equals(asked.tty()),
            Boolean.TRUE.equals(asked.attachStdin()),
            Boolean.TRUE.equals(asked.privileged()),
            size.get(0),
            size.get(1));
    Execs.Told told =
        new Execs.Told(
            Boolean.TRUE.equals(asked.attachStdout()),
            Boolean.TRUE.equals(asked.attachStderr()),
            spec.user().isEmpty() ? view.spec().process().user() : spec.user(),
            keys(asked.detachKeys()));
    Exec exec = execs.make(view.id(), spec, told);
    call.json(201, Map.of("Id", exec.id()));
  }

  /** As they were asked for, where they are some. */
  private static String keys(@Nullable String asked) {
    String text = Given.text(asked);
    if (!text.isEmpty()) {
      DetachKeys _ = DetachKeys.parse(text);
    }
    return text;
  }

  private static void requireTakesPrograms(ContainerView view, String called) {
    if (!view.isRunning()) {
      throw new JcomposeException.Conflict("container " + view.id() + " is not running");
    }
    if (view.state() == ContainerView.State.PAUSED) {
      throw new JcomposeException.Conflict(
          "Container " + called + " is paused, unpause the container before exec");
    }
  }

  private static List<String> words(@Nullable List<String> list) {
    if (list == null) {
      return List.of();
    }
    if (list.contains(null)) {
      throw new Refusal(400, "invalid JSON: a word is null");
    }
    return list;
  }

  /** Rows and columns; 0 for none. */
  private static List<Integer> size(@Nullable List<Integer> size) {
    boolean known =
        size != null
            && size.size() == 2
            && size.stream().allMatch(n -> n != null && n >= 0 && n <= Short.MAX_VALUE);
    return known && size != null ? size : List.of(0, 0);
  }

  private void start(Call call) throws IOException {
    Exec exec = find(call);
    ExecStartRequest asked = call.body(ExecStartRequest.class);
    List<Integer> size = size(asked.consoleSize());
    requireTakesPrograms(ContainerRoutes.find(containers, exec.container()), exec.container());
    exec.begin();
    if (Boolean.TRUE.equals(asked.detach())) {
      StreamSession session = session(exec, size);
      StreamThreads.run(() -> drain(exec, session));
      call.done(200);
      return;
    }
    ProgramStreams.Wanted wanted =
        new ProgramStreams.Wanted(
            exec.spec().stdin(), exec.out(), exec.err(), !exec.spec().tty(), null);
    try (HijackedStream stream = takeOver(call, exec)) {
      ProgramStreams streams = new ProgramStreams(stream, wanted);
      try {
        StreamSession session = session(exec, size);
        streams.converse(
            session, ProgramStreams.EndOfInput.PASSED_ON, ended -> recordEnd(exec, ended));
      } catch (RuntimeException e) {
        ApiError.log(e);
        streams.tell(Refusal.message(e));
      }
    }
  }

  private static HijackedStream takeOver(Call call, Exec exec) throws IOException {
    try {
      return call.exchange().hijack(AttachRoutes.type(call, exec.spec().tty()));
    } catch (IOException | RuntimeException e) {
      exec.ended(NOT_STARTED);
      throw e;
    }
  }

  private StreamSession session(Exec exec, List<Integer> size) {
    ExecSpec spec = exec.spec();
    ExecSpec sized =
        size.get(0) == 0
            ? spec
            : new ExecSpec(
                spec.command(),
                spec.env(),
                spec.user(),
                spec.workingDir(),
                spec.tty(),
                spec.stdin(),
                spec.privileged(),
                size.get(0),
                size.get(1));
    try {
      StreamSession session = containers.exec(exec.container(), sized);
      exec.runs(session);
      return session;
    } catch (RuntimeException e) {
      exec.ended(
          e instanceof JcomposeException.CommandFailed failed ? failed.exitCode() : NOT_STARTED);
      throw e;
    }
  }

  private static void drain(Exec exec, StreamSession session) {
    try {
      session.pump((stream, bytes, offset, length) -> {});
    } catch (IOException e) {
      throw new IllegalStateException("a sink that takes all failed", e);
    } finally {
      recordEnd(exec, session);
    }
  }

  private static void recordEnd(Exec exec, StreamSession session) {
    int code = NOT_STARTED;
    try (session) {
      code = session.exitCode();
    } finally {
      exec.ended(code);
    }
  }

  private void resize(Call call) throws IOException {
    Exec exec = find(call);
    int rows = AttachRoutes.side(call, "h", "height");
    int columns = AttachRoutes.side(call, "w", "width");
    StreamSession session =
        exec.session()
            .orElseThrow(() -> new Refusal(404, "exec command " + exec.id() + " is not running"));
    session.resize(rows, columns);
    call.done(200);
  }
}
