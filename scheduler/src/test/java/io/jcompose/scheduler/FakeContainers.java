package io.jcompose.scheduler;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Resources;
import io.jcompose.core.StreamSession;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The containers of a {@link FakeEngine}: they run as soon as they are started and end when told.
 */
final class FakeContainers implements Containers {
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
        ? List.of(new JcomposeException.InvalidArgument(engine.complaint))
        : List.of();
  }

  @Override
  public String create(ContainerSpec spec) {
    engine.changing("create " + spec.name());
    synchronized (engine) {
      if (engine.find(spec.name()).isPresent()) {
        throw new JcomposeException.Conflict("name in use: " + spec.name());
      }
      String id = Ids.next();
      engine.put(
          new ContainerView(
              id,
              spec,
              spec.imageId(),
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
      return id;
    }
  }

  @Override
  public void start(String ref) {
    engine.changing("start " + name(ref));
    run(ref, 0);
  }

  @Override
  public void restarted(String ref) {
    engine.changing("restarted " + name(ref));
  }

  @Override
  public void restartAfterExit(String ref) {
    engine.changing("restart " + name(ref));
    run(ref, 1);
  }

  private void run(String ref, int more) {
    synchronized (engine) {
      ContainerView v = engine.byId.get(engine.id(ref));
      if (v.isRunning()) {
        return;
      }
      for (EndpointSpec e : v.spec().networking().endpoints()) {
        if (!engine.networks.containsKey(e.network())) {
          throw new JcomposeException.NotFound("network " + e.network() + " not found");
        }
      }
      engine.requireOneWriter(v);
      String service = Labels.service(v);
      HealthStatus health =
          v.spec().health() == null
              ? HealthStatus.NONE
              : engine.slowHealth.contains(service) ? HealthStatus.STARTING : HealthStatus.HEALTHY;
      engine.put(engine.with(v, State.RUNNING, 0, v.restartCount() + more, false, health));
      engine.tell(
          new EngineEvent.ContainerStarted(
              v.id(), v.name(), v.labels(), Instant.now(engine.clock)));
      if (engine.exitAtOnce.contains(service)) {
        engine.die(v.name(), engine.exitCodes.getOrDefault(service, 0));
      }
    }
  }

  private String name(String ref) {
    synchronized (engine) {
      return engine.byId.get(engine.id(ref)).name();
    }
  }

  @Override
  public void markRestarting(String ref, Duration pause) {
    synchronized (engine) {
      ContainerView v = engine.byId.get(engine.id(ref));
      engine.pauses.put(v.name(), pause);
      engine.put(
          engine.with(
              v, State.RESTARTING, v.exitCode(), v.restartCount(), false, HealthStatus.NONE));
    }
  }

  @Override
  public void markEnded(String ref) {
    synchronized (engine) {
      ContainerView v = engine.byId.get(engine.id(ref));
      if (v.state() == State.RESTARTING) {
        engine.put(
            engine.with(
                v,
                State.EXITED,
                v.exitCode(),
                v.restartCount(),
                v.manuallyStopped(),
                HealthStatus.NONE));
      }
    }
  }

  @Override
  public void stopForRestart(String ref) {
    stop(ref, Duration.ZERO, false);
  }

  @Override
  public void stop(String ref, Duration timeout, boolean manual) {
    engine.changing("stop " + name(ref));
    end(ref, 143, manual);
  }

  private void end(String ref, int code, boolean manual) {
    synchronized (engine) {
      ContainerView v = engine.byId.get(engine.id(ref));
      boolean ran = v.isRunning();
      if (ran || v.state() == State.RESTARTING) {
        engine.put(engine.with(v, State.EXITED, code, v.restartCount(), manual, HealthStatus.NONE));
      }
      if (ran) {
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
      }
    }
  }

  @Override
  public void kill(String ref, String signal) {
    engine.changing("kill " + name(ref));
    if (!find(ref).orElseThrow().isRunning()) {
      throw new JcomposeException.Conflict(name(ref) + " is not running");
    }
    if (signal.equals("SIGKILL")) {
      end(ref, 137, true);
    } else {
      engine.die(name(ref), 137);
    }
  }

  @Override
  public void pause(String ref) {
    engine.changing("pause " + name(ref));
    synchronized (engine) {
      ContainerView v = engine.byId.get(engine.id(ref));
      engine.put(engine.with(v, State.PAUSED, 0, 0, false, v.health()));
    }
  }

  @Override
  public void unpause(String ref) {
    engine.changing("unpause " + name(ref));
    synchronized (engine) {
      ContainerView v = engine.byId.get(engine.id(ref));
      engine.put(engine.with(v, State.RUNNING, 0, 0, false, v.health()));
    }
  }

  @Override
  public void remove(String ref, boolean force, boolean withVolumes) {
    engine.changing("remove " + engine.find(ref).map(ContainerView::name).orElse(ref));
    synchronized (engine) {
      engine
          .find(ref)
          .ifPresent(
              v -> {
                engine.byId.remove(v.id());
                if (withVolumes) {
                  engine.dropVolumes(v);
                }
                engine.tell(
                    new EngineEvent.ContainerRemoved(
                        v.id(), v.name(), v.labels(), Instant.now(engine.clock)));
              });
    }
  }

  @Override
  public void rename(String ref, String newName) {
    engine.changing("rename " + name(ref) + " " + newName);
    synchronized (engine) {
      ContainerView v = engine.byId.get(engine.id(ref));
      engine.put(with(v, v.spec().named(newName)));
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
      ContainerView v = engine.byId.get(engine.id(ref));
      engine.put(with(v, v.spec().changed(resources, restart, labels)));
    }
  }

  private static ContainerView with(ContainerView v, ContainerSpec spec) {
    return new ContainerView(
        v.id(),
        spec,
        v.imageId(),
        v.state(),
        v.pid(),
        v.exitCode(),
        false,
        "",
        v.createdAt(),
        v.startedAt(),
        v.finishedAt(),
        v.restartCount(),
        v.manuallyStopped(),
        v.health(),
        v.endpoints(),
        List.of(),
        List.of(),
        v.anonymousVolumes(),
        v.restartPause());
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
    throw new UnsupportedOperationException();
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
