package io.jcompose.scheduler.resume;

import static io.jcompose.scheduler.ProjectsFixture.shop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.ProjectsFixture;
import io.jcompose.scheduler.Target;
import io.jcompose.scheduler.UpOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands on containers that were made and started by a clock that was two hours ahead and has
 * been set back since.
 */
@Timeout(60)
class ClocksTest {
  private static final List<String> DB = List.of("db");

  private final ProjectsFixture host;

  ClocksTest(@TempDir Path dir) {
    host = new ProjectsFixture(dir);
  }

  @BeforeEach
  void upByAClockAhead() {
    host.finishInit();
    host.engine.clock = Clock.offset(Clock.systemUTC(), Duration.ofHours(2));
    ProjectsFixture.up(host.open(), shop().translation(), UpOptions.DEFAULT, Progress.NONE);
    host.engine.clock = Clock.systemUTC();
  }

  @AfterEach
  void close() {
    host.close();
  }

  @Test
  void stopStops() {
    host.projects().stop(Target.of("shop", DB), null, Progress.NONE);
    assertThat(host.state("shop-db-1")).isEqualTo(State.EXITED);
  }

  @Test
  void killKills() {
    host.projects().kill(Target.of("shop", DB), "SIGKILL", Progress.NONE);
    assertThat(host.state("shop-db-1")).isEqualTo(State.EXITED);
  }

  @Test
  void removeRemoves() {
    host.projects().remove(Target.of("shop", List.of("init")), false, false, Progress.NONE);
    assertThat(host.state("shop-init-1")).isNull();
    host.projects().remove(Target.of("shop", DB), true, false, Progress.NONE);
    assertThat(host.state("shop-db-1")).isNull();
  }

  @Test
  void downOfAServiceRemoves() {
    host.projects().down("shop", new DownOptions(DB, false, List.of(), false, null), Progress.NONE);
    assertThat(host.state("shop-db-1")).isNull();
  }

  @Test
  void forceRecreates() {
    String before = host.engine.find("shop-db-1").orElseThrow().id();
    UpOptions force = UpOptions.DEFAULT.with().forceRecreate(true).build();
    ProjectsFixture.up(host.projects(), shop().translation(), force, Progress.NONE);
    assertThat(host.engine.find("shop-db-1").orElseThrow().id()).isNotEqualTo(before);
  }

  @Test
  void aReplayMeansWhatItsCommandSaw() throws IOException {
    crashAtFirstCall(() -> host.projects().stop(Target.of("shop", List.of()), null, Progress.NONE));
    host.open().resume();
    assertThat(host.engine.text()).contains("db-1 EXITED", "web-1 EXITED", "web-2 EXITED");
  }

  @Test
  void aReplayLeavesWhatWasStartedSince() throws IOException {
    crashAtFirstCall(() -> host.projects().stop(Target.of("shop", DB), null, Progress.NONE));
    host.engine.die("shop-db-1", 1);
    host.engine.ports().containers().start("shop-db-1");
    host.engine.calls.clear();
    host.open().resume();
    assertThat(host.engine.calls).isEmpty();
    assertThat(host.state("shop-db-1")).isEqualTo(State.RUNNING);
  }

  @Test
  void aRestartIsFinishedOnceWhateverTheClock() throws IOException {
    crashAfter(
        4, () -> host.projects().restart(Target.of("shop", List.of()), null, true, Progress.NONE));
    host.open().resume();
    assertThat(host.engine.text()).contains("db-1 RUNNING", "web-1 RUNNING", "web-2 RUNNING");
  }

  @Test
  void aDownThatFailedIsNotCarriedOnWithByALaterStart() {
    DownOptions withVolumes = new DownOptions(List.of(), true, List.of(), false, null);
    host.engine.refused = "stop shop-db-1";
    assertThatThrownBy(() -> host.projects().down("shop", withVolumes, Progress.NONE))
        .hasMessage("refused: stop shop-db-1");
    host.engine.refused = "";
    host.engine.calls.clear();
    host.open().resume();
    assertThat(host.engine.calls).isEmpty();
    assertThat(host.engine.text()).contains("shop-db-1 RUNNING", "volume shop_data");
  }

  private void crashAtFirstCall(Runnable command) throws IOException {
    crashAfter(0, command);
  }

  private void crashAfter(int calls, Runnable command) throws IOException {
    host.engine.callsLeft = calls;
    assertThatThrownBy(command::run)
        .isInstanceOf(JcomposeException.Internal.class)
        .hasMessageContaining("killed");
    host.projects().close();
    Files.deleteIfExists(host.dir.resolve("shop.done"));
    host.engine.callsLeft = Integer.MAX_VALUE;
  }
}
