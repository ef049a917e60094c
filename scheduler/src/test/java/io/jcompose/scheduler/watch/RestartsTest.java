package io.jcompose.scheduler.watch;

import static io.jcompose.scheduler.ProjectsFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.FakeEngine;
import io.jcompose.scheduler.ProjectView;
import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.Target;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.plan.RestartDecision;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is started again, and when: after ends, bad health, crashes and power cuts. */
@Timeout(60)
class RestartsTest {
  private final ProjectsFixture host;
  private final FakeEngine engine;

  RestartsTest(@TempDir Path dir) {
    host = new ProjectsFixture(dir);
    engine = host.engine;
  }

  @AfterEach
  void close() {
    host.close();
  }

  @Test
  void restartsByPolicyAndStopsWhenAsked() {
    ProjectsFixture.up(
        host.open(),
        new Sketch().service("a", "1", 1, "", "always").translation(),
        UpOptions.DEFAULT,
        host.progress);
    engine.die("shop-a-1", 1);
    until(() -> host.state("shop-a-1") == State.RUNNING);
    assertThat(engine.find("shop-a-1").orElseThrow().restartCount()).isEqualTo(1);
    engine.die("shop-a-1", 1);
    until(
        () ->
            host.state("shop-a-1") == State.RESTARTING || host.state("shop-a-1") == State.RUNNING);
    host.projects().stop(Target.of("shop", List.of()), null, host.progress);
    assertThat(host.state("shop-a-1")).isEqualTo(State.EXITED);
    engine.calls.clear();
    host.projects().start(Target.of("shop", List.of("a")), host.progress);
    assertThat(host.state("shop-a-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void comesBackInDependencyOrderAfterAPowerCut() {
    engine.exitAtOnce.add("init");
    Sketch shop =
        new Sketch()
            .service("db", "1", 1, "", "always")
            .service("init", "1", 1, "db:service_healthy:false", "no")
            .service("web", "1", 2, "db:service_healthy:true", "always");
    ProjectsFixture.up(host.open(), shop.translation(), UpOptions.DEFAULT, host.progress);
    engine.powerCut();
    host.open().resume();
    assertThat(engine.calls)
        .startsWith("start shop-db-1")
        .contains("start shop-web-1", "start shop-web-2");
    assertThat(host.state("shop-web-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void doesNotBringBackWhatAPersonStopped() {
    ProjectsFixture.up(
        host.open(),
        new Sketch().service("a", "1", 1, "", "unless-stopped").translation(),
        UpOptions.DEFAULT,
        host.progress);
    host.projects().stop(Target.of("shop", List.of()), null, host.progress);
    engine.powerCut();
    host.open().resume();
    assertThat(host.state("shop-a-1")).isEqualTo(State.EXITED);
  }

  @Test
  void startsAnUnhealthyContainerAgainWhereTheServiceAsksForIt() {
    Sketch sketch =
        new Sketch()
            .service("db", "1", 1, "", "always")
            .service("db-own", "1", 1, "", "no")
            .own("db-own", true, false);
    ProjectsFixture.up(host.open(), sketch.translation(), UpOptions.DEFAULT, host.progress);
    engine.health("shop-db-1", HealthStatus.UNHEALTHY);
    engine.health("shop-db-own-1", HealthStatus.UNHEALTHY);
    until(() -> restarts("shop-db-own-1") == 1 && host.state("shop-db-own-1") == State.RUNNING);
    assertThat(engine.pauses).containsExactly(entry("shop-db-own-1", Duration.ofMillis(100)));
    engine.health("shop-db-own-1", HealthStatus.UNHEALTHY);
    until(() -> restarts("shop-db-own-1") == 2 && host.state("shop-db-own-1") == State.RUNNING);
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
    ProjectsFixture.up(host.open(), sketch.translation(), UpOptions.DEFAULT, host.progress);
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
    ProjectsFixture.up(host.open(), sketch.translation(), UpOptions.DEFAULT, host.progress);
    host.projects().close();
    engine.die("shop-soon-1", 1);
    engine.die("shop-late-1", 1);
    engine.ports().containers().markRestarting(id("shop-soon-1"), Duration.ofMillis(300));
    engine.ports().containers().markRestarting(id("shop-late-1"), Duration.ofHours(1));
    engine.calls.clear();
    host.open().resume();
    until(() -> host.state("shop-soon-1") == State.RUNNING);
    // By a plan, which tells the restart, if its pause was over by then, by a timer otherwise.
    assertThat(engine.calls.getFirst()).endsWith("start shop-soon-1");
    assertThat(engine.calls).allMatch(call -> call.endsWith("shop-soon-1"));
    assertThat(host.state("shop-late-1")).isEqualTo(State.RESTARTING);
    assertThat(host.projects().lists().projects(false))
        .as("projects that are listed without --all")
        .singleElement()
        .extracting(ProjectView::status)
        .isEqualTo("restarting(1), running(1)");
  }

  @Test
  void aRestartThatFailsForAReasonThatMayPassIsTriedAgainWithTheSamePauses() {
    ProjectsFixture.up(
        host.open(),
        new Sketch().service("a", "1", 1, "", "always").translation(),
        UpOptions.DEFAULT,
        host.progress);
    engine.refused = "restart shop-a-1";
    engine.refusals = 3;
    engine.die("shop-a-1", 1);
    until(() -> host.state("shop-a-1") == State.RUNNING);
    assertThat(engine.callsOf("restart")).hasSize(4);
    assertThat(engine.pauses).containsEntry("shop-a-1", Duration.ofMillis(800));
  }

  @Test
  void aRestartThatCannotSucceedIsTheLast() {
    assertThat(RestartDecision.mayPass(new JcomposeException.Conflict("port"))).isTrue();
    assertThat(RestartDecision.mayPass(new JcomposeException.Unavailable("full"))).isTrue();
    assertThat(RestartDecision.mayPass(new JcomposeException.NotFound("network"))).isTrue();
    assertThat(RestartDecision.mayPass(new JcomposeException.CommandFailed("no x", 127))).isFalse();
    assertThat(RestartDecision.mayPass(new JcomposeException.PermissionDenied("no"))).isFalse();
  }

  @Test
  void retriesOfAPolicyThatCountsAreCounted() {
    ProjectsFixture.up(
        host.open(),
        new Sketch().service("a", "1", 1, "", "on-failure").translation(),
        UpOptions.DEFAULT,
        host.progress);
    engine.refused = "restart shop-a-1";
    engine.die("shop-a-1", 1);
    until(() -> engine.callsOf("restart").size() == 2);
    host.projects().stop(Target.of("shop", List.of()), null, host.progress);
    assertThat(engine.callsOf("restart")).hasSize(2);
  }

  @Test
  void aStartByCommandGivesAllAttemptsAgain() {
    ProjectsFixture.up(
        host.open(),
        new Sketch().service("a", "1", 1, "", "always").attempts("a", 2).translation(),
        UpOptions.DEFAULT,
        host.progress);
    for (int life = 1; life <= 2; life++) {
      for (int end = 1; end <= 2; end++) {
        int count = end; // a start by command begins anew with it
        engine.die("shop-a-1", 3);
        until(() -> restarts("shop-a-1") == count && host.state("shop-a-1") == State.RUNNING);
      }
      engine.die("shop-a-1", 3);
      until(() -> host.state("shop-a-1") == State.EXITED); // it is given up
      host.projects().start(Target.of("shop", List.of("a")), host.progress);
      assertThat(host.state("shop-a-1")).isEqualTo(State.RUNNING);
    }
    assertThat(engine.callsOf("restart")).hasSize(4);
  }

  @Test
  void aServicesOwnDelayIsThePauseBeforeEachRestart() {
    Sketch sketch =
        new Sketch()
            .service("a", "1", 1, "", "always")
            .restarts("a", Duration.ofHours(1), null)
            .service("b", "1", 1, "", "always");
    ProjectsFixture.up(host.open(), sketch.translation(), UpOptions.DEFAULT, host.progress);
    engine.die("shop-a-1", 1);
    engine.die("shop-b-1", 1);
    until(() -> engine.pauses.size() == 2);
    assertThat(engine.pauses)
        .containsEntry("shop-a-1", Duration.ofHours(1))
        .containsEntry("shop-b-1", Duration.ofMillis(100));
  }

  /** A good run is one of 10 seconds, as Docker has it, or of as many as the service says. */
  @ParameterizedTest
  @CsvSource({", 9, 200", ", 10, 100", "3, 2, 200", "3, 3, 100", "60, 59, 200"})
  void aPauseIsTheFirstAgainAfterAGoodRun(Long window, long ran, long pause) {
    host.engine.clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    Sketch sketch =
        new Sketch()
            .service("a", "1", 1, "", "always")
            .restarts("a", null, window == null ? null : Duration.ofSeconds(window));
    ProjectsFixture.up(host.open(), sketch.translation(), UpOptions.DEFAULT, host.progress);
    engine.die("shop-a-1", 1);
    until(() -> restarts("shop-a-1") == 1);
    assertThat(engine.pauses).containsEntry("shop-a-1", Duration.ofMillis(100));
    engine.pauses.clear();
    engine.clock = Clock.offset(engine.clock, Duration.ofSeconds(ran));
    engine.die("shop-a-1", 1);
    until(() -> !engine.pauses.isEmpty());
    assertThat(engine.pauses).containsEntry("shop-a-1", Duration.ofMillis(pause));
  }

  /** However long it took to find out: one that was never healthy did no good. */
  @ParameterizedTest
  @CsvSource({"true, 100", "false, 200"})
  void aRunIsGoodOnlyIfItWasHealthy(boolean healthy, long pause) {
    host.engine.clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    engine.slowHealth.add("db");
    Sketch sketch = new Sketch().service("db", "1", 1, "", "no").own("db", true, false);
    ProjectsFixture.up(host.open(), sketch.translation(), UpOptions.DEFAULT, host.progress);
    engine.health("shop-db-1", HealthStatus.UNHEALTHY);
    until(() -> restarts("shop-db-1") == 1 && host.state("shop-db-1") == State.RUNNING);
    engine.pauses.clear();
    if (healthy) {
      engine.health("shop-db-1", HealthStatus.HEALTHY);
    }
    engine.clock = Clock.offset(engine.clock, Duration.ofHours(1));
    engine.health("shop-db-1", HealthStatus.UNHEALTHY);
    until(() -> !engine.pauses.isEmpty());
    assertThat(engine.pauses).containsEntry("shop-db-1", Duration.ofMillis(pause));
  }

  @Test
  void crashesThatAreFollowedMakeOneRestartWhileAnotherCommandHasTheTurn() {
    Sketch sketch =
        new Sketch()
            .service("db", "1", 1, "", "always")
            .service("slow", "1", 1, "", "no")
            .service("follower", "1", 1, "db:service_started:true", "no")
            .own("follower", false, true);
    ProjectsFixture.up(host.open(), sketch.translation(), UpOptions.DEFAULT, host.progress);
    engine.hold("stop shop-slow-1");
    Thread.ofVirtual()
        .start(
            () ->
                host.projects()
                    .restart(Target.of("shop", List.of("slow")), null, true, host.progress));
    until(() -> !engine.heldCalls.isEmpty());
    for (int i = 1; i <= 4; i++) {
      int count = i;
      engine.die("shop-db-1", 1);
      until(() -> restarts("shop-db-1") == count && host.state("shop-db-1") == State.RUNNING);
    }
    engine.release();
    until(() -> engine.calls.contains("restarted shop-follower-1"));
    host.projects().restart(Target.of("shop", List.of("slow")), null, true, host.progress);
    // The last crash may be told just when the restart has begun.
    assertThat(engine.callsOf("stop").stream().filter("stop shop-follower-1"::equals))
        .hasSizeBetween(1, 2);
  }

  private int restarts(String name) {
    return engine.find(name).orElseThrow().restartCount();
  }

  private String id(String name) {
    return engine.find(name).orElseThrow().id();
  }
}
