package io.jcompose.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProjectsTest {
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

  private static Sketch shop() {
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

  @Test
  void upOfNoServicesIsAnError() {
    assertThatThrownBy(() -> open().up(new Sketch().translation(), UpOptions.DEFAULT, progress))
        .hasMessage("no service selected");
  }

  private void finishInit() {
    engine.exitAtOnce.add("init");
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
  void bringsUpInOrderAndTakesDownWithoutTrace() {
    finishInit();
    open().up(shop().translation(), UpOptions.DEFAULT, progress);
    assertThat(engine.text())
        .isEqualTo(
            "shop-db-1 RUNNING\nshop-init-1 EXITED\nshop-web-1 RUNNING\nshop-web-2 RUNNING\n"
                + "network shop_default\nvolume shop_data\n");
    assertThat(engine.callsOf("start").subList(0, 2))
        .containsExactly("start shop-db-1", "start shop-init-1");
    assertThat(projects.lists().projects(false))
        .extracting(ProjectView::status)
        .containsExactly("running(3)");
    projects.down("shop", new DownOptions(List.of(), true, List.of(), false, null), progress);
    assertThat(engine.text()).isEmpty();
    assertThat(dir).isEmptyDirectory();
    said.clear();
    projects.down("shop", DownOptions.DEFAULT, progress);
    assertThat(said)
        .containsExactly("Project shop Warning No resource found to remove for project \"shop\".");
  }

  @Test
  void leavesAnUnchangedProjectAlone() {
    Sketch sketch =
        new Sketch()
            .service("a", "1", 1, "", "no")
            .service("b", "1", 1, "a:service_started:false", "no");
    open().up(sketch.translation(), UpOptions.DEFAULT, progress);
    engine.calls.clear();
    said.clear();
    projects.up(sketch.translation(), UpOptions.DEFAULT, progress);
    assertThat(engine.calls).isEmpty();
    assertThat(said)
        .containsExactlyInAnyOrder("Container shop-a-1 Running", "Container shop-b-1 Running");
  }

  @Test
  void changesLimitsInPlaceAndRecreatesWhereThatIsRefused() {
    Sketch first = new Sketch().service("a", "1", 1, "", "no");
    Sketch second = new Sketch().service("a", "2", 1, "", "always");
    Sketch third = new Sketch().service("a", "3", 1, "", "no");
    open().up(first.translation(), UpOptions.DEFAULT, progress);
    String id = engine.find("shop-a-1").orElseThrow().id();
    said.clear();
    projects.up(second.translation(), UpOptions.DEFAULT, progress);
    assertThat(engine.find("shop-a-1").orElseThrow().id()).isEqualTo(id);
    assertThat(engine.find("shop-a-1").orElseThrow().labels())
        .containsEntry(Labels.CONFIG_HASH, "2");
    assertThat(said).containsExactly("Container shop-a-1 Updating", "Container shop-a-1 Updated");
    said.clear();
    projects.up(second.translation(), UpOptions.DEFAULT, progress);
    assertThat(said).containsExactly("Container shop-a-1 Running");

    engine.refused = "update";
    projects.up(third.translation(), UpOptions.DEFAULT, progress);
    assertThat(engine.find("shop-a-1").orElseThrow().id()).isNotEqualTo(id);
    assertThat(engine.find("shop-a-1").orElseThrow().labels())
        .containsEntry(Labels.CONFIG_HASH, "3");
    assertThat(engine.text()).contains("shop-a-1 RUNNING");
    assertThat(said).anyMatch(line -> line.contains("it is recreated, because"));
  }

  @Test
  void waitsForHealthByEvent() throws Exception {
    engine.slowHealth.add("db");
    finishInit();
    open();
    CompletableFuture<Void> up =
        CompletableFuture.runAsync(
            () -> projects.up(shop().translation(), UpOptions.DEFAULT, progress));
    until(() -> said.contains("Container shop-db-1 Waiting"));
    until(() -> state("shop-web-1") == State.CREATED);
    engine.health("shop-db-1", HealthStatus.HEALTHY);
    up.get(10, TimeUnit.SECONDS);
    assertThat(state("shop-web-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void failsWhenADependencyIsUnhealthyAndLeavesTheRest() {
    engine.slowHealth.add("db");
    open();
    CompletableFuture<Void> up =
        CompletableFuture.runAsync(
            () -> projects.up(shop().translation(), UpOptions.DEFAULT, progress));
    until(() -> said.contains("Container shop-db-1 Waiting"));
    engine.health("shop-db-1", HealthStatus.UNHEALTHY);
    assertThatThrownBy(() -> up.get(10, TimeUnit.SECONDS))
        .hasMessageContaining("dependency failed to start: container shop-db-1 is unhealthy");
    until(() -> state("shop-web-1") == State.CREATED);
  }

  @Test
  void failsWhenAJobFails() {
    finishInit();
    engine.exitCodes.put("init", 3);
    open();
    assertThatThrownBy(() -> projects.up(shop().translation(), UpOptions.DEFAULT, progress))
        .hasMessage("service \"init\" didn't complete successfully: exit 3");
  }

  @Test
  void warnsWhenAnOptionalDependencyFails() {
    finishInit();
    engine.exitCodes.put("init", 3);
    Sketch sketch =
        new Sketch()
            .service("init", "1", 1, "", "no")
            .service("opt", "1", 1, "init:service_completed_successfully:false", "no");
    open().up(sketch.translation(), UpOptions.DEFAULT, progress);
    assertThat(state("shop-opt-1")).isEqualTo(State.RUNNING);
    assertThat(said)
        .anyMatch(s -> s.startsWith("Container shop-init-1 Warning optional dependency"));
  }

  @Test
  void downOvertakesAnUpThatWaits() {
    engine.slowHealth.add("db");
    open();
    CompletableFuture<Void> up =
        CompletableFuture.runAsync(
            () -> projects.up(shop().translation(), UpOptions.DEFAULT, progress));
    until(() -> said.contains("Container shop-db-1 Waiting"));
    projects.down("shop", DownOptions.DEFAULT, progress);
    assertThatThrownBy(() -> up.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(JcomposeException.Cancelled.class);
    assertThat(engine.list(Map.of())).isEmpty();
  }

  @Test
  void recreatesWithReasonAndRestartsFollowers() {
    finishInit();
    open().up(shop().translation(), UpOptions.DEFAULT, progress);
    String before = engine.find("shop-db-1").orElseThrow().id();
    Sketch changed =
        new Sketch()
            .service("db", "2", 1, "", "always")
            .service("init", "1", 1, "db:service_healthy:false", "no")
            .service(
                "web",
                "1",
                2,
                "db:service_healthy:true,init:service_completed_successfully:false",
                "always");
    engine.calls.clear();
    projects.up(changed.translation(), UpOptions.DEFAULT, progress);
    assertThat(engine.find("shop-db-1").orElseThrow().id()).isNotEqualTo(before);
    assertThat(engine.calls.indexOf("stop shop-web-1"))
        .isLessThan(engine.calls.indexOf("stop shop-db-1"));
    assertThat(engine.text())
        .contains("shop-web-1 RUNNING\nshop-web-2 RUNNING\n")
        .doesNotContain("_shop-db");
  }

  @Test
  void tellsAllThatCannotBeBeforeMakingAnything() {
    engine.impossible.addAll(List.of("db", "web"));
    assertThatThrownBy(() -> open().up(shop().translation(), UpOptions.DEFAULT, Progress.NONE))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage("service db: impossible\nservice web: impossible");
    assertThat(engine.text()).isEmpty();
    assertThat(engine.calls).isEmpty();
  }

  @Test
  void tellsWhatAContainerDoesWithout() {
    engine.weak = true;
    Sketch sketch = new Sketch().service("a", "1", 1, "", "no");
    open().up(sketch.translation(), UpOptions.DEFAULT, progress);
    assertThat(said).contains("Container shop-a-1 Warning Weight discarded.");
    assertThat(state("shop-a-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void takesBackWhatWasMadeInVain() {
    engine.refused = "start shop-db-1";
    assertThatThrownBy(() -> open().up(shop().translation(), UpOptions.DEFAULT, Progress.NONE))
        .hasMessage("refused: start shop-db-1");
    assertThat(engine.text()).isEmpty();
  }

  @Test
  void leavesWhatRunsWhenAnotherServiceCannotStart() {
    Sketch two = new Sketch().service("a", "1", 1, "", "no").service("b", "1", 1, "", "no");
    engine.refused = "start shop-b-1";
    assertThatThrownBy(() -> open().up(two.translation(), UpOptions.DEFAULT, Progress.NONE))
        .hasMessage("refused: start shop-b-1");
    assertThat(engine.text())
        .isEqualTo("shop-a-1 RUNNING\nnetwork shop_default\nvolume shop_data\n");
  }

  @Test
  void keepsASuccessorThatCannotStartForItHasTheVolumes() {
    open()
        .up(new Sketch().service("a", "1", 1, "", "no").translation(), UpOptions.DEFAULT, progress);
    engine.refused = "start shop-a-1";
    Translation changed = new Sketch().service("a", "2", 1, "", "no").translation();
    assertThatThrownBy(() -> projects.up(changed, UpOptions.DEFAULT, Progress.NONE))
        .hasMessage("refused: start shop-a-1");
    assertThat(engine.text())
        .isEqualTo("shop-a-1 CREATED\nnetwork shop_default\nvolume shop_data\n");
  }

  @Test
  void finishesAnUpAfterACrashAtAnyCall() throws IOException {
    for (int calls = 0; calls < 20; calls++) {
      engine = new FakeEngine().image("busybox");
      finishInit();
      crash(calls, () -> projects.up(shop().translation(), UpOptions.DEFAULT, Progress.NONE));
      open().resume();
      assertThat(engine.text())
          .as("after %d calls", calls)
          .isEqualTo(
              "shop-db-1 RUNNING\nshop-init-1 EXITED\nshop-web-1 RUNNING\nshop-web-2 RUNNING\n"
                  + "network shop_default\nvolume shop_data\n");
      clean();
    }
  }

  @Test
  void finishesARecreationAfterACrashAtAnyCall() throws IOException {
    UpOptions force = UpOptions.builder().forceRecreate(true).build();
    for (int calls = 0; calls < 30; calls++) {
      engine = new FakeEngine().image("busybox");
      finishInit();
      open().up(shop().translation(), UpOptions.DEFAULT, Progress.NONE);
      List<String> ids = engine.list(Map.of()).stream().map(ContainerView::id).toList();
      crash(calls, () -> projects.up(shop().translation(), force, Progress.NONE));
      open().resume();
      assertThat(engine.text())
          .as("after %d calls", calls)
          .isEqualTo(
              "shop-db-1 RUNNING\nshop-init-1 EXITED\nshop-web-1 RUNNING\nshop-web-2 RUNNING\n"
                  + "network shop_default\nvolume shop_data\n");
      assertThat(engine.list(Map.of()))
          .extracting(ContainerView::id)
          .doesNotContainAnyElementsOf(ids);
      clean();
    }
  }

  @Test
  void finishesARestartAfterACrashAtAnyCall() throws IOException {
    for (int calls = 0; calls < 12; calls++) {
      engine = new FakeEngine().image("busybox");
      finishInit();
      open().up(shop().translation(), UpOptions.DEFAULT, Progress.NONE);
      crash(
          calls, () -> projects.restart("shop", List.of("db", "web"), null, false, Progress.NONE));
      open().resume();
      assertThat(engine.text())
          .as("after %d calls", calls)
          .isEqualTo(
              "shop-db-1 RUNNING\nshop-init-1 EXITED\nshop-web-1 RUNNING\nshop-web-2 RUNNING\n"
                  + "network shop_default\nvolume shop_data\n");
      clean();
    }
  }

  @Test
  void downRemovesImagesWhereThereIsNoContainer() {
    List<String> images = List.of("busybox", "gone");
    DownOptions options = new DownOptions(List.of(), false, images, false, null);
    open().down("shop", options, progress);
    assertThat(engine.callsOf("remove-image")).containsExactly("remove-image busybox");
    assertThat(said).containsExactly("Image busybox Removing", "Image busybox Removed");
    said.clear();
    projects.down("shop", options, progress);
    assertThat(said)
        .containsExactly("Project shop Warning No resource found to remove for project \"shop\".");
  }

  @Test
  void downOfAServiceRemovesItsImage() {
    finishInit();
    open().up(shop().translation(), UpOptions.DEFAULT, progress);
    projects.down(
        "shop",
        new DownOptions(List.of("web"), false, List.of("busybox"), false, null),
        Progress.NONE);
    assertThat(engine.callsOf("remove-image")).containsExactly("remove-image busybox");
  }

  @Test
  void finishesADownAfterACrashAtAnyCall() throws IOException {
    for (int calls = 0; calls < 12; calls++) {
      engine = new FakeEngine().image("busybox");
      finishInit();
      open().up(shop().translation(), UpOptions.DEFAULT, Progress.NONE);
      crash(calls, () -> projects.down("shop", DownOptions.DEFAULT, Progress.NONE));
      open().resume();
      assertThat(engine.text()).as("after %d calls", calls).isEqualTo("volume shop_data\n");
      assertThat(dir).isEmptyDirectory();
      clean();
    }
  }

  @Test
  void finishesWhatEndsContainersAfterACrashAtAnyCall() throws IOException {
    List<String> both = List.of("db", "web");
    String rest = "network shop_default\nvolume shop_data\n";
    String stopped = "shop-db-1 EXITED\nshop-init-1 EXITED\nshop-web-1 EXITED\nshop-web-2 EXITED\n";
    String removed = "shop-db-1 RUNNING\nshop-web-1 RUNNING\nshop-web-2 RUNNING\n";
    DownOptions web = new DownOptions(both, false, List.of(), false, null);
    finishes(() -> projects.stop("shop", both, null, Progress.NONE), stopped + rest);
    finishes(() -> projects.kill("shop", List.of(), "SIGKILL", Progress.NONE), stopped + rest);
    finishes(() -> projects.remove("shop", List.of(), false, false, Progress.NONE), removed + rest);
    finishes(() -> projects.remove("shop", List.of(), true, false, Progress.NONE), rest);
    finishes(() -> projects.down("shop", web, Progress.NONE), "shop-init-1 EXITED\n" + rest);
  }

  private void finishes(Runnable command, String after) throws IOException {
    boolean killed = true;
    for (int calls = 0; killed; calls++) {
      engine = new FakeEngine().image("busybox");
      finishInit();
      open().up(shop().translation(), UpOptions.DEFAULT, Progress.NONE);
      killed = crash(calls, command);
      if (killed) { // else it is Docker's rule what a start makes of a stop
        open().resume();
      }
      assertThat(engine.text()).as("after %d calls", calls).isEqualTo(after);
      clean();
    }
  }

  @Test
  void startsAgainWhatAnUpHadStoppedWhenItCannotBeCompleted() throws IOException {
    finishInit();
    open().up(shop().translation(), UpOptions.DEFAULT, Progress.NONE);
    Sketch changed =
        new Sketch()
            .service("db", "2", 1, "", "always")
            .service("init", "1", 1, "db:service_healthy:false", "no")
            .service("web", "1", 2, "db:service_healthy:true", "always");
    crash(3, () -> projects.up(changed.translation(), UpOptions.DEFAULT, Progress.NONE));
    assertThat(engine.text()).contains("shop-web-1 EXITED\nshop-web-2 EXITED\n");
    engine.refused = "create ";
    open().resume();
    assertThat(engine.text())
        .isEqualTo(
            "shop-db-1 RUNNING\nshop-init-1 EXITED\nshop-web-1 RUNNING\nshop-web-2 RUNNING\n"
                + "network shop_default\nvolume shop_data\n");
  }

  /**
   * Lets the engine die after some calls, true unless it was done before, and takes back what only
   * a living process wrote.
   */
  private boolean crash(int calls, Runnable command) throws IOException {
    boolean killed = false;
    open();
    engine.callsLeft = calls;
    try {
      command.run();
    } catch (JcomposeException e) {
      assertThat(e).hasMessageContaining("killed");
      Files.deleteIfExists(dir.resolve("shop.done"));
      killed = true;
    }
    projects.close();
    engine.listeners.clear();
    engine.callsLeft = Integer.MAX_VALUE;
    return killed;
  }

  private void clean() throws IOException {
    Files.deleteIfExists(dir.resolve("shop.done"));
    Files.deleteIfExists(dir.resolve("shop.json"));
  }

  @Test
  void pullsEachMissingImageOnceAndRunsAOneOff() {
    engine.images.clear();
    finishInit();
    open();
    String id = projects.run(shop().translation(), RunOptions.of("web", List.of("true")), progress);
    assertThat(engine.callsOf("pull")).containsExactly("pull busybox");
    ContainerView view = engine.find(id).orElseThrow();
    assertThat(view.name()).matches("shop-web-run-[0-9a-f]{12}");
    assertThat(view.state()).isEqualTo(State.CREATED);
    assertThat(engine.text()).contains("shop-db-1 RUNNING").doesNotContain("shop-web-1");
  }

  @Test
  void pullsAnImageThatIsThereForAnotherPlatform() {
    Sketch sketch = new Sketch().platform("linux/arm64").service("a", "1", 1, "", "no");
    open().up(sketch.translation(), UpOptions.DEFAULT, progress);
    assertThat(engine.callsOf("pull")).containsExactly("pull busybox for linux/arm64");
  }

  @Test
  void startsIndependentContainersAtTheSameTime() {
    engine.delay = Duration.ofMillis(20);
    Sketch sketch = new Sketch();
    for (int i = 0; i < 50; i++) {
      sketch.service("s" + i, "1", 1, "", "no");
    }
    open().up(sketch.translation(), UpOptions.DEFAULT, Progress.NONE);
    assertThat(engine.mostAtOnce).isGreaterThan(10);
    projects.down("shop", DownOptions.DEFAULT, Progress.NONE);
    assertThat(engine.list(Map.of())).isEmpty();
  }
}
