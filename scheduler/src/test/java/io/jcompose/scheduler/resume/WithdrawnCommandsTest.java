package io.jcompose.scheduler.resume;

import static io.jcompose.scheduler.ProjectsFixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.Target;
import io.jcompose.scheduler.UpOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands that end containers, whose callers leave: by Ctrl-C, or killed. */
@Timeout(60)
class WithdrawnCommandsTest {
  private static final String KEPT =
      "shop-db-1 RUNNING\nshop-web-1 EXITED\nshop-web-2 EXITED\n"
          + "network shop_default\nvolume shop_data\n";

  private static final DownOptions WITH_VOLUMES =
      new DownOptions(List.of(), true, List.of(), false, null);

  private final ProjectsFixture host;

  WithdrawnCommandsTest(@TempDir Path dir) {
    host = new ProjectsFixture(dir);
  }

  @BeforeEach
  void up() {
    Sketch shop =
        new Sketch()
            .service("db", "1", 1, "", "always")
            .service("web", "1", 2, "db:service_started:true", "always");
    ProjectsFixture.up(host.open(), shop.translation(), UpOptions.DEFAULT, Progress.NONE);
  }

  @AfterEach
  void close() {
    host.engine.release();
    host.close();
  }

  /** Leaves the command when it waits for its first stops. */
  private CompletableFuture<Void> left(BiConsumer<String, Progress> command) {
    ProjectsFixture.Caller caller = host.new Caller();
    host.engine.hold("stop ");
    CompletableFuture<Void> given =
        CompletableFuture.runAsync(
            () -> command.accept("shop", caller), task -> Thread.ofVirtual().start(task));
    until(() -> host.engine.heldCalls.size() == 2);
    caller.leave();
    return given;
  }

  private void assertStopsOnlyWhatIsInHand(BiConsumer<String, Progress> command) {
    CompletableFuture<Void> given = left(command);
    host.engine.release();
    assertThatThrownBy(() -> given.get(20, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(JcomposeException.Cancelled.class)
        .hasMessageContaining("its caller has left");
    assertThat(host.engine.text()).isEqualTo(KEPT);
    assertThat(host.engine.callsOf("remove")).isEmpty();
    host.open().resume();
    assertThat(host.engine.callsOf("remove")).as("a start does not do the rest").isEmpty();
  }

  @Test
  void aDownRemovesNothingMore() {
    assertStopsOnlyWhatIsInHand((name, caller) -> host.projects().down(name, WITH_VOLUMES, caller));
  }

  @Test
  void aDownOfServicesRemovesNothingMore() {
    DownOptions some = new DownOptions(List.of("db", "web"), true, List.of(), false, null);
    assertStopsOnlyWhatIsInHand((name, caller) -> host.projects().down(name, some, caller));
  }

  @Test
  void anRmThatStopsRemovesNothingMore() {
    assertStopsOnlyWhatIsInHand(
        (name, caller) -> host.projects().remove(Target.of(name, List.of()), true, true, caller));
  }

  @Test
  void aStopStopsNoFurtherOnes() {
    assertStopsOnlyWhatIsInHand(
        (name, caller) -> host.projects().stop(Target.of(name, List.of()), null, caller));
  }

  @Test
  void aRestartStartsAgainWhatItHasStopped() throws Exception {
    CompletableFuture<Void> given =
        left(
            (name, caller) ->
                host.projects().restart(Target.of(name, List.of("web")), null, true, caller));
    host.engine.release();
    given.get(20, TimeUnit.SECONDS);
    assertThat(host.engine.text()).isEqualTo(KEPT.replaceAll("(web-.) EXITED", "$1 RUNNING"));
  }

  /** Nobody wants it any more, although the state says that it was begun. */
  @Test
  void anEngineThatDiesMeanwhileDoesNotDoTheRestAtItsNextStart() {
    left((name, caller) -> host.projects().down(name, WITH_VOLUMES, caller));
    host.abandon();
    host.open().resume();
    assertThat(host.engine.callsOf("remove")).isEmpty();
    assertThat(host.engine.text()).contains("network shop_default\nvolume shop_data\n");
  }

  /** Who waits finds it done; the next command of a person counts, too. */
  @Test
  void theNextDownRemovesAll() {
    assertStopsOnlyWhatIsInHand((name, caller) -> host.projects().down(name, WITH_VOLUMES, caller));
    host.projects().down("shop", WITH_VOLUMES, Progress.NONE);
    assertThat(host.engine.text()).isEmpty();
  }
}
