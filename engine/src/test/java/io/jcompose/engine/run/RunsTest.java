package io.jcompose.engine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.engine.event.EventHub;
import io.jcompose.engine.health.HealthMonitor;
import io.jcompose.engine.log.ContainerLogs;
import io.jcompose.engine.log.LogFollowers;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.engine.record.StoreFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The races of starts, ends, removals and crashes, each in the order that once went wrong. */
class RunsTest {
  private static final long LIMIT_SECONDS = 30;
  private static final RestartPolicy ALWAYS = new RestartPolicy(RestartPolicy.Kind.ALWAYS, 0);

  @TempDir private Path directory;
  private final EventHub events = new EventHub();
  private final HealthMonitor health = new HealthMonitor();
  private final List<String> told = new ArrayList<>();
  private final List<String> removed = new ArrayList<>();
  private final FakeLaunching launching = new FakeLaunching();
  private final List<FakeTask> tasks = launching.tasks;

  private Consumer<String> removal = removed::add;
  private @Nullable RuntimeException healthFailure;
  private StoreFixture kept;
  private ContainerStore store;
  private ContainerSessions sessions;
  private Runs runs;

  @BeforeEach
  void open() {
    kept = new StoreFixture(directory);
    store = kept.store;
    sessions =
        new ContainerSessions(
            kept.config,
            store,
            id -> Optional.empty(),
            new PendingAttaches(),
            new LogFollowers(),
            new KeyedLock<>(),
            events);
    runs =
        new Runs(
            store,
            launching,
            record -> {
              if (healthFailure != null) {
                throw healthFailure;
              }
              return null;
            },
            sessions,
            new ContainerLogs(kept.config, record -> List.of(), sessions.followers()),
            events,
            health,
            id -> removal.accept(id));
    events.subscribe(event -> told.add(event.getClass().getSimpleName()));
  }

  @AfterEach
  void close() {
    health.close();
  }

