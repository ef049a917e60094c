package io.jcompose.api;

import io.jcompose.api.http.Exchange;
import io.jcompose.api.http.HijackedStream;
import io.jcompose.compose.Project;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import io.jcompose.scheduler.Projects;
import io.jcompose.scheduler.RunOptions;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * {@code exec}, {@code run} and {@code attach}: a program's streams over a hijacked connection,
 * frames both ways. From the client: 0 standard input (an empty frame is its end), 4 the terminal's
 * size, 5 a signal, 6 it detaches: the program goes on without it.
 */
final class ExecCommand {
  private static final String FRAMES = "application/vnd.docker.multiplexed-stream";
  private static final int STDIN_BUFFER = 1 << 16;
  private static final int DETACH = 6;

  private final Projects projects;
  private final Containers containers;
  private final ProjectSource source;
  private final ContainerRefs refs;

  ExecCommand(Projects projects, Containers containers, ProjectSource source) {
    this.projects = projects;
    this.containers = containers;
    this.source = source;
    this.refs = new ContainerRefs(projects, containers, source);
  }

  void exec(Exchange exchange, CommandRequest request) throws IOException {
    List<String> words = request.arguments();
    if (words.size() < 2) {
      throw new JcomposeException.InvalidArgument("exec needs a service and a command");
    }
    ContainerView view = refs.running(request, words.get(0));
    boolean tty = request.is("tty");
    StreamSession session =
        containers.exec(
            view.id(),
            new Containers.ExecSpec(
                words.subList(1, words.size()),
                request.list("env"),
                request.text("user"),
                request.text("workdir"),
                tty,
                request.is("stdin"),
                request.has("privileged"),
                request.size("rows"),
                request.size("columns")));
    try (HijackedStream stream = takeOver(exchange, session)) {
      FrameOutput output = new FrameOutput(stream.output());
      if (request.has("detach")) {
        Thread.ofVirtual().name("exec-detached").start(() -> drain(session));
        output.control(Map.of("exitCode", 0));
        return;
      }
      converse(request, tty, stream, output, session, null);
    }
  }

  /** Connects to the main process of a service's container; leaving it does not end it. */
  void attach(Exchange exchange, CommandRequest request) throws IOException {
    if (request.arguments().size() != 1) {
      throw new JcomposeException.InvalidArgument("attach needs one service");
    }
    ContainerView view = refs.running(request, request.arguments().getFirst());
    if (view.state() == ContainerView.State.PAUSED) {
      throw new JcomposeException.Conflict(
          "cannot attach to a paused container, unpause it first: " + view.name());
    }
    StreamSession session = containers.attach(view.id(), request.is("stdin"));
    try (HijackedStream stream = takeOver(exchange, session)) {
      FrameOutput output = new FrameOutput(stream.output());
      boolean tty = view.spec().process().tty();
      converse(request, tty, stream, output, session, view.id());
    }
  }

