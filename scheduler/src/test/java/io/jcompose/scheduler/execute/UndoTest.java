package io.jcompose.scheduler.execute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Progress;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.scheduler.FakeEngine;
import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.UpOptions;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a failed {@code up} takes back, and what it must leave. */
@Timeout(60)
class UndoTest {
  private final ProjectsFixture host;
  private final FakeEngine engine;

  UndoTest(@TempDir Path dir) {
    host = new ProjectsFixture(dir);
    engine = host.engine;
    host.open();
  }

  @AfterEach
  void close() {
    host.close();
  }

  private static Sketch app(String db) {
    return new Sketch()
        .service("db", db, 1, "", "always")
        .service("app", "1", 1, "db:service_started:true", "always");
  }

  private void fails(Sketch sketch, Progress progress, String message) {
    assertThatThrownBy(
            () ->
                ProjectsFixture.up(
                    host.projects(), sketch.translation(), UpOptions.DEFAULT, progress))
        .isInstanceOf(JcomposeException.class)
        .hasMessageContaining(message);
  }

  /** Lets something happen just when a step begins. */
  private static Progress at(String row, Runnable deed) {
    return step -> {
      if ((step.id() + " " + step.status()).equals(row)) {
        deed.run();
      }
    };
  }

  @Test
  void aNameThatIsTakenIsToldBeforeAnythingIsMade() {
    String id = engine.ports().containers().create(ContainerSpec.of("shop-a-1", "busybox"));
    engine.calls.clear();
    fails(
        new Sketch().service("a", "1", 1, "", "no"),
        Progress.NONE,
        "The container name \"/shop-a-1\" is already in use by container \"" + id);
    assertThat(engine.calls).isEmpty();
  }

  @Test
  void leavesAContainerThatTookTheNameMeanwhile() {
    Progress taken =
        at(
            "Container shop-a-1 Creating",
            () -> engine.ports().containers().create(ContainerSpec.of("shop-a-1", "busybox")));
    fails(new Sketch().service("a", "1", 1, "", "no"), taken, "is already in use");
    assertThat(engine.text()).isEqualTo("shop-a-1 CREATED\n");
    assertThat(engine.find("shop-a-1").orElseThrow().labels()).isEmpty();
  }

  @Test
  void leavesANetworkAndAVolumeThatAnotherMadeMeanwhile() {
    NetworkSpec network = NetworkSpec.of("shop_default");
    VolumeSpec volume = new VolumeSpec("shop_data", "", Map.of(), Map.of());
    engine.refused = "create ";
    Progress taken =
        step -> {
          at("Network shop_default Creating", () -> engine.ports().networks().create(network))
              .report(step);
          at("Volume shop_data Creating", () -> engine.ports().volumes().create(volume))
              .report(step);
        };
    fails(new Sketch().service("a", "1", 1, "", "no"), taken, "refused: create shop-a-1");
    assertThat(engine.text()).isEqualTo("network shop_default\nvolume shop_data\n");
  }

  @Test
  void followersRunOnWhenTheSuccessorCannotBeMade() {
    ProjectsFixture.up(host.projects(), app("1").translation(), UpOptions.DEFAULT, Progress.NONE);
    engine.calls.clear();
    engine.refused = "create ";
    fails(app("2"), Progress.NONE, "refused: create");
    assertThat(engine.callsOf("stop")).isEmpty();
    assertThat(engine.text()).startsWith("shop-app-1 RUNNING\nshop-db-1 RUNNING\nnetwork");
  }

  @Test
  void orphansAndSurplusRunOnWhenSomethingCannotBeMade() {
    Sketch before = new Sketch().service("old", "1", 1, "", "no").service("w", "1", 2, "", "no");
    ProjectsFixture.up(host.projects(), before.translation(), UpOptions.DEFAULT, Progress.NONE);
    engine.calls.clear();
    engine.refused = "create ";
    Sketch after = new Sketch().service("new", "1", 1, "", "no").service("w", "1", 1, "", "no");
    UpOptions orphansToo = UpOptions.DEFAULT.with().removeOrphans(true).build();
    assertThatThrownBy(
            () ->
                ProjectsFixture.up(host.projects(), after.translation(), orphansToo, Progress.NONE))
        .hasMessage("refused: create shop-new-1");
    assertThat(engine.text())
        .startsWith("shop-old-1 RUNNING\nshop-w-1 RUNNING\nshop-w-2 RUNNING\nnetwork");
  }

  @Test
  void whatWasStoppedForAChangeThatFailsRunsAgain() {
    ProjectsFixture.up(host.projects(), app("1").translation(), UpOptions.DEFAULT, Progress.NONE);
    String id = engine.find("shop-db-1").orElseThrow().id();
    engine.refused = "remove shop-db-1";
    fails(app("2"), Progress.NONE, "refused: remove shop-db-1");
    assertThat(engine.text()).startsWith("shop-app-1 RUNNING\nshop-db-1 RUNNING\nnetwork");
    assertThat(engine.find(id)).isPresent();
  }

  @Test
  void aSuccessorThatCannotStartStaysWithWhatFollowsItStopped() {
    ProjectsFixture.up(host.projects(), app("1").translation(), UpOptions.DEFAULT, Progress.NONE);
    engine.refused = "start shop-db-1";
    fails(app("2"), Progress.NONE, "refused: start shop-db-1");
    assertThat(host.state("shop-db-1")).isEqualTo(State.CREATED);
    assertThat(host.state("shop-app-1")).isEqualTo(State.EXITED);
  }
}
