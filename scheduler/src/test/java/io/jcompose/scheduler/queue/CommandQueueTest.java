package io.jcompose.scheduler.queue;

import static io.jcompose.scheduler.ProjectsFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.FakeEngine;
import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.RunOptions;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.Target;
import io.jcompose.scheduler.UpOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What waits without an end: for a condition, a registry, a process, or a turn. It keeps no other
 * command of its project from working, and ends with its caller.
 */
@Timeout(60)
class CommandQueueTest {
  private static final String GIVEN_UP = "its caller has left";

  private final ProjectsFixture host;
  private final FakeEngine engine;

  CommandQueueTest(@TempDir Path dir) {
    host = new ProjectsFixture(dir);
    engine = host.engine;
    host.open();
  }

  @AfterEach
  void close() {
    engine.release();
    host.close();
  }

  /** A service that waits for one that gets healthy only when the test says so. */
  private Sketch waiting() {
    engine.slowHealth.add("db");
    return new Sketch()
        .service("db", "1", 1, "", "always")
        .service("web", "1", 1, "db:service_healthy:false", "always");
  }

  private CompletableFuture<Void> waitingUp(Progress caller) {
    Sketch sketch = waiting();
    CompletableFuture<Void> up =
        async(
            () ->
                ProjectsFixture.up(
                    host.projects(), sketch.translation(), UpOptions.DEFAULT, caller));
    until(() -> host.said.contains("Container shop-db-1 Waiting"));
    until(() -> host.state("shop-web-1") == State.CREATED);
    return up;
  }

  private static CompletableFuture<Void> async(Runnable work) {
    return CompletableFuture.runAsync(work, task -> Thread.ofVirtual().start(task));
  }

