package io.jcompose.api.container;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.FailureReport;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.http.HijackedStream;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ContainerRefs;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.compose.EnvText;
import io.jcompose.compose.ShortForm;
import io.jcompose.compose.model.MountConfig;
import io.jcompose.compose.model.Project;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import io.jcompose.scheduler.Projects;
import io.jcompose.scheduler.RunOptions;
import io.jcompose.scheduler.ServiceNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * {@code exec}, {@code run} and {@code attach}: a program's streams over a hijacked connection,
 * frames both ways. What the client sends is {@link ProgramInput}'s.
 */
public final class ExecCommand {
  /** One that fails is in the engine's log. */
  private static final long REMOVAL_NANOS = 10_000_000_000L;

  private final Projects projects;
  private final Containers containers;
  private final ProjectSource source;
  private final ContainerRefs refs;
  private final FailureReport failures;

  public ExecCommand(
      Projects projects, Containers containers, ProjectSource source, FailureReport failures) {
    this.failures = failures;
    this.projects = projects;
    this.containers = containers;
    this.source = source;
    this.refs = new ContainerRefs(containers, source);
  }

  public void exec(Exchange exchange, CommandRequest request) throws IOException {
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
                env(request, EnvText::raw),
                request.text("user"),
                request.text("workdir"),
                tty,
                request.is("openStdin"),
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
      converse(request, tty, input(stream, output), output, session, null);
    }
  }

  /** Connects to the main process of a service's container; leaving it does not end it. */
  public void attach(Exchange exchange, CommandRequest request) throws IOException {
    if (request.arguments().size() != 1) {
      throw new JcomposeException.InvalidArgument("attach needs one service");
    }
    ContainerView view = refs.running(request, request.arguments().getFirst());
    if (view.state() == ContainerView.State.PAUSED) {
      throw new JcomposeException.Conflict(
          "cannot attach to a paused container, unpause it first: " + view.name());
    }
    StreamSession session = containers.attach(view.id(), request.is("openStdin"));
    try (HijackedStream stream = takeOver(exchange, session)) {
      FrameOutput output = new FrameOutput(stream.output());
      boolean tty = view.spec().process().tty();
      converse(request, tty, input(stream, output), output, session, view.id());
    }
  }

  private ProgramInput input(HijackedStream stream, FrameOutput output) {
    ProgramInput input = new ProgramInput(containers, stream, output, null);
    input.start();
    return input;
  }

  /** A client that left before its answer leaves no program behind. */
  private static HijackedStream takeOver(Exchange exchange, StreamSession session)
      throws IOException {
    try {
      return exchange.hijack(FrameOutput.TYPE);
    } catch (IOException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** With all volumes: {@code -v} may name one that no service uses. */
  private Project toRun(CommandRequest request, String service) {
    try {
      return source.loadAll(request, List.of(service));
    } catch (JcomposeException.NotFound e) {
      throw ProjectSource.advising(e, List.of(service), ProjectSource.WRITE_SERVICE);
    }
  }

  public void run(Exchange exchange, CommandRequest request) throws IOException {
    String service = request.arguments().get(0);
    Project project = toRun(request, service);
    ServiceNames.requireToRun(service, project.services().keySet());
    RunOptions options = runOptions(request, project, service);
    try (HijackedStream stream = exchange.hijack(FrameOutput.TYPE)) {
      FrameOutput output = new FrameOutput(stream.output());
      ProgressLines progress = new ProgressLines(output::control, request.logins());
      ProgramInput input = new ProgramInput(containers, stream, output, progress::gone);
      input.start();
      source.cautions(request, project).forEach(progress::warn);
      try {
        String id = projects.run(project, options, progress.of(request));
        progress.flush();
        if (progress.isGone()) {
          containers.remove(id, true, true); // nobody has use of it
        } else if (request.has("detach")) {
          startDetached(id, output);
        } else {
          attach(request, input, output, id);
        }
      } catch (RuntimeException e) {
        ApiError.log(e);
        for (String text : failures.of(progress.failed(), true)) {
          output.control(Map.of("report", text));
        }
        output.control(ApiError.members(e));
      }
    }
  }

  private void startDetached(String id, FrameOutput output) throws IOException {
    try {
      containers.start(id);
    } catch (RuntimeException e) {
      containers.remove(id, true, true);
      throw e;
    }
    output.control(Map.of("stdout", id));
    output.control(Map.of("exitCode", 0));
  }

  private void attach(CommandRequest request, ProgramInput input, FrameOutput output, String id)
      throws IOException {
    try (StreamSession session = containers.attach(id, request.is("openStdin"))) {
      try {
        containers.start(id);
      } catch (RuntimeException e) {
        containers.remove(id, true, true); // it never ran: nobody has use of it
        throw e;
      }
      converse(request, request.is("tty"), input, output, session, id);
    }
  }

  private void converse(
      CommandRequest request,
      boolean tty,
      ProgramInput input,
      FrameOutput output,
      StreamSession session,
      @Nullable String container)
      throws IOException {
    try (session) {
      output.control(Map.of("attached", true, "tty", tty));
      if (tty && container != null && request.size("rows") > 0) {
        session.resize(request.size("rows"), request.size("columns"));
      }
      input.connect(session, container);
      onStreamThread(
          () ->
              session.pump(
                  (kind, bytes, offset, length) -> {
                    if (!input.isDetached()) {
                      output.write(kind, bytes, offset, length);
                    }
                  }));
      int code = session.exitCode();
      if (container != null && request.has("rm")) {
        awaitRemoval(container);
      }
      if (!input.isDetached()) {
        output.control(Map.of("exitCode", code));
      }
    } catch (JcomposeException e) {
      if (!input.isDetached()) {
        output.control(ApiError.members(e));
      }
    }
  }

  /** As Docker's, a run that removes its container ends when the name is free again. */
  private void awaitRemoval(String id) {
    long end = System.nanoTime() + REMOVAL_NANOS;
    while (containers.find(id).isPresent()
        && System.nanoTime() < end
        && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(2_000_000);
    }
  }

  private interface Streaming {
    void run() throws IOException;
  }

  private static void onStreamThread(Streaming streaming) throws IOException {
    FutureTask<@Nullable Void> task =
        new FutureTask<>(
            () -> {
              streaming.run();
              return null;
            });
    StreamThreads.run(task);
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

  private static void drain(StreamSession session) {
    try (session) {
      session.pump((stream, bytes, offset, length) -> {});
      session.exitCode(); // told as the program's own end, not as one of being left
    } catch (IOException e) {
      ApiError.log(new UncheckedIOException(e));
    }
  }

  /** What the files say, then what the words do. */
  private static List<String> env(
      CommandRequest request, BiFunction<String, Map<String, String>, List<String>> reading) {
    List<String> all = new ArrayList<>();
    for (String text : request.members("envTexts")) {
      all.addAll(reading.apply(text, request.env()));
    }
    request.list("env").forEach(word -> all.add(withValue(word, request.env())));
    return all;
  }

  /** A name alone has the value that it has where the command was given, as with Docker. */
  private static String withValue(String word, Map<String, String> env) {
    String value = word.indexOf('=') < 0 ? env.get(word) : null;
    return value == null ? word : word + "=" + value;
  }

  /** Relative to where the command was given, as in Docker Compose. */
  private static MountConfig mount(CommandRequest request, String text) {
    return ShortForm.mount(
        "--volume",
        text,
        Path.of(request.member("cwd")),
        request.texts("env").getOrDefault("HOME", ""));
  }

  private static RunOptions runOptions(CommandRequest request, Project project, String service) {
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
        env(request, EnvText::quoted),
        request.text("name"),
        labels,
        request.has("service-ports"),
        request.list("publish").stream()
            .flatMap(text -> ShortForm.ports("--publish", text).stream())
            .toList(),
        request.list("volume").stream().map(text -> mount(request, text)).toList(),
        request.text("user"),
        request.text("workdir"),
        request.list("cap-add"),
        request.list("cap-drop"),
        request.has("use-aliases"),
        request.has("no-deps"),
        request.has("rm"),
        request.is("tty"),
        request.is("openStdin"),
        request.has("remove-orphans"), // the variable means `up`, `down` and `kill`
        request.has("", "COMPOSE_IGNORE_ORPHANS", project.environment()),
        request.text("pull"),
        request.buildMode(),
        request.has("why"));
  }
}
