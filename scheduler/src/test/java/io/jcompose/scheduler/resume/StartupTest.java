package io.jcompose.scheduler.resume;

import static io.jcompose.scheduler.ProjectsFixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.FakeEngine;
import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.Target;
import io.jcompose.scheduler.UpOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an engine does when it starts with projects that ended one before, or cannot start. */
@Timeout(60)
class StartupTest {
  private final ProjectsFixture host;
  private final FakeEngine engine;

  StartupTest(@TempDir Path dir) {
    host = new ProjectsFixture(dir);
    engine = host.engine;
  }

  @AfterEach
  void close() {
    engine.release();
    host.close();
  }

  private static Sketch one() {
    return new Sketch().service("a", "1", 1, "", "always");
  }

  /** A start of an engine that ends while it brings the project back. */
  private void startThatEndsTheEngine() {
    engine.powerCut();
    engine.hold("start shop-a-1");
    host.open();
    Thread.ofVirtual().start(host.projects()::resume);
    until(() -> !engine.heldCalls.isEmpty());
    host.abandon();
  }

  @Test
  void aProjectThatEndedTheEngineTwiceIsLeftToAPerson() {
    ProjectsFixture.up(host.open(), one().translation(), UpOptions.DEFAULT, Progress.NONE);
    startThatEndsTheEngine();
    startThatEndsTheEngine();
    engine.powerCut();
    host.open().resume();
    assertThat(host.state("shop-a-1")).isEqualTo(State.EXITED);
    assertThat(host.projects().warnings())
        .singleElement()
        .asString()
        .startsWith("project shop was not brought back: the engine ended more than once");
    host.open().resume();
    assertThat(host.projects().warnings()).hasSize(1);
    ProjectsFixture.up(host.projects(), one().translation(), UpOptions.DEFAULT, Progress.NONE);
    assertThat(host.state("shop-a-1")).isEqualTo(State.RUNNING);
    assertThat(host.projects().warnings()).isEmpty();
    engine.powerCut();
    host.open().resume();
    assertThat(host.state("shop-a-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void anEndThatWasAskedForIsNotCounted() {
    ProjectsFixture.up(host.open(), one().translation(), UpOptions.DEFAULT, Progress.NONE);
    for (int i = 0; i < 3; i++) {
      engine.powerCut();
      engine.hold("start shop-a-1");
      host.open();
      Thread.ofVirtual().start(host.projects()::resume);
      until(() -> !engine.heldCalls.isEmpty());
      assertThat(host.dir.resolve("shop.attempts")).exists();
      host.projects().close();
      assertThat(host.dir.resolve("shop.attempts")).doesNotExist();
      host.abandon();
    }
    engine.powerCut();
    host.open().resume();
    assertThat(host.state("shop-a-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void endsOfAnEarlierBootAreNotCounted() throws IOException {
    ProjectsFixture.up(host.open(), one().translation(), UpOptions.DEFAULT, Progress.NONE);
    Files.writeString(host.dir.resolve("shop.attempts"), "7 another-boot\n");
    engine.powerCut();
    host.open().resume();
    assertThat(host.state("shop-a-1")).isEqualTo(State.RUNNING);
    assertThat(host.dir.resolve("shop.attempts")).doesNotExist();
  }

  @Test
  void oneProjectThatDoesNotComeBackKeepsNoOther() {
    ProjectsFixture.up(host.open(), one().translation(), UpOptions.DEFAULT, Progress.NONE);
    Sketch slow =
        new Sketch()
            .project("slow")
            .service("db", "1", 1, "", "always")
            .service("b", "1", 1, "", "always");
    ProjectsFixture.up(host.projects(), slow.translation(), UpOptions.DEFAULT, Progress.NONE);
    engine.powerCut();
    engine.hold("start slow-db-1");
    host.open();
    Thread.ofVirtual().start(host.projects()::resume);
    until(() -> host.state("shop-a-1") == State.RUNNING);
    until(() -> host.state("slow-b-1") == State.RUNNING);
    assertThat(host.state("slow-db-1")).isEqualTo(State.EXITED);
  }

  @Test
  void aStartThatFailsForNowIsTriedAgain() {
    ProjectsFixture.up(host.open(), one().translation(), UpOptions.DEFAULT, Progress.NONE);
    engine.powerCut();
    engine.refused = "start shop-a-1";
    host.open().resume();
    until(() -> host.state("shop-a-1") == State.RUNNING);
    assertThat(engine.callsOf("start")).containsExactly("start shop-a-1");
    assertThat(engine.callsOf("restart")).containsExactly("restart shop-a-1");
  }

  /** Brings back {@code db}, on whose health {@code web} waits, and {@code c}. */
  private void bootThatWaits() {
    Sketch sketch =
        new Sketch()
            .service("db", "1", 1, "", "always")
            .service("web", "1", 1, "db:service_healthy:false", "always")
            .service("c", "1", 1, "", "always");
    ProjectsFixture.up(host.open(), sketch.translation(), UpOptions.DEFAULT, Progress.NONE);
    engine.powerCut();
    engine.slowHealth.add("db");
    host.open();
    host.projects().expectResume();
    Thread.ofVirtual().start(host.projects()::resume);
    until(() -> host.state("shop-db-1") == State.RUNNING);
    until(() -> host.state("shop-c-1") == State.RUNNING);
  }

  @Test
  void theEndOfOneServiceLeavesTheOthersComingBack() {
    bootThatWaits();
    host.projects().stop(Target.of("shop", List.of("c")), null, Progress.NONE);
    engine.health("shop-db-1", HealthStatus.HEALTHY);
    until(() -> host.state("shop-web-1") == State.RUNNING);
    until(() -> !host.projects().activity().isAtWork("shop"));
    assertThat(host.state("shop-c-1")).isEqualTo(State.EXITED);
  }

  @Test
  void whatIsKilledBeforeItIsBackStaysAway() {
    bootThatWaits();
    host.projects().kill(Target.of("shop", List.of()), "KILL", Progress.NONE);
    until(() -> !host.projects().activity().isAtWork("shop"));
    assertThat(host.state("shop-db-1")).isEqualTo(State.EXITED);
    assertThat(host.state("shop-web-1")).isEqualTo(State.EXITED);
    assertThat(host.state("shop-c-1")).isEqualTo(State.EXITED);
  }

  @Test
  void aStopBeforeAnythingIsBackIsNotUndone() {
    ProjectsFixture.up(host.open(), one().translation(), UpOptions.DEFAULT, Progress.NONE);
    engine.powerCut();
    host.open().expectResume();
    assertThat(host.projects().activity().isAtWork("shop")).isTrue();
    host.projects().stop(Target.of("shop", List.of()), null, Progress.NONE);
    host.projects().resume();
    assertThat(host.state("shop-a-1")).isEqualTo(State.EXITED);
    assertThat(host.projects().activity().isAtWork("shop")).isFalse();
  }

  @Test
  void whatIsLeftToAPersonIsNotSuperfluous() {
    ProjectsFixture.up(host.open(), one().translation(), UpOptions.DEFAULT, Progress.NONE);
    startThatEndsTheEngine();
    startThatEndsTheEngine();
    engine.powerCut();
    host.open().resume();
    assertThat(host.projects().activity().isAtWork("shop")).isTrue();
    ProjectsFixture.up(host.projects(), one().translation(), UpOptions.DEFAULT, Progress.NONE);
    assertThat(host.projects().activity().isAtWork("shop")).isFalse();
  }

  private void upThatIsHeldAt(String call) {
    engine.hold(call);
    host.open();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                ProjectsFixture.up(
                    host.projects(), one().translation(), UpOptions.DEFAULT, host.progress);
              } catch (RuntimeException e) {
                host.said.add("failed");
              }
            });
    until(() -> !engine.heldCalls.isEmpty());
  }

  @Test
  void anUpThatCannotBeCarriedOnWithIsNotBegunAgain() {
    upThatIsHeldAt("create shop-a-1");
    host.abandon();
    engine.impossible.add("a");
    host.open().resume();
    engine.impossible.clear();
    host.open().resume();
    assertThat(host.state("shop-a-1")).isNull();
  }

  @Test
  void whatTheEndOfTheEngineMadeFailIsCarriedOnWith() {
    upThatIsHeldAt("start shop-a-1");
    host.projects().close();
    engine.refused = "start shop-a-1";
    engine.release();
    until(() -> host.said.contains("failed"));
    engine.refused = "";
    host.abandon();
    host.open().resume();
    assertThat(host.state("shop-a-1")).isEqualTo(State.RUNNING);
  }
}
