package io.jcompose.engine.run;

import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.Containers.LogQuery;
import io.jcompose.core.Containers.LogReader;
import io.jcompose.core.Ids;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.engine.EngineConfig;
import io.jcompose.engine.event.EventHub;
import io.jcompose.engine.log.JsonLogReader;
import io.jcompose.engine.log.LogFollowers;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.Container.Run;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.engine.spec.ImageDefaults;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Conversations with containers: further programs, their own streams, their logs. Takes the
 * container's turn only to decide between a running task and one to come.
 *
 * @param images an image by its id
 */
public record ContainerSessions(
    EngineConfig config,
    ContainerStore store,
    Function<String, Optional<ImageView>> images,
    PendingAttaches pendingAttaches,
    LogFollowers followers,
    KeyedLock<String> locks,
    EventHub events) {
  StreamSession exec(String ref, ExecSpec spec) {
    Container container = store.get(ref);
    Run run = container.running();
    if (container.isPaused()) {
      throw new JcomposeException.Conflict(
          "Container " + container.id() + " is paused, unpause the container before exec");
    }
    ExecSpec complete = complete(container, spec);
    String execId = Ids.next();
    String command = String.join(" ", complete.command());
    container.execs().add(execId);
    events.acted(container, "exec_create: " + command, Map.of("execID", execId));
    StreamSession session;
    try {
      session = run.task().exec(complete);
    } catch (RuntimeException e) {
      container.execs().remove(execId);
      throw e;
    }
    events.acted(container, "exec_start: " + command, Map.of("execID", execId));
    return new NotifyingExec(session, code -> execEnded(container, execId, code));
  }

  private void execEnded(Container container, String execId, int code) {
    container.execs().remove(execId);
    events.acted(container, "exec_die", Map.of("execID", execId, "exitCode", String.valueOf(code)));
  }

  StreamSession attach(String ref, boolean stdin) {
    Container container = store.get(ref);
    events.acted(container, "attach", Map.of());
    StreamSession waiting =
        locks.<@Nullable StreamSession>locked(
            container.id(),
            () -> container.run() == null ? pendingAttaches.expect(container.id(), stdin) : null);
    // Not in its turn: a shim may let wait, and others want to end the container.
    return waiting != null ? waiting : container.running().task().attach(stdin);
  }

  LogReader logs(String ref, LogQuery query) {
    Container container = store.get(ref);
    if (container.record().spec().logging().driver().equals("none")) {
      throw new JcomposeException.NotSupported(
          "configured logging driver does not support reading");
    }
    return new JsonLogReader(
        config.log(container.id()), query, followers, () -> container.run() != null);
  }

  /** A name without a value takes the container's own away. */
  private static List<String> environment(List<String> own, List<String> given) {
    List<String> all = new ArrayList<>(ImageDefaults.overlay(own, given));
    given.stream().filter(entry -> entry.indexOf('=') < 0).forEach(all::add);
    return all;
  }

  private ExecSpec complete(Container container, ExecSpec spec) {
    ContainerRecord record = container.record();
    ImageView image = images.apply(record.imageId()).orElse(null);
    return new ExecSpec(
        spec.command(),
        environment(ImageDefaults.env(record.spec(), image), spec.env()),
        spec.user().isEmpty() ? ImageDefaults.user(record.spec(), image) : spec.user(),
        spec.workingDir().isEmpty()
            ? ImageDefaults.workingDir(record.spec(), image)
            : spec.workingDir(),
        spec.tty(),
        spec.stdin(),
        spec.privileged(),
        spec.rows(),
        spec.columns(),
        spec.wholeTree());
  }
}