  private static void assertCancelled(CompletableFuture<Void> command, String reason) {
    assertThatThrownBy(() -> command.get(20, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(JcomposeException.Cancelled.class)
        .hasMessage(reason);
  }

  private static void assertEnds(CompletableFuture<Void> command) throws Exception {
    command.get(20, TimeUnit.SECONDS);
  }

  @Test
  void waitTimeoutHoldsForDependenciesToo() {
    Sketch sketch = waiting();
    UpOptions options = UpOptions.DEFAULT.with().waitTimeout(Duration.ofMillis(50)).build();
    assertThatThrownBy(
            () ->
                ProjectsFixture.up(
                    host.projects(), sketch.translation(), options, host.new Caller()))
        .isInstanceOf(JcomposeException.Timeout.class)
        .hasMessageContaining("not healthy after 0.05s");
    assertThat(host.said).contains("Container shop-db-1 Error not healthy");
    assertThat(host.state("shop-web-1")).isNotEqualTo(State.RUNNING);
  }

  @Test
  void anUpThatWaitsEndsWithItsCallerAndTheNextOneWorks() {
    ProjectsFixture.Caller caller = host.new Caller();
    CompletableFuture<Void> up = waitingUp(caller);
    caller.leave();
    assertCancelled(up, GIVEN_UP);
    Sketch mended =
        new Sketch().service("db", "1", 1, "", "always").service("web", "1", 1, "", "always");
    ProjectsFixture.up(host.projects(), mended.translation(), UpOptions.DEFAULT, host.progress);
    assertThat(host.state("shop-web-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void everyOtherCommandWorksBesideAnUpThatWaits() throws Exception {
    CompletableFuture<Void> up = waitingUp(host.progress);
    RunOptions migration = RunOptions.of("db", List.of("migrate"));
    ProjectsFixture.run(host.projects(), waiting().translation(), migration, host.progress);
    host.projects().restart(Target.of("shop", List.of("db")), null, true, host.progress);
    host.projects().pause(Target.of("shop", List.of("db")), host.progress);
    host.projects().unpause(Target.of("shop", List.of("db")), host.progress);
    Sketch more = new Sketch().service("other", "1", 1, "", "no");
    ProjectsFixture.up(host.projects(), more.translation(), UpOptions.DEFAULT, host.progress);
    assertThat(host.state("shop-other-1")).isEqualTo(State.RUNNING);
    assertThat(up).isNotDone();
    engine.health("shop-db-1", HealthStatus.HEALTHY);
    assertEnds(up);
    assertThat(host.state("shop-web-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void whatWaitedLeavesTheLaterCommandsStateAsItIs() throws Exception {
    CompletableFuture<Void> up = waitingUp(host.progress);
    Sketch later = new Sketch().service("db", "1", 1, "", "no").service("web", "1", 1, "", "no");
    ProjectsFixture.up(host.projects(), later.translation(), UpOptions.DEFAULT, host.progress);
    engine.health("shop-db-1", HealthStatus.HEALTHY);
    assertEnds(up);
    engine.calls.clear();
    host.open().resume();
    assertThat(engine.calls).isEmpty();
  }

  @Test
  void stopEndsAnUpThatWaits() {
    CompletableFuture<Void> up = waitingUp(host.progress);
    assertThat(host.projects().activity().isAtWork("shop")).isTrue();
    host.projects().stop(Target.of("shop", List.of()), null, host.progress);
    assertCancelled(up, "gave way to stop");
    assertThat(host.state("shop-db-1")).isEqualTo(State.EXITED);
  }

  @Test
  void whatIsQueuedIsNotCarriedOutWithoutItsCaller() throws Exception {
    CompletableFuture<Void> first = heldRestart();
    ProjectsFixture.Caller caller = host.new Caller();
    CompletableFuture<Void> queued =
        async(() -> host.projects().restart(Target.of("shop", List.of("b")), null, true, caller));
    until(() -> host.said.contains("Project shop Waiting for `restart` to end"));
    caller.leave();
    assertCancelled(queued, GIVEN_UP);
    engine.release();
    assertEnds(first);
    assertThat(engine.callsOf("stop")).containsExactly("stop shop-a-1");
  }

  @Test
  void whatIsQueuedIsEndedByWhatOvertakes() throws Exception {
    CompletableFuture<Void> first = heldRestart();
    CompletableFuture<Void> queued =
        async(
            () ->
                host.projects()
                    .restart(Target.of("shop", List.of("b")), null, true, host.progress));
    until(() -> host.said.contains("Project shop Waiting for `restart` to end"));
    CompletableFuture<Void> down =
        async(() -> host.projects().down("shop", DownOptions.DEFAULT, Progress.NONE));
    assertCancelled(queued, "gave way to down");
    engine.release();
    assertCancelled(first, "gave way to down");
    assertEnds(down);
    assertThat(engine.text()).isEqualTo("volume shop_data\n");
  }

  @Test
  void aRestartThatHasBegunIsFinishedWithoutItsCaller() throws Exception {
    upTwo();
    engine.hold("stop shop-a-1");
    ProjectsFixture.Caller caller = host.new Caller();
    CompletableFuture<Void> restart =
        async(() -> host.projects().restart(Target.of("shop", List.of("a")), null, true, caller));
    until(() -> !engine.heldCalls.isEmpty());
    caller.leave();
    engine.release();
    assertEnds(restart);
    assertThat(host.state("shop-a-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void aRecreationThatHasBegunIsFinishedWithoutItsCaller() throws Exception {
    upTwo();
    String before = engine.find("shop-a-1").orElseThrow().id();
    engine.hold("stop shop-a-1");
    ProjectsFixture.Caller caller = host.new Caller();
    Sketch changed = new Sketch().service("a", "2", 1, "", "no").service("b", "1", 1, "", "no");
    CompletableFuture<Void> up =
        async(
            () ->
                ProjectsFixture.up(
                    host.projects(), changed.translation(), UpOptions.DEFAULT, caller));
    until(() -> !engine.heldCalls.isEmpty());
    caller.leave();
    engine.release();
    assertEnds(up);
    assertThat(engine.find("shop-a-1").orElseThrow().id()).isNotEqualTo(before);
    assertThat(host.state("shop-a-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void whatRanIsStartedAgainWithoutItsCallerWhenItsConditionComesTrue() throws Exception {
    Sketch shop =
        new Sketch()
            .service("db", "1", 1, "", "always")
            .service("web", "1", 1, "db:service_healthy:true", "always");
    ProjectsFixture.up(host.projects(), shop.translation(), UpOptions.DEFAULT, host.progress);
    host.said.clear();
    engine.slowHealth.add("db");
    Sketch changed =
        new Sketch()
            .service("db", "2", 1, "", "always")
            .service("web", "1", 1, "db:service_healthy:true", "always");
    ProjectsFixture.Caller caller = host.new Caller();
    CompletableFuture<Void> up =
        async(
            () ->
                ProjectsFixture.up(
                    host.projects(), changed.translation(), UpOptions.DEFAULT, caller));
    until(() -> host.said.contains("Container shop-db-1 Waiting"));
    until(() -> host.state("shop-web-1") == State.EXITED);
    caller.leave();
    engine.health("shop-db-1", HealthStatus.HEALTHY);
    assertEnds(up);
    assertThat(host.state("shop-web-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void whatWasOnlyMadeIsTakenBackWithoutItsCaller() {
    engine.hold("network");
    ProjectsFixture.Caller caller = host.new Caller();
    Sketch one = new Sketch().service("a", "1", 1, "", "no");
    CompletableFuture<Void> up =
        async(
            () ->
                ProjectsFixture.up(host.projects(), one.translation(), UpOptions.DEFAULT, caller));
    until(() -> !engine.heldCalls.isEmpty());
    caller.leave();
    engine.release();
    assertCancelled(up, GIVEN_UP);
    assertThat(engine.text()).isEmpty();
  }

  @Test
  void killHelpsAStopThatWaitsForEver() throws Exception {
    upTwo();
    engine.hold("stop shop-a-1");
    CompletableFuture<Void> stop =
        async(() -> host.projects().stop(Target.of("shop", List.of("a")), null, host.progress));
    until(() -> !engine.heldCalls.isEmpty());
    host.projects().kill(Target.of("shop", List.of("a")), "SIGKILL", host.progress);
    assertThat(host.state("shop-a-1")).isEqualTo(State.EXITED);
    engine.release();
    assertEnds(stop);
  }

  @Test
  void aOneOffRunsBesideAStopThatWaits() {
    Sketch two = upTwo();
    engine.hold("stop shop-a-1");
    CompletableFuture<Void> stop =
        async(() -> host.projects().stop(Target.of("shop", List.of("a")), null, host.progress));
    until(() -> !engine.heldCalls.isEmpty());
    String id =
        ProjectsFixture.run(
            host.projects(), two.translation(), RunOptions.of("b", List.of("true")), host.progress);
    assertThat(engine.find(id)).isPresent();
    assertThat(stop).isNotDone();
  }

  @Test
  void downNeverWaitsForARegistryAndEndsThePull() {
    upTwo();
    engine.hold("pull");
    Sketch more = new Sketch().service("c", "1", 1, "", "no");
    UpOptions pull = UpOptions.DEFAULT.with().pull("always").build();
    CompletableFuture<Void> up =
        async(() -> ProjectsFixture.up(host.projects(), more.translation(), pull, host.progress));
    until(() -> !engine.heldCalls.isEmpty());
    host.projects().down("shop", DownOptions.DEFAULT, host.progress);
    assertThat(engine.text()).isEqualTo("volume shop_data\n");
    assertThatThrownBy(() -> up.get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(JcomposeException.Cancelled.class);
    assertThat(engine.text()).isEqualTo("volume shop_data\n");
  }

  @Test
  void aPullEndsWithItsCaller() {
    engine.hold("pull");
    engine.images.clear();
    ProjectsFixture.Caller caller = host.new Caller();
    CompletableFuture<Void> run =
        async(
            () ->
                ProjectsFixture.run(
                    host.projects(),
                    new Sketch().service("c", "1", 1, "", "no").translation(),
                    RunOptions.of("c", List.of("true")),
                    caller));
    until(() -> !engine.heldCalls.isEmpty());
    caller.leave();
    assertThatThrownBy(() -> run.get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(JcomposeException.Cancelled.class);
    assertThat(engine.text()).isEmpty();
  }

  @Test
  void stepsThatWaitForNothingAreNotKeptByOneThatWaits() {
    Sketch sketch = waiting();
    ProjectsFixture.up(
        host.projects(),
        sketch.translation(),
        UpOptions.DEFAULT.with().services(List.of("db")).noDeps(true).build(),
        host.progress);
    Sketch more = sketch.service("other", "1", 1, "", "no");
    CompletableFuture<Void> up =
        async(
            () ->
                ProjectsFixture.up(
                    host.projects(), more.translation(), UpOptions.DEFAULT, host.progress));
    until(() -> host.state("shop-other-1") == State.RUNNING);
    assertThat(up).isNotDone();
    host.projects().stop(Target.of("shop", List.of()), null, host.progress);
    assertCancelled(up, "gave way to stop");
  }

  @Test
  void aProjectThatIsGoneKeepsNothing() {
    for (int i = 0; i < 20; i++) {
      host.projects().down("job-" + i, DownOptions.DEFAULT, Progress.NONE);
    }
    upTwo();
    until(() -> host.verticles() == 1);
    host.projects().down("shop", DownOptions.DEFAULT, host.progress);
    until(() -> host.verticles() == 0);
    upTwo();
    engine.die("shop-a-1", 0);
    assertThat(host.verticles()).isEqualTo(1);
  }

  private Sketch upTwo() {
    Sketch two = new Sketch().service("a", "1", 1, "", "no").service("b", "1", 1, "", "no");
    ProjectsFixture.up(host.projects(), two.translation(), UpOptions.DEFAULT, Progress.NONE);
    return two;
  }

  private CompletableFuture<Void> heldRestart() {
    upTwo();
    engine.hold("stop shop-a-1");
    CompletableFuture<Void> restart =
        async(
            () ->
                host.projects()
                    .restart(Target.of("shop", List.of("a")), null, true, host.progress));
    until(() -> !engine.heldCalls.isEmpty());
    return restart;
  }
}
