package io.jcompose.scheduler;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Ids;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Resources;
import io.jcompose.core.StreamSession;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The containers of a {@link FakeEngine}: they run as soon as they are started and end when told.
 */
final class FakeContainers implements Containers {
  private static final Map<String, Integer> SIGNALS =
      Map.of("HUP", 1, "1", 1, "INT", 2, "KILL", 9, "9", 9, "TERM", 15, "15", 15);

  private final FakeEngine engine;

  FakeContainers(FakeEngine engine) {
    this.engine = engine;
  }

  @Override
  public List<String> warnings(ContainerSpec spec) {
    return engine.weak ? List.of("Weight discarded.") : List.of();
  }

  @Override
  public List<JcomposeException> problems(ContainerSpec spec) {
    return engine.impossible.contains(spec.labels().get(Labels.SERVICE))
            || engine.impossible.contains("user " + spec.process().user())
        ? List.of(new JcomposeException.InvalidArgument(engine.complaint))
        : List.of();
  }

  @Override
  public String create(ContainerSpec spec) {
    engine.changing("create " + spec.name());
    synchronized (engine) {
      requireFree(spec.name());
      String imageId = spec.imageId().isEmpty() ? imageId(spec) : spec.imageId();
      String id = Ids.next();
      engine.put(
          new ContainerView(
              id,
              spec,
              imageId,
              State.CREATED,
              0,
              0,
              false,
              "",
              Instant.now(engine.clock),
              null,
              null,
              0,
              false,
              HealthStatus.NONE,
              engine.endpoints(spec, false),
              List.of(),
              List.of(),
              engine.anonymousVolumes(spec),
              Duration.ZERO));
      engine.tell(
          new EngineEvent.ContainerCreated(
              id, spec.name(), spec.labels(), Instant.now(engine.clock)));
      return id;
    }
  }

  private String imageId(ContainerSpec spec) {
    return engine
        .ports()
        .images()
        .find(spec.image())
        .map(Images.ImageView::id)
        .orElseThrow(() -> new JcomposeException.NotFound("No such image: " + spec.image()));
  }

  private void requireFree(String name) {
    for (ContainerView v : engine.byId.values()) {
      if (v.name().equals(name)) {
        throw new JcomposeException.Conflict(
            "Conflict. The container name \"/"
                + name
                + "\" is already in use by container \""
                + v.id()
                + "\".");
      }
    }
  }

  @Override
  public void start(String ref) {
    engine.changing("start " + name(ref));
    run(ref, false);
  }

  @Override
  public void restarted(String ref) {
    engine.changing("restarted " + name(ref));
    acted(ref, "restart", Map.of());
  }

  @Override
  public void restartAfterExit(String ref) {
    engine.changing("restart " + name(ref));
    run(ref, true);
  }

  private void run(String ref, boolean again) {
    synchronized (engine) {
      ContainerView v = view(ref);
      if (v.isRunning() || (again && v.state() != State.RESTARTING)) {
        return;
      }
      for (EndpointSpec e : v.spec().networking().endpoints()) {
        if (!engine.networks.containsKey(e.network())) {
          String why = "network " + e.network() + " not found";
          engine.put(v.withError(why).withExitCode(128));
          throw new JcomposeException.NotFound(why);
        }
      }
      engine.requireOneWriter(v);
      String service = Labels.service(v);
      HealthStatus health =
          v.spec().health() == null
              ? HealthStatus.NONE
              : engine.slowHealth.contains(service) ? HealthStatus.STARTING : HealthStatus.HEALTHY;
      engine.endRequested.remove(v.id());
      int restarts = again ? v.restartCount() + 1 : 0;
      engine.put(engine.with(v, State.RUNNING, 0, restarts, false, health));
      engine.tell(
          new EngineEvent.ContainerStarted(
              v.id(), v.name(), v.labels(), Instant.now(engine.clock)));
      if (engine.exitAtOnce.contains(service)) {
        engine.die(v.name(), engine.exitCodes.getOrDefault(service, 0));
      }
    }
  }

  private ContainerView view(String ref) {
    synchronized (engine) {
      return engine.byId.get(engine.id(ref));
    }
  }

  private String name(String ref) {
    return view(ref).name();
  }

  @Override
  public void markRestarting(String ref, Duration pause) {
    synchronized (engine) {
      ContainerView v = view(ref);
      boolean wanted = v.state() == State.RESTARTING || !engine.endRequested.contains(v.id());
      if (!v.isRunning() && wanted && !v.manuallyStopped()) {
        engine.pauses.put(v.name(), pause);
        engine.put(as(v, State.RESTARTING, v.exitCode(), false));
      }
    }
  }

  @Override
  public void markEnded(String ref) {
    synchronized (engine) {
      ContainerView v = view(ref);
      if (v.state() == State.RESTARTING) {
        engine.put(as(v, State.EXITED, v.exitCode(), v.manuallyStopped()));
      }
    }
  }

  @Override
  public void stopForRestart(String ref) {
    engine.changing("stop " + name(ref));
    terminate(ref, false, State.RESTARTING);
  }

  @Override
  public void stop(String ref, Duration timeout, boolean manual) {
    engine.changing("stop " + name(ref));
    terminate(ref, manual, State.EXITED);
  }

  private void terminate(String ref, boolean manual, State after) {
    synchronized (engine) {
      ContainerView v = view(ref);
      if (v.isRunning()) {
        acted(ref, "kill", Map.of("signal", "15"));
        end(ref, 128 + 15, manual, after);
        acted(ref, "stop", Map.of());
      } else {
        end(ref, v.exitCode(), manual, after);
        if (v.state() == State.RESTARTING && after == State.EXITED) {
          acted(ref, "stop", Map.of());
        }
      }
    }
  }

