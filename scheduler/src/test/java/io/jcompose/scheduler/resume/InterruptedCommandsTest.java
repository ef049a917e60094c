package io.jcompose.scheduler.resume;

import static io.jcompose.scheduler.ProjectsFixture.shop;
import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.Target;
import io.jcompose.scheduler.UpOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands during which the engine dies, at any of its calls: the next start completes them or
 * takes them back. {@link InterruptedPlansTest} has the same of plans, in any order of their steps.
 */
@Timeout(60)
class InterruptedCommandsTest {
  private final ProjectsFixture host;

  InterruptedCommandsTest(@TempDir Path dir) {
    host = new ProjectsFixture(dir);
  }

  @AfterEach
  void close() {
    host.close();
  }

  @Test
  void finishesAnUpAfterACrashAtAnyCall() throws IOException {
    for (int calls = 0; calls < 20; calls++) {
      host.fresh();
      host.finishInit();
      crash(
          calls,
          () ->
              ProjectsFixture.up(
                  host.projects(), shop().translation(), UpOptions.DEFAULT, Progress.NONE));
      host.open().resume();
      assertThat(host.engine.text())
          .as("after %d calls", calls)
          .isEqualTo(
              "shop-db-1 RUNNING\nshop-init-1 EXITED\nshop-web-1 RUNNING\nshop-web-2 RUNNING\n"
                  + "network shop_default\nvolume shop_data\n");
      clean();
    }
  }

  @Test
  void finishesARecreationAfterACrashAtAnyCall() throws IOException {
    UpOptions force = UpOptions.DEFAULT.with().forceRecreate(true).build();
    for (int calls = 0; calls < 30; calls++) {
      host.fresh();
      host.finishInit();
      ProjectsFixture.up(host.open(), shop().translation(), UpOptions.DEFAULT, Progress.NONE);
      List<String> ids = host.engine.list(Map.of()).stream().map(ContainerView::id).toList();
      crash(
          calls,
          () -> ProjectsFixture.up(host.projects(), shop().translation(), force, Progress.NONE));
      host.open().resume();
      assertThat(host.engine.text())
          .as("after %d calls", calls)
          .isEqualTo(
              "shop-db-1 RUNNING\nshop-init-1 EXITED\nshop-web-1 RUNNING\nshop-web-2 RUNNING\n"
                  + "network shop_default\nvolume shop_data\n");
      assertThat(host.engine.list(Map.of()))
          .extracting(ContainerView::id)
          .doesNotContainAnyElementsOf(ids);
      clean();
    }
  }

  @Test
  void finishesARestartAfterACrashAtAnyCall() throws IOException {
    for (int calls = 0; calls < 12; calls++) {
      host.fresh();
      host.finishInit();
      ProjectsFixture.up(host.open(), shop().translation(), UpOptions.DEFAULT, Progress.NONE);
      crash(
          calls,
          () ->
              host.projects()
                  .restart(Target.of("shop", List.of("db", "web")), null, false, Progress.NONE));
      host.open().resume();
      assertThat(host.engine.text())
          .as("after %d calls", calls)
          .isEqualTo(
              "shop-db-1 RUNNING\nshop-init-1 EXITED\nshop-web-1 RUNNING\nshop-web-2 RUNNING\n"
                  + "network shop_default\nvolume shop_data\n");
      clean();
    }
  }

  @Test
  void finishesADownAfterACrashAtAnyCall() throws IOException {
    for (int calls = 0; calls < 12; calls++) {
      host.fresh();
      host.finishInit();
      ProjectsFixture.up(host.open(), shop().translation(), UpOptions.DEFAULT, Progress.NONE);
      crash(calls, () -> host.projects().down("shop", DownOptions.DEFAULT, Progress.NONE));
      host.open().resume();
      assertThat(host.engine.text()).as("after %d calls", calls).isEqualTo("volume shop_data\n");
      assertThat(host.dir).isEmptyDirectory();
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
    finishes(
        () -> host.projects().stop(Target.of("shop", both), null, Progress.NONE), stopped + rest);
    finishes(
        () -> host.projects().kill(Target.of("shop", List.of()), "SIGKILL", Progress.NONE),
        stopped + rest);
    finishes(
        () -> host.projects().remove(Target.of("shop", List.of()), false, false, Progress.NONE),
        removed + rest);
    finishes(
        () -> host.projects().remove(Target.of("shop", List.of()), true, false, Progress.NONE),
        rest);
    finishes(() -> host.projects().down("shop", web, Progress.NONE), "shop-init-1 EXITED\n" + rest);
  }

  private void finishes(Runnable command, String after) throws IOException {
    boolean killed = true;
    for (int calls = 0; killed; calls++) {
      host.fresh();
      host.finishInit();
      ProjectsFixture.up(host.open(), shop().translation(), UpOptions.DEFAULT, Progress.NONE);
      killed = crash(calls, command);
      if (killed) { // else it is Docker's rule what a start makes of a stop
        host.open().resume();
      }
      assertThat(host.engine.text()).as("after %d calls", calls).isEqualTo(after);
      clean();
    }
  }

  @Test
  void startsAgainWhatAnUpHadStoppedWhenItCannotBeCompleted() throws IOException {
    host.finishInit();
    ProjectsFixture.up(host.open(), shop().translation(), UpOptions.DEFAULT, Progress.NONE);
    Sketch changed =
        new Sketch()
            .service("db", "2", 1, "", "always")
            .service("init", "1", 1, "db:service_healthy:false", "no")
            .service("web", "1", 2, "db:service_healthy:true", "always");
    crash(
        3,
        () ->
            ProjectsFixture.up(
                host.projects(), changed.translation(), UpOptions.DEFAULT, Progress.NONE));
    assertThat(host.engine.text()).contains("shop-web-1 EXITED\nshop-web-2 EXITED\n");
    host.engine.refused = "create ";
    host.open().resume();
    assertThat(host.engine.text())
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
    host.open();
    host.engine.callsLeft = calls;
    try {
      command.run();
    } catch (JcomposeException e) {
      assertThat(e).hasMessageContaining("killed");
      Files.deleteIfExists(host.dir.resolve("shop.done"));
      killed = true;
    }
    host.projects().close();
    host.engine.listeners.clear();
    host.engine.callsLeft = Integer.MAX_VALUE;
    return killed;
  }

  private void clean() throws IOException {
    Files.deleteIfExists(host.dir.resolve("shop.done"));
    Files.deleteIfExists(host.dir.resolve("shop.json"));
  }
}