  /** A client that left before its answer leaves no program behind. */
  private static HijackedStream takeOver(Exchange exchange, StreamSession session)
      throws IOException {
    try {
      return exchange.hijack(FRAMES);
    } catch (IOException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  void run(Exchange exchange, CommandRequest request) throws IOException {
    String service = request.arguments().get(0);
    Project project = source.load(request, List.of(service));
    project.service(service);
    RunOptions options = runOptions(request, service);
    try (HijackedStream stream = exchange.hijack(FRAMES)) {
      FrameOutput output = new FrameOutput(stream.output());
      ProgressLines progress = new ProgressLines(output::control);
      try {
        String id = projects.run(project, options, progress.of(request));
        if (request.has("detach")) {
          try {
            containers.start(id);
          } catch (RuntimeException e) {
            containers.remove(id, true, true);
            throw e;
          }
          output.control(Map.of("stdout", id));
          output.control(Map.of("exitCode", 0));
        } else {
          attach(request, stream, output, id);
        }
      } catch (RuntimeException e) {
        JcomposeApi.logUnexpected(e);
        output.control(ApiError.members(e));
      }
    }
  }

  private void attach(CommandRequest request, HijackedStream stream, FrameOutput output, String id)
      throws IOException {
    try (StreamSession session = containers.attach(id, request.is("stdin"))) {
      try {
        containers.start(id);
      } catch (RuntimeException e) {
        containers.remove(id, true, true); // it never ran: nobody has use of it
        throw e;
      }
      converse(request, request.is("tty"), stream, output, session, id);
    }
  }

  private void converse(
      CommandRequest request,
      boolean tty,
      HijackedStream stream,
      FrameOutput output,
      StreamSession session,
      @Nullable String container)
      throws IOException {
    AtomicBoolean detached = new AtomicBoolean();
    try (session) {
      output.control(Map.of("attached", true, "tty", tty));
      if (tty && container != null && request.size("rows") > 0) {
        session.resize(request.size("rows"), request.size("columns"));
      }
      Client client = new Client(stream, output, session, container, detached);
      Thread.ofPlatform().name("stdin").start(() -> feed(client));
      onPlatformThread(
          () ->
              session.pump(
                  (kind, bytes, offset, length) -> {
                    if (!detached.get()) {
                      output.write(kind, bytes, offset, length);
                    }
                  }));
      int code = session.exitCode();
      if (!detached.get()) {
        output.control(Map.of("exitCode", code));
      }
    } catch (JcomposeException e) {
      if (!detached.get()) {
        output.control(ApiError.members(e));
      }
    }
  }

  private interface Streaming {
    void run() throws IOException;
  }

  /**
   * A platform thread waits in read itself; a virtual one costs two more switches of threads for
   * each buffer, nearly half of the processor time of a long stream.
   */
  private static void onPlatformThread(Streaming streaming) throws IOException {
    FutureTask<@Nullable Void> task =
        new FutureTask<>(
            () -> {
              streaming.run();
              return null;
            });
    Thread.ofPlatform().name("stdout").start(task);
    try {
      task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (InterruptedException e) {
      throw new JcomposeException.Cancelled("the stream was interrupted");
    }
  }

  /**
   * Who speaks to a program.
   *
   * @param container its main process's container; null for an exec
   * @param detached set when the client leaves the program to itself
   */
  private record Client(
      HijackedStream stream,
      FrameOutput output,
      StreamSession session,
      @Nullable String container,
      AtomicBoolean detached) {}

  private void feed(Client client) {
    StreamSession session = client.session;
    try {
      DataInputStream input =
          new DataInputStream(new BufferedInputStream(client.stream.input(), STDIN_BUFFER));
      while (true) {
        int kind = input.readInt() >>> 24;
        int length = input.readInt();
        if (length < 0 || length > FrameInput.LONGEST_FRAME) {
          throw new IOException("frame of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        input.readFully(bytes);
        if (kind == DETACH) {
          detach(client);
          return;
        }
        take(kind, bytes, session, client.container);
      }
    } catch (IOException e) {
      session.close(); // the client is gone
    } catch (RuntimeException e) {
      JcomposeApi.logUnexpected(e);
    }
  }

  /** A main process is let go; an exec is kept company, for it would end with its session. */
  private static void detach(Client client) throws IOException {
    client.detached.set(true);
    client.output.control(Map.of("exitCode", 0));
    client.stream.close();
    if (client.container != null) {
      client.session.close();
    }
  }

  private void take(int kind, byte[] bytes, StreamSession session, @Nullable String container) {
    String text = kind == 0 ? "" : new String(bytes, StandardCharsets.UTF_8);
    if (kind == 4) {
      String[] size = text.split(" ", -1);
      session.resize(Integer.parseInt(size[0]), Integer.parseInt(size[1]));
    } else if (kind == 5 && container != null) {
      containers.kill(container, text);
    } else if (kind == 0) {
      write(bytes, session);
    }
  }

  /** A program that closed its input takes no more; its output goes on. */
  private static void write(byte[] bytes, StreamSession session) {
    try {
      if (bytes.length == 0) {
        session.stdin().close();
      } else {
        session.stdin().write(bytes);
        session.stdin().flush();
      }
    } catch (IOException e) {
      // told by the program's end
    }
  }

  private static void drain(StreamSession session) {
    try (session) {
      session.pump((stream, bytes, offset, length) -> {});
      session.exitCode(); // told as the program's own end, not as one of being left
    } catch (IOException e) {
      JcomposeApi.logUnexpected(new java.io.UncheckedIOException(e));
    }
  }

  private static RunOptions runOptions(CommandRequest request, String service) {
    List<String> words = request.arguments();
    String entrypoint = request.text("entrypoint");
    Map<String, String> labels = new LinkedHashMap<>();
    for (String label : request.list("label")) {
      int equals = label.indexOf('=');
      labels.put(
          equals < 0 ? label : label.substring(0, equals),
          equals < 0 ? "" : label.substring(equals + 1));
    }
    return new RunOptions(
        service,
        words.subList(1, words.size()),
        entrypoint.isEmpty() ? null : new ArrayList<>(List.of(entrypoint.split(" +"))),
        request.list("env"),
        request.text("name"),
        labels,
        request.has("service-ports"),
        request.list("publish"),
        request.list("volume"),
        request.text("user"),
        request.text("workdir"),
        request.list("cap-add"),
        request.list("cap-drop"),
        request.has("use-aliases"),
        request.has("no-deps"),
        request.has("rm"),
        request.is("tty"),
        request.is("stdin"),
        request.has("remove-orphans"), // the variable means `up`, `down` and `kill`
        request.has("", "COMPOSE_IGNORE_ORPHANS"),
        request.text("pull"));
  }
}
