package io.jcompose.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.desired.Translation;
import io.jcompose.scheduler.execute.EnginePorts;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The projects of an engine in memory, which may be opened again, as after its death. */
public final class ProjectsFixture implements AutoCloseable {
  public final Path dir;
  public FakeEngine engine = new FakeEngine().image("busybox");

  /** What was reported, a line each. */
  public final List<String> said = new CopyOnWriteArrayList<>();

  public final Progress progress =
      step -> said.add((step.id() + " " + step.status() + " " + step.text()).strip());

  private final List<Vertx> all = new ArrayList<>();
  private Vertx vertx = made();
  private Projects projects;

  public ProjectsFixture(Path dir) {
    this.dir = dir;
  }

  /** Who gives a command, and may leave. */
  public final class Caller implements Progress {
    private final List<Runnable> actions = new CopyOnWriteArrayList<>();

    @Override
    public void report(Step step) {
      progress.report(step);
    }

    @Override
    public void onGone(Runnable action) {
      actions.add(action);
    }

    public void leave() {
      actions.forEach(Runnable::run);
    }
  }

  /** The projects that have a verticle. */
  public int verticles() {
    return vertx.deploymentIDs().size();
  }

  public static Sketch shop() {
    return new Sketch()
        .service("db", "1", 1, "", "always")
        .service("init", "1", 1, "db:service_healthy:false", "no")
        .service(
            "web",
            "1",
            2,
            "db:service_healthy:true,init:service_completed_successfully:false",
            "always");
  }

  /** Another engine, with which nothing happened yet. */
  public void fresh() {
    engine = new FakeEngine().image("busybox");
  }

  public Projects open() {
    if (projects != null) {
      projects.close();
    }
    EnginePorts p = engine.ports();
    projects =
        new Projects(
            vertx, dir, p.containers(), p.networks(), p.volumes(), p.images(), p.builds(), engine);
    return projects;
  }

  /** The engine dies: nothing of it is closed, and what it does comes to nothing. */
  public void abandon() {
    engine.listeners.clear();
    engine.forsake();
    projects = null;
    vertx = made();
  }

  private Vertx made() {
    Vertx made = Vertx.vertx();
    all.add(made);
    return made;
  }

  /** The projects as opened last. */
  public Projects projects() {
    return projects;
  }

  /** Lets the job of the {@link #shop} end as soon as it starts. */
  public void finishInit() {
    engine.exitAtOnce.add("init");
  }

  public State state(String name) {
    return engine.find(name).map(ContainerView::state).orElse(null);
  }

  /** An {@code up} of what was translated already, for tests in the rooms. */
  public static void up(
      Projects projects, Translation translation, UpOptions options, Progress progress) {
    projects.up(translation, options, progress);
  }

  /** As {@link #up}; returns the id of the container. */
  public static String run(
      Projects projects, Translation translation, RunOptions options, Progress progress) {
    return projects.run(translation, options, progress);
  }

  public static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("gave up waiting").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  @Override
  public void close() {
    if (projects != null) {
      projects.close();
    }
    for (Vertx one : all) {
      one.close().toCompletionStage().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }
  }
}
