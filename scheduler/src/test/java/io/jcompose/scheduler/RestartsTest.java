package io.jcompose.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Progress;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is started again, and when: after ends, bad health, crashes and power cuts. */
@Timeout(60)
class RestartsTest {
  private static Vertx vertx;
  @TempDir Path dir;
  private FakeEngine engine = new FakeEngine().image("busybox");
  private Projects projects;
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final Progress progress =
      step -> said.add((step.id() + " " + step.status() + " " + step.text()).strip());

  @BeforeAll
  static void startVertx() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stopVertx() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() {
    if (projects != null) {
      projects.close();
    }
  }

  private Projects open() {
    if (projects != null) {
      projects.close();
    }
    Ports p = engine.ports();
    projects =
        new Projects(vertx, dir, p.containers(), p.networks(), p.volumes(), p.images(), engine);
    return projects;
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("gave up waiting").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private State state(String name) {
    return engine.find(name).map(ContainerView::state).orElse(null);
  }

  @Test
  void restartsByPolicyAndStopsWhenAsked() {
    open()
        .up(
            new Sketch().service("a", "1", 1, "", "always").translation(),
            UpOptions.DEFAULT,
            progress);
    engine.die("shop-a-1", 1);
    until(() -> state("shop-a-1") == State.RUNNING);
    assertThat(engine.find("shop-a-1").orElseThrow().restartCount()).isEqualTo(1);
    engine.die("shop-a-1", 1);
    until(() -> state("shop-a-1") == State.RESTARTING || state("shop-a-1") == State.RUNNING);
    projects.stop("shop", List.of(), null, progress);
    assertThat(state("shop-a-1")).isEqualTo(State.EXITED);
    engine.calls.clear();
    projects.start("shop", List.of("a"), progress);
    assertThat(state("shop-a-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void comesBackInDependencyOrderAfterAPowerCut() {
    engine.exitAtOnce.add("init");
    Sketch shop =
        new Sketch()
            .service("db", "1", 1, "", "always")
            .service("init", "1", 1, "db:service_healthy:false", "no")
            .service("web", "1", 2, "db:service_healthy:true", "always");
    open().up(shop.translation(), UpOptions.DEFAULT, progress);
    engine.powerCut();
    open().resume();
    assertThat(engine.calls)
        .startsWith("start shop-db-1")
        .contains("start shop-web-1", "start shop-web-2");
    assertThat(state("shop-web-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void doesNotBringBackWhatAPersonStopped() {
    open()
        .up(
            new Sketch().service("a", "1", 1, "", "unless-stopped").translation(),
            UpOptions.DEFAULT,
            progress);
    projects.stop("shop", List.of(), null, progress);
    engine.powerCut();
    open().resume();
    assertThat(state("shop-a-1")).isEqualTo(State.EXITED);
  }

  @Test
  void startsAnUnhealthyContainerAgainWhereTheServiceAsksForIt() {
    Sketch sketch =
        new Sketch()
            .service("db", "1", 1, "", "always")
            .service("db-own", "1", 1, "", "no")
            .own("db-own", true, false);
    open().up(sketch.translation(), UpOptions.DEFAULT, progress);
    engine.health("shop-db-1", HealthStatus.UNHEALTHY);
    engine.health("shop-db-own-1", HealthStatus.UNHEALTHY);
    until(() -> restarts("shop-db-own-1") == 1 && state("shop-db-own-1") == State.RUNNING);
    assertThat(engine.pauses).containsExactly(entry("shop-db-own-1", Duration.ofMillis(100)));
    engine.health("shop-db-own-1", HealthStatus.UNHEALTHY);
    until(() -> restarts("shop-db-own-1") == 2 && state("shop-db-own-1") == State.RUNNING);
    assertThat(engine.pauses).containsExactly(entry("shop-db-own-1", Duration.ofMillis(200)));
    assertThat(engine.callsOf("stop")).containsExactly("stop shop-db-own-1", "stop shop-db-own-1");
  }

  @Test
  void followsTheCrashOfADependencyWhereTheServiceAsksForIt() {
    Sketch sketch =
        new Sketch()
            .service("db", "1", 1, "", "always")
            .service("web", "1", 1, "db:service_started:true", "no")
            .service("follower", "1", 1, "db:service_started:true", "no")
            .own("follower", false, true);
    open().up(sketch.translation(), UpOptions.DEFAULT, progress);
    engine.calls.clear();
    engine.die("shop-db-1", 1);
    until(() -> !engine.callsOf("restarted").isEmpty());
    assertThat(engine.calls)
        .containsExactly(
            "restart shop-db-1",
            "stop shop-follower-1",
            "start shop-follower-1",
            "restarted shop-follower-1");
  }

  @Test
  void waitsOnlyForWhatIsLeftOfAPauseWhenTheEngineComesBack() {
    Sketch sketch =
        new Sketch().service("soon", "1", 1, "", "always").service("late", "1", 1, "", "always");
    open().up(sketch.translation(), UpOptions.DEFAULT, progress);
    projects.close();
    engine.die("shop-soon-1", 1);
    engine.die("shop-late-1", 1);
    engine.ports().containers().markRestarting(id("shop-soon-1"), Duration.ofMillis(300));
    engine.ports().containers().markRestarting(id("shop-late-1"), Duration.ofHours(1));
    engine.calls.clear();
    open().resume();
    until(() -> state("shop-soon-1") == State.RUNNING);
    // By a plan if its pause was over by then, by a timer otherwise.
    assertThat(engine.calls).hasSize(1).first().asString().endsWith("start shop-soon-1");
    assertThat(state("shop-late-1")).isEqualTo(State.RESTARTING);
  }

  private int restarts(String name) {
    return engine.find(name).orElseThrow().restartCount();
  }

  private String id(String name) {
    return engine.find(name).orElseThrow().id();
  }
}
