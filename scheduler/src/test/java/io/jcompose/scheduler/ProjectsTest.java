package io.jcompose.scheduler;

import static io.jcompose.scheduler.ProjectsFixture.shop;
import static io.jcompose.scheduler.ProjectsFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.desired.Translation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the commands on a project do. */
@Timeout(60)
class ProjectsTest {
  private final ProjectsFixture host;
  private final FakeEngine engine;

  ProjectsTest(@TempDir Path dir) {
    host = new ProjectsFixture(dir);
    engine = host.engine;
  }

  @AfterEach
  void close() {
    host.close();
  }

  @Test
  void upOfNoServicesIsAnError() {
    assertThatThrownBy(
            () -> host.open().up(new Sketch().translation(), UpOptions.DEFAULT, host.progress))
        .hasMessage("no service selected");
  }

  @Test
  void bringsUpInOrderAndTakesDownWithoutTrace() {
    host.finishInit();
    host.open().up(shop().translation(), UpOptions.DEFAULT, host.progress);
    assertThat(engine.text())
        .isEqualTo(
            "shop-db-1 RUNNING\nshop-init-1 EXITED\nshop-web-1 RUNNING\nshop-web-2 RUNNING\n"
                + "network shop_default\nvolume shop_data\n");
    assertThat(engine.callsOf("start").subList(0, 2))
        .containsExactly("start shop-db-1", "start shop-init-1");
    assertThat(host.projects().lists().projects(false))
        .extracting(ProjectView::status)
        .containsExactly("running(3)");
    host.projects()
        .down("shop", new DownOptions(List.of(), true, List.of(), false, null), host.progress);
    assertThat(engine.text()).isEmpty();
    assertThat(host.dir).isEmptyDirectory();
    host.said.clear();
    host.projects().down("shop", DownOptions.DEFAULT, host.progress);
    assertThat(host.said)
        .containsExactly("Project shop Warning No resource found to remove for project \"shop\".");
  }

  @Test
  void leavesAnUnchangedProjectAlone() {
    Sketch sketch =
        new Sketch()
            .service("a", "1", 1, "", "no")
            .service("b", "1", 1, "a:service_started:false", "no");
    host.open().up(sketch.translation(), UpOptions.DEFAULT, host.progress);
    engine.calls.clear();
    host.said.clear();
    host.projects().up(sketch.translation(), UpOptions.DEFAULT, host.progress);
    assertThat(engine.calls).isEmpty();
    assertThat(host.said)
        .containsExactlyInAnyOrder("Container shop-a-1 Running", "Container shop-b-1 Running");
  }

  @Test
  void changesLimitsInPlaceAndRecreatesWhereThatIsRefused() {
    Sketch first = new Sketch().service("a", "1", 1, "", "no");
    Sketch second = new Sketch().service("a", "2", 1, "", "always");
    Sketch third = new Sketch().service("a", "3", 1, "", "no");
    host.open().up(first.translation(), UpOptions.DEFAULT, host.progress);
    String id = engine.find("shop-a-1").orElseThrow().id();
    host.said.clear();
    host.projects().up(second.translation(), UpOptions.DEFAULT, host.progress);
    assertThat(engine.find("shop-a-1").orElseThrow().id()).isEqualTo(id);
    assertThat(engine.find("shop-a-1").orElseThrow().labels())
        .containsEntry(Labels.CONFIG_HASH, "2");
    assertThat(host.said)
        .containsExactly("Container shop-a-1 Updating", "Container shop-a-1 Updated");
    host.said.clear();
    host.projects().up(second.translation(), UpOptions.DEFAULT, host.progress);
    assertThat(host.said).containsExactly("Container shop-a-1 Running");

    engine.refused = "update";
    host.projects().up(third.translation(), UpOptions.DEFAULT, host.progress);
    assertThat(engine.find("shop-a-1").orElseThrow().id()).isNotEqualTo(id);
    assertThat(engine.find("shop-a-1").orElseThrow().labels())
        .containsEntry(Labels.CONFIG_HASH, "3");
    assertThat(engine.text()).contains("shop-a-1 RUNNING");
    assertThat(host.said).anyMatch(line -> line.contains("it is recreated, because"));
  }

