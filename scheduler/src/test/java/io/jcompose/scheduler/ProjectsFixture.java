package io.jcompose.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Progress;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The projects of an engine in memory, which may be opened again, as after its death. */
final class ProjectsFixture implements AutoCloseable {
  final Path dir;
  FakeEngine engine = new FakeEngine().image("busybox");

  /** What was reported, a line each. */
  final List<String> said = new CopyOnWriteArrayList<>();

  final Progress progress =
      step -> said.add((step.id() + " " + step.status() + " " + step.text()).strip());

  private final Vertx vertx = Vertx.vertx();
  private Projects projects;

  ProjectsFixture(Path dir) {
    this.dir = dir;
  }

  static Sketch shop() {
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
  void fresh() {
    engine = new FakeEngine().image("busybox");
  }

  Projects open() {
    if (projects != null) {
      projects.close();
    }
    Ports p = engine.ports();
    projects =
        new Projects(vertx, dir, p.containers(), p.networks(), p.volumes(), p.images(), engine);
    return projects;
  }

  /** The projects as opened last. */
  Projects projects() {
    return projects;
  }

  /** Lets the job of the {@link #shop} end as soon as it starts. */
  void finishInit() {
    engine.exitAtOnce.add("init");
  }

  State state(String name) {
    return engine.find(name).map(ContainerView::state).orElse(null);
  }

  static void until(BooleanSupplier condition) {
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
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
  }
}
