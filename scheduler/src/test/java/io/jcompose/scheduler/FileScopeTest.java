package io.jcompose.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two files with one project: a command acts on its file's services and volumes only. */
@Timeout(60)
class FileScopeTest {
  private final ProjectsFixture host;
  private final FakeEngine engine;

  FileScopeTest(@TempDir Path dir) {
    host = new ProjectsFixture(dir);
    engine = host.engine;
    host.open();
  }

  @AfterEach
  void close() {
    host.close();
  }

  private static Sketch app() {
    return new Sketch()
        .file("/shop/compose.yaml", "adata")
        .service("app", "1", 1, "", "always")
        .service("ng", "1", 1, "app:service_started:false", "always");
  }

  private static Sketch tests() {
    return new Sketch().file("/shop/tests.yaml", "bdata").service("tests", "1", 1, "", "always");
  }

  private void up(Sketch sketch) {
    host.projects().up(sketch.translation(), UpOptions.DEFAULT, host.progress);
  }

  private void down(Sketch file, boolean volumes) {
    host.projects()
        .down(
            "shop",
            new DownOptions(List.of(), volumes, List.of(), false, null, file.scope()),
            host.progress);
  }

  private static Target of(Sketch file) {
    return new Target("shop", List.of(), List.of(), file.scope());
  }

  private List<String> running() {
    return engine.list(Map.of()).stream()
        .filter(ContainerView::isRunning)
        .map(ContainerView::name)
        .toList();
  }

  @Test
  void downWithVolumesTakesOnlyThoseOfTheFile() {
    up(app());
    down(app(), false);
    up(tests());
    down(tests(), true);
    assertThat(engine.text()).isEqualTo("volume shop_adata\n");
  }

  @Test
  void downLeavesWhatAnotherFileBroughtUp() {
    up(app());
    up(tests());
    host.said.clear();
    down(app(), true);
    assertThat(engine.text())
        .isEqualTo("shop-tests-1 RUNNING\nnetwork shop_default\nvolume shop_bdata\n");
    assertThat(host.said).contains("Network shop_default Resource is still in use");
    up(tests());
    assertThat(engine.text()).startsWith("shop-tests-1 RUNNING\n");

    down(tests(), true);
    assertThat(engine.text()).isEmpty();
    assertThat(host.dir).isEmptyDirectory();
  }

  @Test
  void downWithOrphansOrByNameAloneTakesAll() {
    up(app());
    up(tests());
    host.projects()
        .down(
            "shop",
            new DownOptions(List.of(), false, List.of(), true, null, app().scope()),
            host.progress);
    assertThat(engine.list(Map.of())).isEmpty();
    up(app());
    up(tests());
    host.projects().down("shop", DownOptions.DEFAULT, host.progress);
    assertThat(engine.list(Map.of())).isEmpty();
  }

  /** What the very same file has lost since is no orphan; a volume that it lost stays. */
  @Test
  void downTakesWhatTheSameFileHadAtTheLastUp() {
    up(app());
    Sketch edited =
        new Sketch().file("/shop/compose.yaml", "other").service("app", "1", 1, "", "always");
    down(edited, true);
    assertThat(engine.text()).isEqualTo("volume shop_adata\n");
  }

  @Test
  void killLeavesWhatItsFileHasLost() {
    up(app());
    Target edited =
        of(new Sketch().file("/shop/compose.yaml", "adata").service("app", "1", 1, "", "always"));
    host.projects().kill(edited, "SIGTERM", Progress.NONE);
    host.projects().kill(edited, "SIGKILL", Progress.NONE);
    assertThat(engine.callsOf("kill")).isNotEmpty().doesNotContain("kill shop-ng-1");
    host.projects().stop(edited, null, Progress.NONE);
    assertThat(running()).isEmpty();
  }

  @Test
  void aNetworkThatAStoppedContainerNeedsStays() {
    up(app());
    up(tests());
    host.projects().stop(of(tests()), null, Progress.NONE);
    down(app(), false);
    host.projects().start(of(tests()), Progress.NONE);
    assertThat(running()).containsExactly("shop-tests-1");
  }

  @Test
  void otherCommandsActOnTheServicesOfTheirFile() {
    up(app());
    up(tests());
    Target target = of(app());
    host.projects().stop(target, null, Progress.NONE);
    assertThat(running()).containsExactly("shop-tests-1");
    host.projects().start(target, Progress.NONE);
    assertThat(running()).hasSize(3);
    engine.calls.clear();
    host.projects().restart(target, null, false, Progress.NONE);
    assertThat(engine.callsOf("stop")).doesNotContain("stop shop-tests-1").hasSize(2);
    host.projects().pause(target, Progress.NONE);
    assertThat(host.state("shop-tests-1")).isEqualTo(State.RUNNING);
    assertThat(host.state("shop-app-1")).isEqualTo(State.PAUSED);
    host.projects().unpause(target, Progress.NONE);
    host.projects().kill(target, "SIGTERM", Progress.NONE);
    host.projects().kill(target, "SIGKILL", Progress.NONE);
    host.projects().remove(target, true, true, Progress.NONE);
    assertThat(engine.text()).startsWith("shop-tests-1 RUNNING\nnetwork");
  }

  /** Both the rest of the down and what the other file says survive the engine's end. */
  @Test
  void theNextEngineFinishesTheDownAndBringsTheOthersBack() throws IOException {
    for (int calls = 0; calls < 8; calls++) {
      up(app());
      up(tests());
      engine.callsLeft = calls;
      try {
        down(app(), true);
      } catch (JcomposeException e) {
        Files.deleteIfExists(host.dir.resolve("shop.done"));
      }
      engine.callsLeft = Integer.MAX_VALUE;
      engine.powerCut();
      host.open().resume();
      assertThat(engine.text())
          .as("after %d calls", calls)
          .isEqualTo("shop-tests-1 RUNNING\nnetwork shop_default\nvolume shop_bdata\n");
      host.projects()
          .down("shop", new DownOptions(List.of(), true, List.of(), false, null), Progress.NONE);
    }
  }
}
