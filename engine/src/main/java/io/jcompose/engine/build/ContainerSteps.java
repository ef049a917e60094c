package io.jcompose.engine.build;

import io.jcompose.build.StepRunner;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import io.jcompose.core.Networks;
import io.jcompose.core.Progress;
import io.jcompose.core.Resources;
import io.jcompose.core.StreamSession;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.images.BuildLayers;
import io.jcompose.images.ImageStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Runs the command of a step as a container of its own: the same namespaces, limits, networks and
 * names as any other. What it wrote becomes the layer's. Thread-safe.
 */
public final class ContainerSteps implements StepRunner {
  private static final long GIVEN_UP_NANOS = 100_000_000L;
  private static final String HOSTNAME = "buildkitsandbox"; // programs have been told by it
  private static final String NETWORK = "jcompose_build";

  private final ImageStore images;
  private final Containers containers;
  private final Networks networks;
  private int steps; // that run now

  public ContainerSteps(ImageStore images, Containers containers, Networks networks) {
    this.images = images;
    this.containers = containers;
    this.networks = networks;
  }

  @Override
  public Result run(
      Step step, BuildLayers layers, Consumer<String> output, BooleanSupplier isGivenUp) {
    join();
    try {
      return runOnce(step, layers, output, isGivenUp);
    } finally {
      leave();
    }
  }

  private Result runOnce(
      Step step, BuildLayers layers, Consumer<String> output, BooleanSupplier isGivenUp) {
    String id = containers.create(spec(step, false));
    try {
      int exitCode = runToEnd(id, output, isGivenUp);
      if (isGivenUp.getAsBoolean()) {
        throw new JcomposeException.Cancelled("the build was given up");
      }
      boolean outOfMemory = containers.find(id).map(ContainerView::oomKilled).orElse(false);
      BuildLayers.Work written = layers.take(images.layer(id, step.draft()).upper(), step.below());
      return new Result(exitCode, outOfMemory, written);
    } finally {
      containers.remove(id, true, true);
    }
  }

  @Override
  public void shell(
      Step step, String about, Progress.Terminal terminal, BooleanSupplier isGivenUp) {
    join();
    try {
      String id = containers.create(spec(step, true));
      AtomicBoolean ended = new AtomicBoolean();
      Thread watch = watched(id, ended, isGivenUp);
      try (StreamSession session = containers.attach(id, true)) {
        containers.start(id);
        terminal.converse(about, id, session);
      } finally {
        ended.set(true);
        LockSupport.unpark(watch);
        containers.remove(id, true, true);
      }
    } finally {
      leave();
    }
  }

  /** Ends it when the build is given up. */
  private Thread watched(String id, AtomicBoolean ended, BooleanSupplier isGivenUp) {
    return Thread.ofVirtual().name("build-watch").start(() -> watch(id, ended, isGivenUp));
  }

  private int runToEnd(String id, Consumer<String> output, BooleanSupplier isGivenUp) {
    AtomicBoolean ended = new AtomicBoolean();
    Thread watch = watched(id, ended, isGivenUp);
    try (StreamSession session = containers.attach(id, false)) {
      containers.start(id);
      PrintedLines out = new PrintedLines(output);
      PrintedLines err = new PrintedLines(output);
      session.pump(
          (stream, bytes, offset, length) -> (stream == 2 ? err : out).take(bytes, offset, length));
      out.end();
      err.end();
      return session.exitCode();
    } catch (JcomposeException.CommandFailed e) {
      output.accept(String.valueOf(e.getMessage()));
      return e.exitCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      ended.set(true);
      LockSupport.unpark(watch);
    }
  }

  private void watch(String id, AtomicBoolean ended, BooleanSupplier isGivenUp) {
    boolean killed = false;
    while (!ended.get() && !killed) {
      LockSupport.parkNanos(GIVEN_UP_NANOS);
      killed = !ended.get() && isGivenUp.getAsBoolean() && kill(id);
    }
  }

  /** False when it has not started, or has ended. */
  private boolean kill(String id) {
    try {
      containers.kill(id, "KILL");
      return true;
    } catch (JcomposeException e) {
      return false;
    }
  }

  /**
   * @param interactive on a terminal, which a person types at
   */
  private ContainerSpec spec(Step step, boolean interactive) {
    return ContainerSpec.of("jcompose-build-" + Ids.brief(Ids.next()), step.draft())
        .with()
        .imageId(step.draft())
        .labels(Map.of(ContainerRecord.OF_A_BUILD, "step"))
        .process(
            new ProcessSpec(
                List.of(),
                step.words(),
                step.env(),
                step.workingDir(),
                step.user(),
                HOSTNAME,
                "",
                List.of(),
                interactive,
                interactive,
                false,
                false))
        .security(
            ContainerSpec.Security.DEFAULT
                .with()
                .privileged(step.insecure())
                .ulimits(step.limits().ulimits())
                .build())
        .networking(networking(step))
        .mounts(step.mounts())
        .files(step.files())
        .resources(resources(step.limits()))
        .health(new ContainerSpec.Health(List.of("NONE"), null, null, null, null, 0))
        .logging(new ContainerSpec.Logging("none", Map.of()))
        .build();
  }

  private Networking networking(Step step) {
    String network = step.network().equals("default") ? "" : step.network();
    if (network.equals("none") || network.equals("host")) {
      return Networking.NONE.with().mode(network).extraHosts(step.limits().extraHosts()).build();
    }
    String name = network.isEmpty() || network.equals("bridge") ? NETWORK : network;
    return Networking.NONE
        .with()
        .mode("networks")
        .endpoints(List.of(Networking.EndpointSpec.of(name, List.of())))
        .extraHosts(step.limits().extraHosts())
        .build();
  }

  /** What commands without a network of their own are on; gone when no step runs any more. */
  private synchronized void join() {
    if (steps == 0 && networks.find(NETWORK).isEmpty()) {
      String _ = networks.create(Networks.NetworkSpec.of(NETWORK));
    }
    steps++;
  }

  private synchronized void leave() {
    steps--;
  }

  @Override
  public synchronized void rest() {
    if (steps == 0 && networks.find(NETWORK).isPresent()) {
      networks.remove(NETWORK);
    }
  }

  private static Resources resources(BuildSpec.Steps limits) {
    return limits.limits().with().shmBytes(limits.shmSizeBytes()).build();
  }
}