  @Test
  void waitsForHealthByEvent() throws Exception {
    engine.slowHealth.add("db");
    host.finishInit();
    host.open();
    CompletableFuture<Void> up =
        CompletableFuture.runAsync(
            () -> host.projects().up(shop().translation(), UpOptions.DEFAULT, host.progress));
    until(() -> host.said.contains("Container shop-db-1 Waiting"));
    until(() -> host.state("shop-web-1") == State.CREATED);
    engine.health("shop-db-1", HealthStatus.HEALTHY);
    up.get(10, TimeUnit.SECONDS);
    assertThat(host.state("shop-web-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void failsWhenADependencyIsUnhealthyAndLeavesTheRest() {
    engine.slowHealth.add("db");
    host.open();
    CompletableFuture<Void> up =
        CompletableFuture.runAsync(
            () -> host.projects().up(shop().translation(), UpOptions.DEFAULT, host.progress));
    until(() -> host.said.contains("Container shop-db-1 Waiting"));
    engine.health("shop-db-1", HealthStatus.UNHEALTHY);
    assertThatThrownBy(() -> up.get(10, TimeUnit.SECONDS))
        .hasMessageContaining("dependency failed to start: container shop-db-1 is unhealthy");
    until(() -> host.state("shop-web-1") == State.CREATED);
  }

  @Test
  void failsWhenAJobFails() {
    host.finishInit();
    engine.exitCodes.put("init", 3);
    host.open();
    assertThatThrownBy(
            () -> host.projects().up(shop().translation(), UpOptions.DEFAULT, host.progress))
        .hasMessage("service \"init\" didn't complete successfully: exit 3");
  }

  @Test
  void warnsWhenAnOptionalDependencyFails() {
    host.finishInit();
    engine.exitCodes.put("init", 3);
    Sketch sketch =
        new Sketch()
            .service("init", "1", 1, "", "no")
            .service("opt", "1", 1, "init:service_completed_successfully:false", "no");
    host.open().up(sketch.translation(), UpOptions.DEFAULT, host.progress);
    assertThat(host.state("shop-opt-1")).isEqualTo(State.RUNNING);
    assertThat(host.said)
        .anyMatch(s -> s.startsWith("Container shop-init-1 Warning optional dependency"));
  }

  @Test
  void downOvertakesAnUpThatWaits() {
    engine.slowHealth.add("db");
    host.open();
    CompletableFuture<Void> up =
        CompletableFuture.runAsync(
            () -> host.projects().up(shop().translation(), UpOptions.DEFAULT, host.progress));
    until(() -> host.said.contains("Container shop-db-1 Waiting"));
    host.projects().down("shop", DownOptions.DEFAULT, host.progress);
    assertThatThrownBy(() -> up.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(JcomposeException.Cancelled.class);
    assertThat(engine.list(Map.of())).isEmpty();
  }

  @Test
  void recreatesWithReasonAndRestartsFollowers() {
    host.finishInit();
    host.open().up(shop().translation(), UpOptions.DEFAULT, host.progress);
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
    host.projects().up(changed.translation(), UpOptions.DEFAULT, host.progress);
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
    assertThatThrownBy(() -> host.open().up(shop().translation(), UpOptions.DEFAULT, Progress.NONE))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage("service db: impossible\nservice web: impossible");
    assertThat(engine.text()).isEmpty();
    assertThat(engine.calls).isEmpty();
  }

  @Test
  void tellsWhatAContainerDoesWithout() {
    engine.weak = true;
    Sketch sketch = new Sketch().service("a", "1", 1, "", "no");
    host.open().up(sketch.translation(), UpOptions.DEFAULT, host.progress);
    assertThat(host.said).contains("Container shop-a-1 Warning Weight discarded.");
    assertThat(host.state("shop-a-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void takesBackWhatWasMadeInVain() {
    engine.refused = "start shop-db-1";
    assertThatThrownBy(() -> host.open().up(shop().translation(), UpOptions.DEFAULT, Progress.NONE))
        .hasMessage("refused: start shop-db-1");
    assertThat(engine.text()).isEmpty();
  }

  @Test
  void leavesWhatRunsWhenAnotherServiceCannotStart() {
    Sketch two = new Sketch().service("a", "1", 1, "", "no").service("b", "1", 1, "", "no");
    engine.refused = "start shop-b-1";
    assertThatThrownBy(() -> host.open().up(two.translation(), UpOptions.DEFAULT, Progress.NONE))
        .hasMessage("refused: start shop-b-1");
    assertThat(engine.text())
        .isEqualTo("shop-a-1 RUNNING\nnetwork shop_default\nvolume shop_data\n");
  }

  @Test
  void keepsASuccessorThatCannotStartForItHasTheVolumes() {
    host.open()
        .up(
            new Sketch().service("a", "1", 1, "", "no").translation(),
            UpOptions.DEFAULT,
            host.progress);
    engine.refused = "start shop-a-1";
    Translation changed = new Sketch().service("a", "2", 1, "", "no").translation();
    assertThatThrownBy(() -> host.projects().up(changed, UpOptions.DEFAULT, Progress.NONE))
        .hasMessage("refused: start shop-a-1");
    assertThat(engine.text())
        .isEqualTo("shop-a-1 CREATED\nnetwork shop_default\nvolume shop_data\n");
  }

  @Test
  void aContainerThatEndsBeforeItIsKilledIsNoFailure() {
    Sketch one = new Sketch().service("a", "1", 1, "", "no");
    host.open().up(one.translation(), UpOptions.DEFAULT, Progress.NONE);
    Progress endsFirst =
        step -> {
          if (step.status().equals("Killing")) {
            engine.die("shop-a-1", 0);
          }
        };
    host.projects().kill(Target.of("shop", List.of("a")), "SIGKILL", endsFirst);
    assertThat(engine.callsOf("kill")).containsExactly("kill shop-a-1");
    assertThatThrownBy(() -> new FakeContainers(engine).kill("shop-a-1", "SIGKILL"))
        .isInstanceOf(JcomposeException.Conflict.class);
  }

  @Test
  void downRemovesImagesWhereThereIsNoContainer() {
    List<String> images = List.of("busybox", "gone");
    DownOptions options = new DownOptions(List.of(), false, images, false, null);
    host.open().down("shop", options, host.progress);
    assertThat(engine.callsOf("remove-image")).containsExactly("remove-image busybox");
    assertThat(host.said).containsExactly("Image busybox Removing", "Image busybox Removed");
    host.said.clear();
    host.projects().down("shop", options, host.progress);
    assertThat(host.said)
        .containsExactly("Project shop Warning No resource found to remove for project \"shop\".");
  }

  @Test
  void aRestartIsReportedWhenItsStopBegins() {
    host.finishInit();
    host.open().up(shop().translation(), UpOptions.DEFAULT, host.progress);
    List<String> said = new CopyOnWriteArrayList<>();
    host.projects()
        .restart(
            Target.of("shop", List.of("web")),
            null,
            true,
            step -> said.add(step.status() + " " + engine.callsOf("stop").size()));
    assertThat(said).first().isEqualTo("Restarting 0");
    assertThat(said).last().isEqualTo("Started " + engine.callsOf("stop").size());
    assertThat(said)
        .filteredOn(text -> text.startsWith("Restarting"))
        .hasSameSizeAs(engine.callsOf("stop")); // and not again when it starts
  }

  @Test
  void downOfAServiceRemovesItsImage() {
    host.finishInit();
    host.open().up(shop().translation(), UpOptions.DEFAULT, host.progress);
    host.projects()
        .down(
            "shop",
            new DownOptions(List.of("web"), false, List.of("busybox"), false, null),
            Progress.NONE);
    assertThat(engine.callsOf("remove-image")).containsExactly("remove-image busybox");
  }

  @Test
  void pullsEachMissingImageOnceAndRunsAOneOff() {
    engine.images.clear();
    host.finishInit();
    host.open();
    String id =
        host.projects()
            .run(shop().translation(), RunOptions.of("web", List.of("true")), host.progress);
    assertThat(engine.callsOf("pull")).containsExactly("pull busybox");
    ContainerView view = engine.find(id).orElseThrow();
    assertThat(view.name()).matches("shop-web-run-[0-9a-f]{12}");
    assertThat(view.state()).isEqualTo(State.CREATED);
    assertThat(engine.text()).contains("shop-db-1 RUNNING").doesNotContain("shop-web-1");
  }

  @Test
  void pullsAnImageThatIsThereForAnotherPlatform() {
    Sketch sketch = new Sketch().platform("linux/arm64").service("a", "1", 1, "", "no");
    host.open().up(sketch.translation(), UpOptions.DEFAULT, host.progress);
    assertThat(engine.callsOf("pull")).containsExactly("pull busybox for linux/arm64");
  }

  @Test
  void startsIndependentContainersAtTheSameTime() {
    engine.delay = Duration.ofMillis(20);
    Sketch sketch = new Sketch();
    for (int i = 0; i < 50; i++) {
      sketch.service("s" + i, "1", 1, "", "no");
    }
    host.open().up(sketch.translation(), UpOptions.DEFAULT, Progress.NONE);
    assertThat(engine.mostAtOnce).isGreaterThan(10);
    host.projects().down("shop", DownOptions.DEFAULT, Progress.NONE);
    assertThat(engine.list(Map.of())).isEmpty();
  }
}