  private void acted(String ref, String action, Map<String, String> attributes) {
    ContainerView v = view(ref);
    engine.tell(
        new EngineEvent.ContainerActed(
            v.id(), v.name(), v.labels(), action, attributes, Instant.now(engine.clock)));
  }

  private void end(String ref, int code, boolean manual, State after) {
    synchronized (engine) {
      ContainerView v = view(ref);
      engine.endRequested.add(v.id());
      if (v.isRunning()) {
        engine.put(as(v, after, code, manual));
        engine.tell(
            new EngineEvent.ContainerExited(
                v.id(),
                v.name(),
                v.labels(),
                code,
                false,
                true,
                engine.ran(v),
                Instant.now(engine.clock)));
      } else if (v.state() == State.RESTARTING) {
        engine.put(as(v, after, v.exitCode(), manual));
      }
    }
  }

  private ContainerView as(ContainerView v, State state, int code, boolean manual) {
    return engine.with(v, state, code, v.restartCount(), manual, HealthStatus.NONE);
  }

  @Override
  public void kill(String ref, String signal) {
    engine.changing("kill " + name(ref));
    String bare = signal.toUpperCase(Locale.ROOT).replaceFirst("^SIG", "");
    Integer number = SIGNALS.get(bare);
    if (number == null) {
      throw new JcomposeException.InvalidArgument("invalid signal: " + signal);
    }
    requireRunning(ref);
    acted(ref, "kill", Map.of("signal", number.toString()));
    if (number == 9 || number == 15) {
      end(ref, 128 + number, true, State.EXITED);
    } else {
      engine.die(name(ref), 128 + number);
    }
  }

  private void requireRunning(String ref) {
    if (!view(ref).isRunning()) {
      throw new JcomposeException.Conflict("container " + name(ref) + " is not running");
    }
  }

  @Override
  public void pause(String ref) {
    engine.changing("pause " + name(ref));
    synchronized (engine) {
      requireRunning(ref);
      change(ref, State.RUNNING, State.PAUSED, "is already paused");
      acted(ref, "pause", Map.of());
    }
  }

  @Override
  public void unpause(String ref) {
    engine.changing("unpause " + name(ref));
    synchronized (engine) {
      requireRunning(ref);
      change(ref, State.PAUSED, State.RUNNING, "is not paused");
      acted(ref, "unpause", Map.of());
    }
  }

  private void change(String ref, State from, State to, String otherwise) {
    ContainerView v = view(ref);
    if (v.state() != from) {
      throw new JcomposeException.Conflict("Container " + v.id() + " " + otherwise);
    }
    engine.put(v.withState(to));
  }

  @Override
  public void remove(String ref, boolean force, boolean withVolumes) {
    engine.changing("remove " + engine.find(ref).map(ContainerView::name).orElse(ref));
    synchronized (engine) {
      engine.find(ref).ifPresent(v -> discard(v, force, withVolumes));
    }
  }

  private void discard(ContainerView v, boolean force, boolean withVolumes) {
    if (!force && v.isActive()) {
      String state = v.isRunning() ? "running: stop it" : "restarting: stop it";
      throw new JcomposeException.Conflict(
          "cannot remove container \""
              + v.name()
              + "\": container is "
              + (v.state() == State.PAUSED ? "paused and must be unpaused first" : state));
    }
    end(v.id(), 137, true, State.EXITED);
    engine.byId.remove(v.id());
    if (withVolumes) {
      new FakeVolumes(engine).drop(v);
    }
    engine.tell(
        new EngineEvent.ContainerRemoved(v.id(), v.name(), v.labels(), Instant.now(engine.clock)));
  }

  @Override
  public void rename(String ref, String newName) {
    engine.changing("rename " + name(ref) + " " + newName);
    synchronized (engine) {
      ContainerView v = view(ref);
      if (v.name().equals(newName)) {
        return;
      }
      requireFree(newName);
      engine.put(v.withSpec(v.spec().withName(newName)));
      acted(newName, "rename", Map.of("oldName", "/" + v.name()));
    }
  }

  @Override
  public void update(
      String ref,
      Resources resources,
      ContainerSpec.RestartPolicy restart,
      Map<String, String> labels) {
    engine.changing("update " + name(ref));
    synchronized (engine) {
      ContainerView v = view(ref);
      engine.put(v.withSpec(v.spec().changed(resources, restart, labels)));
      acted(ref, "update", Map.of());
    }
  }

  @Override
  public void connect(String ref, EndpointSpec endpoint) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void disconnect(String ref, String network) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<ContainerView> find(String ref) {
    return engine.find(ref);
  }

  @Override
  public List<ContainerView> list(Map<String, String> labels) {
    return engine.list(labels);
  }

  @Override
  public int await(String ref) {
    synchronized (engine) {
      String id = engine.id(ref);
      try {
        while (engine.byId.containsKey(id) && engine.byId.get(id).isRunning()) {
          engine.wait();
        }
      } catch (InterruptedException e) {
        throw new JcomposeException.Cancelled("interrupted: await " + ref);
      }
      return view(id).exitCode();
    }
  }

  @Override
  public StreamSession exec(String ref, ExecSpec spec) {
    throw new UnsupportedOperationException();
  }

  @Override
  public StreamSession attach(String ref, boolean stdin) {
    throw new UnsupportedOperationException();
  }

  @Override
  public LogReader logs(String ref, LogQuery query) {
    throw new UnsupportedOperationException();
  }
}
