package io.jcompose.api.docker.container;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.container.TopCommand;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.model.FileChange;
import io.jcompose.api.docker.model.ProcessList;
import io.jcompose.core.Activity;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Contents;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.ProcessView;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is done to one container: start, stop, kill, rename and the like; its processes, its
 * changes.
 */
public final class ContainerActions {
  private static final List<String> TITLES =
      List.of("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD");

  private final Containers containers;
  private final Activity activity;
  private final Contents contents;
  private final Clock clock;

  public ContainerActions(ApiPorts ports, Clock clock) {
    this.containers = ports.containers();
    this.activity = ports.activity();
    this.contents = ports.contents();
    this.clock = clock;
  }

  public void addTo(Routes routes) {
    routes.post("/containers/{id}/start", this::start);
    routes.post("/containers/{id}/stop", this::stop);
    routes.post("/containers/{id}/restart", this::restart);
    routes.post("/containers/{id}/kill", this::kill);
    routes.post("/containers/{id}/pause", this::pause);
    routes.post("/containers/{id}/unpause", this::unpause);
    routes.post("/containers/{id}/rename", this::rename);
    routes.delete("/containers/{id}", this::remove);
    routes.get("/containers/{id}/top", this::top);
    routes.get("/containers/{id}/changes", this::changes);
  }

  private ContainerView view(Call call) {
    return ContainerRoutes.find(containers, call.name("id"));
  }

  private void start(Call call) throws IOException {
    ContainerView view = view(call);
    if (view.state() == ContainerView.State.PAUSED) {
      throw new JcomposeException.Conflict("cannot start a paused container, try unpause instead");
    }
    if (view.isRunning()) {
      call.done(304);
      return;
    }
    try {
      containers.start(view.id());
    } catch (RuntimeException e) {
      discardOnce(view, e);
      throw e;
    }
    call.done(204);
  }

  /** Who waits until it is removed waits for this one too, which never ran. */
  private void discardOnce(ContainerView view, RuntimeException failure) {
    if (view.spec().lifecycle().autoRemove()) {
      try {
        containers.remove(view.id(), true, true);
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
    }
  }

  private void stop(Call call) throws IOException {
    Duration timeout = timeout(call);
    ContainerView view = view(call);
    if (!view.isActive()) {
      call.done(304);
      return;
    }
    containers.stop(view.id(), call.query("signal"), timeout, true);
    call.done(204);
  }

  private void restart(Call call) throws IOException {
    Duration timeout = timeout(call);
    ContainerView view = view(call);
    boolean once = view.spec().lifecycle().autoRemove();
    if (view.isActive() && once) {
      containers.stopForRestart(view.id(), call.query("signal"), timeout);
    } else if (view.isActive()) {
      containers.stop(view.id(), call.query("signal"), timeout, true);
    }
    try {
      containers.start(view.id());
    } catch (RuntimeException e) {
      if (once) {
        containers.markEnded(view.id());
      }
      discardOnce(view, e);
      throw e;
    }
    containers.restarted(view.id());
    call.done(204);
  }

  /** Null is the container's own; a negative one waits for ever. */
  private static @Nullable Duration timeout(Call call) {
    Integer seconds = call.number("t");
    return seconds == null ? null : Duration.ofSeconds(seconds);
  }

  private void kill(Call call) throws IOException {
    ContainerView view;
    try {
      view = view(call);
    } catch (JcomposeException.NotFound e) {
      throw new JcomposeException.NotFound(
          "cannot kill container: " + call.name("id") + ": " + e.getMessage());
    }
    String signal = call.query("signal");
    try {
      containers.kill(view.id(), signal.isEmpty() ? "SIGKILL" : signal);
    } catch (JcomposeException.InvalidArgument e) {
      throw new Refusal(
          400, "cannot kill container: " + call.name("id") + ": invalid signal: " + signal);
    }
    call.done(204);
  }

  private void pause(Call call) throws IOException {
    containers.pause(view(call).id());
    call.done(204);
  }

  private void unpause(Call call) throws IOException {
    ContainerView view = view(call);
    if (view.state() != ContainerView.State.PAUSED) {
      throw new Refusal(500, "Container " + view.id() + " is not paused");
    }
    containers.unpause(view.id());
    call.done(204);
  }

  private void rename(Call call) throws IOException {
    ContainerView view = view(call);
    String asked = call.query("name");
    String name = asked.startsWith("/") ? asked.substring(1) : asked;
    if (name.isEmpty()) {
      throw new Refusal(400, "Neither old nor new names may be empty");
    }
    if (name.equals(view.name())) {
      throw new Refusal(400, "Renaming a container with the same name as its current name");
    }
    if (!ContainerCreation.NAME.matcher(name).matches()) {
      throw new Refusal(
          400, "Error when allocating new name: " + ContainerCreation.wrong("/" + name));
    }
    try {
      containers.rename(view.id(), name);
    } catch (JcomposeException.Conflict e) {
      throw new Refusal(409, "Error when allocating new name: " + e.getMessage());
    }
    call.done(204);
  }

  private void remove(Call call) throws IOException {
    ContainerView view = view(call);
    if (call.is("link")) { // of which there is none beside its own name
      throw new Refusal(500, "Conflict, cannot remove the default link name of the container");
    }
    containers.remove(view.id(), call.is("force"), call.is("v"));
    call.done(204);
  }

  private void top(Call call) throws IOException {
    String arguments = call.query("ps_args");
    List<ProcessView> processes = activity.processes(view(call).id());
    if (!arguments.isBlank() && !arguments.equals("-ef")) {
      Set<Long> pids = processes.stream().map(ProcessView::pid).collect(Collectors.toSet());
      call.json(HostProcesses.list(arguments, pids, TopCommand.MOST_ROWS));
      return;
    }
    call.json(
        new ProcessList(
            processes.stream()
                .limit(TopCommand.MOST_ROWS)
                .map(process -> TopCommand.columns(process, clock))
                .toList(),
            TITLES));
  }

  private void changes(Call call) throws IOException {
    List<FileChange> changes =
        contents.changes(view(call).id()).stream()
            .map(change -> new FileChange(change.path(), kind(change.kind())))
            .toList();
    call.exchange().respond(200, Call.JSON, changes.isEmpty() ? "null\n" : Call.text(changes));
  }

  private static int kind(Contents.Change.Kind kind) {
    return switch (kind) {
      case MODIFIED -> 0;
      case ADDED -> 1;
      case DELETED -> 2;
    };
  }
}
