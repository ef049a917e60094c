package io.jcompose.core.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every implementation of {@link Containers} keeps, but for restarts. */
@Timeout(300)
public abstract class ContainersContract {
  /** The implementation; the same one all through a test. */
  protected abstract PortsFixture ports();

  @Test
  void aNewContainerIsFoundByItsIdByABeginningOfItAndByItsName() {
    String id = containers().create(ports().lasting("one"));
    for (String ref : List.of(id, id.substring(0, 12), "one")) {
      assertThat(view(ref).id()).as(ref).isEqualTo(id);
    }
    assertThat(view(id).state()).isEqualTo(State.CREATED);
    assertThat(view(id).startedAt()).isNull();
    assertThat(view(id).pid()).isZero();
    assertThat(containers().find("on")).isEmpty();
    assertThat(containers().find("")).isEmpty();
  }

  @Test
  void aNameIsTakenUntilItsContainerIsGone() {
    String id = containers().create(ports().lasting("one"));
    assertThatThrownBy(() -> containers().create(ports().ending("one", 0)))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("The container name \"/one\" is already in use by container \"" + id);
    assertThat(containers().list(Map.of())).extracting(ContainerView::id).containsExactly(id);
    containers().remove("one", false, false);
    assertThat(containers().create(ports().lasting("one"))).isNotEqualTo(id);
  }

  @Test
  void withoutItsImageNothingIsMade() {
    assertThatThrownBy(() -> containers().create(Specs.of(ports().lasting("one"), "none:1")))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("No such image: none:1");
    assertThat(containers().find("one")).isEmpty();
    containers().create(ports().lasting("one"));
  }

  @Test
  void whatIsNotThereIsRefusedByAllButRemove() {
    Containers c = containers();
    List<Consumer<String>> verbs =
        List.of(
            c::start,
            c::restarted,
            c::restartAfterExit,
            ref -> c.markRestarting(ref, Duration.ZERO),
            c::markEnded,
            c::stopForRestart,
            ref -> c.stop(ref, null, true),
            ref -> c.kill(ref, "TERM"),
            c::pause,
            c::unpause,
            ref -> c.rename(ref, "other"),
            ref -> c.update(ref, Resources.UNLIMITED, RestartPolicy.NO, Map.of()),
            c::await);
    for (Consumer<String> verb : verbs) {
      assertThatThrownBy(() -> verb.accept("none"))
          .isInstanceOf(JcomposeException.NotFound.class)
          .hasMessage("No such container: none");
    }
    c.remove("none", false, true);
    c.remove("none", true, false);
  }

  @Test
  void aSecondStartDoesNothing() {
    containers().create(ports().lasting("one"));
    containers().start("one");
    ContainerView before = view("one");
    assertThat(before.state()).isEqualTo(State.RUNNING);
    assertThat(before.startedAt()).isNotNull();
    assertThat(before.pid()).isPositive();
    containers().start("one");
    assertThat(view("one")).isEqualTo(before);
  }

  @Test
  void aStopEndsWhatRunsByItsSignalAndASecondDoesNothing() {
    containers().create(ports().lasting("one"));
    containers().stop("one", null, false);
    assertThat(view("one").state()).isEqualTo(State.CREATED);
    containers().start("one");
    containers().stop("one", null, true);
    ContainerView ended = view("one");
    assertThat(ended.state()).isEqualTo(State.EXITED);
    assertThat(ended.exitCode()).isEqualTo(143);
    assertThat(ended.manuallyStopped()).isTrue();
    assertThat(ended.finishedAt()).isNotNull();
    assertThat(ended.pid()).isZero();
    containers().stop("one", null, true);
    assertThat(view("one")).isEqualTo(ended);
    containers().start("one");
    assertThat(view("one").exitCode()).isZero();
    assertThat(view("one").manuallyStopped()).isFalse();
    containers().stop("one", null, false);
    assertThat(view("one").manuallyStopped()).isFalse();
  }

  @Test
  void aKillSendsTheSignalWhateverItsSpelling() {
    containers().create(ports().lasting("one"));
    Map<String, Integer> codes =
        Map.of("KILL", 137, "SIGKILL", 137, "9", 137, "TERM", 143, "sighup", 129, "1", 129);
    codes.forEach(
        (signal, code) -> {
          containers().start("one");
          containers().kill("one", signal);
          assertThat(containers().await("one")).as(signal).isEqualTo(code);
          assertThat(view("one").state()).as(signal).isEqualTo(State.EXITED);
          // by KILL or its stop signal somebody wants it to end; what others do is its own affair
          assertThat(view("one").manuallyStopped()).as(signal).isEqualTo(code != 129);
        });
  }

  @Test
  void aKillIsRefusedWhereNothingRunsAndForNoSignal() {
    containers().create(ports().lasting("one"));
    assertThatThrownBy(() -> containers().kill("one", "KILL"))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("is not running");
    containers().start("one");
    assertThatThrownBy(() -> containers().kill("one", "NONE"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage("invalid signal: NONE");
    assertThat(view("one").isRunning()).isTrue();
  }

  @Test
  void aPauseChangesNothingButTheState() {
    containers().create(ports().lasting("one"));
    assertConflict(() -> containers().pause("one"), "is not running");
    containers().start("one");
    ContainerView before = view("one");
    assertConflict(() -> containers().unpause("one"), "is not paused");
    containers().pause("one");
    assertThat(view("one").state()).isEqualTo(State.PAUSED);
    assertThat(view("one").isRunning()).isTrue();
    assertThat(view("one").pid()).isEqualTo(before.pid());
    assertConflict(() -> containers().pause("one"), "is already paused");
    containers().unpause("one");
    assertThat(view("one")).isEqualTo(before);
    containers().pause("one");
    containers().stop("one", null, true);
    assertThat(view("one").state()).isEqualTo(State.EXITED);
    assertThat(view("one").exitCode()).isEqualTo(143);
  }

  private static void assertConflict(Runnable work, String why) {
    assertThatThrownBy(work::run)
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining(why);
  }

  private Containers containers() {
    return ports().containers();
  }

  private ContainerView view(String ref) {
    return containers().find(ref).orElseThrow();
  }
}
