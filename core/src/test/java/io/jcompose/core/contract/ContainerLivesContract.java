package io.jcompose.core.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every implementation of {@link Containers} keeps of names, labels, ends and restarts. */
@Timeout(300)
public abstract class ContainerLivesContract {
  /** The implementation; the same one all through a test. */
  protected abstract PortsFixture ports();

  @Test
  void whatRunsIsRemovedByForceOnly() {
    String id = containers().create(ports().lasting("one"));
    containers().start("one");
    assertConflict(() -> containers().remove("one", false, true), "container is running: stop");
    containers().pause("one");
    assertConflict(
        () -> containers().remove("one", false, true),
        "container is paused and must be unpaused first");
    assertThat(view("one").state()).isEqualTo(State.PAUSED);
    containers().remove("one", true, true);
    assertThat(containers().find(id)).isEmpty();
    assertThat(containers().list(Map.of())).isEmpty();
  }

  @Test
  void aRenameFreesTheOldNameAndTakesNoneThatIsTaken() {
    String id = containers().create(ports().lasting("one"));
    containers().rename("one", "two");
    assertThat(containers().find("one")).isEmpty();
    String other = containers().create(ports().lasting("one"));
    assertConflict(() -> containers().rename("two", "one"), "\"/one\" is already in use");
    containers().rename("two", "two");
    assertThat(view("two").id()).isEqualTo(id);
    assertThat(view("one").id()).isEqualTo(other);
  }

  @Test
  void anUpdateReplacesAllLabelsAndDisturbsNothing() {
    containers().create(Specs.labelled(ports().lasting("one"), "old", "1"));
    containers().start("one");
    ContainerView before = view("one");
    RestartPolicy policy = new RestartPolicy(RestartPolicy.Kind.ON_FAILURE, 2);
    containers().update("one", before.spec().resources(), policy, Map.of("new", "2"));
    assertThat(view("one").labels()).isEqualTo(Map.of("new", "2"));
    assertThat(view("one").spec().lifecycle().restart()).isEqualTo(policy);
    assertThat(view("one").pid()).isEqualTo(before.pid());
    assertThat(view("one").startedAt()).isEqualTo(before.startedAt());
    assertThat(containers().list(Map.of("old", "1"))).isEmpty();
  }

  @Test
  void aListHasWhatCarriesAllLabelsByName() {
    containers().create(Specs.labelled(ports().lasting("two"), "a", "1"));
    containers().create(Specs.labelled(Specs.labelled(ports().lasting("one"), "a", "1"), "b", "2"));
    containers().create(Specs.labelled(ports().lasting("three"), "a", ""));
    assertThat(names(Map.of())).containsExactly("one", "three", "two");
    assertThat(names(Map.of("a", ""))).containsExactly("one", "three", "two");
    assertThat(names(Map.of("a", "1"))).containsExactly("one", "two");
    assertThat(names(Map.of("a", "1", "b", ""))).containsExactly("one");
    assertThat(names(Map.of("a", "2"))).isEmpty();
  }

  @Test
  void awaitWaitsForTheEndAndGivesTheLastCode() throws Exception {
    containers().create(ports().ending("short", 7));
    assertThat(containers().await("short")).isZero(); // it has not run yet
    containers().start("short");
    assertThat(containers().await("short")).isEqualTo(7);
    assertThat(containers().await("short")).isEqualTo(7);
    assertThat(view("short").state()).isEqualTo(State.EXITED);
    containers().create(ports().lasting("long"));
    containers().start("long");
    CompletableFuture<Integer> end =
        CompletableFuture.supplyAsync(() -> containers().await("long"), Thread::startVirtualThread);
    containers().stop("long", null, true);
    assertThat(end.get(60, TimeUnit.SECONDS)).isEqualTo(143);
  }

  @Test
  void whatItsPolicyStartsAgainRestartsFromItsEndOn() {
    containers().create(Specs.always(ports().ending("one", 3)));
    containers().start("one");
    assertThat(containers().await("one")).isEqualTo(3);
    assertThat(view("one").state()).isEqualTo(State.RESTARTING);
    assertThat(view("one").isActive()).isTrue();
    containers().markRestarting("one", Duration.ofMillis(200));
    assertThat(view("one").restartPause()).isEqualTo(Duration.ofMillis(200));
    assertConflict(() -> containers().remove("one", false, true), "container is restarting: stop");
    containers().restartAfterExit("one");
    assertThat(containers().await("one")).isEqualTo(3);
    assertThat(view("one").restartCount()).isEqualTo(1);
    containers().stop("one", null, true);
    assertThat(view("one").state()).isEqualTo(State.EXITED);
    assertThat(view("one").exitCode()).isEqualTo(3);
    assertThat(view("one").manuallyStopped()).isTrue();
    containers().restartAfterExit("one");
    assertThat(view("one").restartCount()).isEqualTo(1); // it was not to be started again
    containers().start("one");
    containers().await("one");
    assertThat(view("one").restartCount()).isZero(); // somebody has started it
    containers().markEnded("one");
    assertThat(view("one").state()).isEqualTo(State.EXITED);
  }

  @Test
  void anEndThatWasAskedForIsNoReasonToRestart() {
    containers().create(Specs.always(ports().lasting("one")));
    containers().start("one");
    containers().markEnded("one");
    assertThat(view("one").state()).isEqualTo(State.RUNNING);
    containers().stop("one", null, false);
    assertThat(view("one").state()).isEqualTo(State.EXITED);
    containers().markRestarting("one", Duration.ofMillis(200));
    assertThat(view("one").state()).isEqualTo(State.EXITED);
    containers().restartAfterExit("one");
    assertThat(view("one").state()).isEqualTo(State.EXITED);
  }

  @Test
  void anEndThatNobodyAskedForMayBeMadeARestart() {
    containers().create(ports().ending("one", 0));
    containers().start("one");
    containers().await("one");
    assertThat(view("one").state()).isEqualTo(State.EXITED);
    containers().markRestarting("one", Duration.ZERO);
    assertThat(view("one").state()).isEqualTo(State.RESTARTING);
  }

  @Test
  void aStopForARestartLeavesItRestartingUntilItsStart() {
    containers().create(ports().lasting("one"));
    containers().start("one");
    containers().stopForRestart("one");
    assertThat(view("one").state()).isEqualTo(State.RESTARTING);
    assertThat(view("one").exitCode()).isEqualTo(143);
    assertThat(view("one").manuallyStopped()).isFalse();
    containers().start("one");
    assertThat(view("one").state()).isEqualTo(State.RUNNING);
    assertThat(view("one").restartCount()).isZero();
  }

  private List<String> names(Map<String, String> labels) {
    return containers().list(labels).stream().map(ContainerView::name).toList();
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