  @Test
  void anEndBeforeItsStartIsWrittenIsToldAfterIt() throws InterruptedException {
    Container container = kept.container(Lifecycle.DEFAULT);
    CountDownLatch ended = new CountDownLatch(1);
    launching.meanwhile =
        task ->
            Thread.ofVirtual()
                .start(
                    () -> {
                      task.end(3);
                      ended.countDown();
                    });
    runs.start(container.id(), false);
    assertThat(ended.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(told).containsExactly("ContainerStarted", "ContainerExited");
    assertThat(container.view().state()).isEqualTo(State.EXITED);
    assertThat(container.record().exitCode()).isEqualTo(3);
    assertThat(kept.reread(container).exitCode()).isEqualTo(3);
  }

  /** After a power cut a file that was not synced may be empty: it must hold nothing else. */
  @Test
  void noRunTouchesWhatCannotBeFoundAgain() throws IOException {
    Container container = kept.container(Lifecycle.DEFAULT);
    Path record = kept.folder(container).resolve("container.json");
    Object before = Files.getAttribute(record, "unix:ino");
    runs.start(container.id(), false);
    runs.requestEnd(container, true);
    tasks.getFirst().end(3);
    launching.meanwhile =
        task -> {
          throw new JcomposeException.CommandFailed("no such program", 127);
        };
    assertThatThrownBy(() -> runs.start(container.id(), false)).hasMessage("no such program");
    assertThat(Files.getAttribute(record, "unix:ino")).isEqualTo(before);
  }

  @Test
  void theHealthOfARunThatHasEndedIsNobodysAndIsNotTold() {
    Container container = kept.container(Lifecycle.DEFAULT);
    runs.start(container.id(), false);
    HealthMonitor.Probed first = runs.probed(container);
    first.healthChanged(HealthStatus.HEALTHY);
    assertThat(container.view().health()).isEqualTo(HealthStatus.HEALTHY);
    tasks.getFirst().end(1);
    first.healthChanged(HealthStatus.UNHEALTHY);
    assertThat(container.view().state()).isEqualTo(State.EXITED);
    assertThat(container.view().health()).isEqualTo(HealthStatus.NONE);
    runs.start(container.id(), false);
    first.healthChanged(HealthStatus.UNHEALTHY);
    assertThat(container.view().health()).as("of the next run").isEqualTo(HealthStatus.NONE);
    assertThat(told)
        .containsExactly(
            "ContainerStarted", "HealthChanged", "ContainerExited", "ContainerStarted");
  }

  @Test
  void anEndAndAFindingAtOnceLeaveAnEndedContainer() throws InterruptedException {
    Container container = kept.container(Lifecycle.DEFAULT);
    for (int round = 0; round < 300; round++) {
      runs.start(container.id(), false);
      HealthMonitor.Probed run = runs.probed(container);
      FakeTask task = tasks.getLast();
      Thread finding = Thread.ofPlatform().start(() -> run.healthChanged(HealthStatus.HEALTHY));
      task.end(0);
      finding.join();
      assertThat(container.view().state()).isEqualTo(State.EXITED);
      assertThat(container.view().health()).isEqualTo(HealthStatus.NONE);
    }
  }

  @Test
  void anAutomaticRemovalThatFailsDoesNotReachTheRuntime() {
    removal =
        id -> {
          throw new JcomposeException.Conflict("a volume is in use");
        };
    Container container =
        kept.container(new Lifecycle(RestartPolicy.NO, "", null, /* autoRemove= */ true));
    runs.start(container.id(), false);
    tasks.getFirst().end(0);
    assertThat(told).containsExactly("ContainerStarted", "ContainerExited");
  }

  @Test
  void aFailedStartIsKeptWithItsReasonAndIsNoStart() {
    Container container = kept.container(Lifecycle.DEFAULT);
    launching.meanwhile =
        task -> {
          throw new JcomposeException.CommandFailed("no such program", 127);
        };
    assertThatThrownBy(() -> runs.start(container.id(), false)).hasMessage("no such program");
    assertThat(container.view().state()).isEqualTo(State.CREATED);
    assertThat(kept.reread(container).run().error()).isEqualTo("no such program");
    assertThat(kept.reread(container).exitCode()).isEqualTo(127);
    assertThat(told).isEmpty();
  }

  /** Between an end and the word of its restart nobody may take it for one that has ended. */
  @Test
  void whatItsPolicyStartsAgainIsAtNoMomentExited() {
    Container container = kept.container(new Lifecycle(ALWAYS, "", null, false));
    List<State> seen = new ArrayList<>();
    events.subscribe(event -> seen.add(container.view().state()));
    runs.start(container.id(), false);
    tasks.getFirst().end(1);
    assertThat(container.view().state()).isEqualTo(State.RESTARTING);
    launching.meanwhile =
        task -> {
          throw new JcomposeException.Conflict("a port is taken");
        };
    assertThatThrownBy(() -> runs.start(container.id(), true)).hasMessage("a port is taken");
    assertThat(container.view().state()).as("until it is given up").isEqualTo(State.RESTARTING);
    assertThat(seen).containsExactly(State.RUNNING, State.RESTARTING);
    assertThat(runs.requestEnd(container, true)).isNull();
    assertThat(container.view().state()).isEqualTo(State.EXITED);
  }

  @Test
  void whatSomebodyEndsIsExitedUnlessItIsForTheNextStart() {
    Container container = kept.container(new Lifecycle(ALWAYS, "", null, false));
    runs.start(container.id(), false);
    assertThat(runs.requestEnd(container, false)).isNotNull();
    tasks.getLast().end(0);
    assertThat(container.view().state()).isEqualTo(State.EXITED);
    Container unhealthy = kept.container(Lifecycle.DEFAULT);
    runs.start(unhealthy.id(), false);
    assertThat(runs.requestEnd(unhealthy, false, true)).isNotNull();
    tasks.getLast().end(0);
    assertThat(unhealthy.view().state()).isEqualTo(State.RESTARTING);
  }

  @Test
  void aSessionThatCannotAttachFailsAloneAndTheStartStands() throws IOException {
    Container container = kept.container(Lifecycle.DEFAULT);
    try (StreamSession session = sessions.attach(container.id(), true)) {
      runs.start(container.id(), false); // a FakeTask takes no sessions
      assertThatThrownBy(session::exitCode).isInstanceOf(UnsupportedOperationException.class);
    }
    assertThat(container.view().state()).isEqualTo(State.RUNNING);
    assertThat(kept.reread(container).run().isOpen()).as("the next engine takes it over").isTrue();
    assertThat(told).contains("ContainerStarted");
  }

  /** A shim that lets an attach wait keeps nobody from ending its container. */
  @Test
  void noAttachIsMadeInTheContainersTurn() throws InterruptedException {
    Container container = kept.container(Lifecycle.DEFAULT);
    launching.meanwhile = task -> task.attachable = new CountDownLatch(1);
    StreamSession early = sessions.attach(container.id(), false);
    runs.start(container.id(), false);
    Thread late =
        Thread.ofVirtual()
            .start(
                () ->
                    assertThatThrownBy(() -> sessions.attach(container.id(), false))
                        .isInstanceOf(UnsupportedOperationException.class));
    tasks.getFirst().attaching.acquire(2);
    assertThat(runs.requestEnd(container, true)).isNotNull();
    tasks.getFirst().attachable.countDown();
    late.join();
    assertThatThrownBy(early::exitCode).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void noMoreSessionsWaitForAStartThanItsShimHasPlacesFor() {
    Container container = kept.container(Lifecycle.DEFAULT);
    List<StreamSession> waiting = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      waiting.add(sessions.attach(container.id(), false));
    }
    assertThatThrownBy(() -> sessions.attach(container.id(), false))
        .isInstanceOf(JcomposeException.Conflict.class);
    waiting.removeFirst().close();
    waiting.add(sessions.attach(container.id(), false));
    waiting.forEach(StreamSession::close);
  }

  /** What is not taken over is ended by the next step of the engine's start. */
  @Test
  void aTaskIsTakenOverWhateverBecomesOfItsHealthCheck() {
    healthFailure = new JcomposeException.Corrupt("the image's record is damaged", null);
    Container container = runningSinceBefore();
    FakeTask task = new FakeTask(container.id(), (t, exit) -> runs.ended(container, exit));
    runs.inTurn(container, () -> runs.adopted(container, task, null, null));
    assertThat(container.view().isRunning()).isTrue();
  }

  @Test
  void aRestartComesToNothingWhenSomebodyStoppedTheContainerMeanwhile() {
    Container container = kept.container(Lifecycle.DEFAULT);
    runs.start(container.id(), false);
    tasks.getFirst().end(1);
    container.restarting(true);
    assertThat(runs.requestEnd(container, true)).isNull();
    runs.start(container.id(), true);
    assertThat(tasks).hasSize(1);
    assertThat(kept.reread(container).run().manuallyStopped()).isTrue();
  }

  @Test
  void aRestartOfARemovedContainerComesToNothing() {
    Container container = kept.container(Lifecycle.DEFAULT);
    runs.start(container.id(), false);
    tasks.getFirst().end(1);
    container.restarting(true);
    store.forget(container.id());
    assertThatThrownBy(() -> runs.start(container.id(), true))
        .isInstanceOf(JcomposeException.NotFound.class);
    assertThat(tasks).hasSize(1);
  }

  @Test
  void stoppingARemovedContainerDoesNotBringItsRecordBack() {
    Container container = kept.container(Lifecycle.DEFAULT);
    store.retire(container.id(), false);
    store.forget(container.id());
    assertThat(runs.requestEnd(container, true)).isNull();
    assertThat(store.load()).as("directories without a record").hasSize(1);
    assertThat(store.all()).isEmpty();
  }

  @Test
  void aContainerThatGoesWithItsEndIsRemovedOnlyAfterTheEndIsTold() {
    Container container =
        kept.container(new Lifecycle(RestartPolicy.NO, "", null, /* autoRemove= */ true));
    runs.start(container.id(), false);
    events.subscribe(event -> assertThat(removed).isEmpty());
    tasks.getFirst().end(0);
    assertThat(removed).containsExactly(container.id());
  }

  @Test
  void aContainerThatGoesWithItsEndStaysWhereTheEndIsForARestart() {
    Container container =
        kept.container(new Lifecycle(RestartPolicy.NO, "", null, /* autoRemove= */ true));
    runs.start(container.id(), false);
    assertThat(runs.requestEnd(container, false, true)).isNotNull();
    tasks.getFirst().end(0);
    assertThat(removed).isEmpty();
    assertThat(container.view().state()).isEqualTo(State.RESTARTING);
    runs.start(container.id(), false);
    tasks.getLast().end(0);
    assertThat(removed).containsExactly(container.id());
  }

  @Test
  void everyoneWhoWaitsForTheEndHearsTheRecordedCode() {
    Container container = kept.container(Lifecycle.DEFAULT);
    runs.start(container.id(), false);
    Container.Run run = runs.requestEnd(container, false);
    assertThat(run).isNotNull();
    runs.killAndAwait(container, run);
    assertThat(run.end()).isCompletedWithValue(137);
    assertThat(kept.reread(container).exitCode()).isEqualTo(137);
    assertThat(container.isEndRequested()).isTrue();
  }

  @Test
  void anAdoptedTaskEndsLikeOneStartedHere() {
    Container container = runningSinceBefore();
    FakeTask task = new FakeTask(container.id(), (t, exit) -> runs.ended(container, exit));
    runs.inTurn(container, () -> runs.adopted(container, task, null, null));
    assertThat(container.view().isRunning()).isTrue();
    task.end(4);
    assertThat(container.view().state()).isEqualTo(State.EXITED);
    assertThat(told).containsExactly("ContainerExited");
  }

  @Test
  void anEndThatIsToldAmidTheAdoptionWaitsForIt() throws InterruptedException {
    Container container = runningSinceBefore();
    FakeTask task = new FakeTask(container.id(), (t, exit) -> runs.ended(container, exit));
    CountDownLatch ended = new CountDownLatch(1);
    runs.inTurn(
        container,
        () -> {
          Thread.ofVirtual()
              .start(
                  () -> {
                    task.end(5);
                    ended.countDown();
                  });
          runs.adopted(container, task, null, null);
        });
    assertThat(ended.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(container.view().state()).isEqualTo(State.EXITED);
    assertThat(container.record().exitCode()).isEqualTo(5);
  }

  /** A start that the clock puts into the future, as one that was set back does. */
  @Test
  void howLongItRanIsNotAskedOfTheClock() {
    Container container = kept.container(Lifecycle.DEFAULT);
    List<EngineEvent> exits = new ArrayList<>();
    events.subscribe(exits::add);
    runs.start(container.id(), false);
    container.update(container.record().run().started(Instant.now().plusSeconds(9000), null, 0));
    tasks.getFirst().end(0);
    EngineEvent.ContainerExited exit = (EngineEvent.ContainerExited) exits.getLast();
    assertThat(exit.ran()).isBetween(Duration.ZERO, Duration.ofMinutes(10));
  }

  private Container runningSinceBefore() {
    Container container = kept.container(Lifecycle.DEFAULT);
    container.update(container.record().run().started(Instant.now(), null, 0));
    store.saveRun(container.record());
    return container;
  }
}
