package io.jcompose.core.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import io.jcompose.core.Events.Subscription;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every implementation of {@link Events} says of containers, and when. */
@Timeout(300)
public abstract class EventsContract {
  private final List<EngineEvent> events = new CopyOnWriteArrayList<>();
  private final List<String> lines = new CopyOnWriteArrayList<>();

  /** The implementation; the same one all through a test. */
  protected abstract PortsFixture ports();

  @Test
  void aLifeIsToldInItsOrderAndEachFactWhenItIsTrue() {
    ContainerSpec spec = Specs.labelled(ports().ending("one", 3), "a", "1");
    String id;
    try (Subscription _ = subscribe()) {
      id = containers().create(spec);
      containers().start("one");
      containers().await("one");
      containers().remove("one", false, false);
    }
    assertThat(lines)
        .containsExactly("created CREATED", "started RUNNING", "exited 3 EXITED", "removed gone");
    assertThat(events).extracting(EventsContract::id).containsOnly(id);
    assertThat(events).allSatisfy(e -> assertThat(e.labels()).isEqualTo(spec.labels()));
    assertThat(events).extracting(EngineEvent::at).isSorted();
  }

  @Test
  void whatIsDoneToAContainerIsToldInDockersWords() {
    containers().create(ports().lasting("one"));
    containers().start("one");
    ContainerSpec spec = ports().lasting("one");
    try (Subscription _ = subscribe()) {
      containers().pause("one");
      containers().unpause("one");
      containers().rename("one", "two");
      containers().rename("two", "two");
      containers()
          .update("two", spec.resources(), spec.lifecycle().restart(), Map.of("new", "label"));
      containers().restarted("two");
    }
    assertThat(lines)
        .containsExactly(
            "pause {} PAUSED",
            "unpause {} RUNNING",
            "rename {oldName=/one} RUNNING",
            "update {} RUNNING",
            "restart {} RUNNING");
    assertThat(events.getLast().labels()).isEqualTo(Map.of("new", "label"));
  }

  @Test
  void anEndSaysWhetherItWasAskedFor() {
    containers().create(ports().lasting("one"));
    for (String signal : List.of("HUP", "TERM", "KILL")) {
      containers().start("one");
      try (Subscription _ = subscribe()) {
        containers().kill("one", signal);
        containers().await("one");
      }
    }
    assertThat(lines)
        .containsExactly(
            "kill {signal=1} RUNNING",
            "exited 129 EXITED",
            "kill {signal=15} RUNNING",
            "exited 143 EXITED as asked",
            "kill {signal=9} RUNNING",
            "exited 137 EXITED as asked");
  }

  @Test
  void aStopIsASignalAnEndAndAStopAndASecondOneNothing() {
    containers().create(ports().lasting("one"));
    try (Subscription _ = subscribe()) {
      containers().start("one");
      containers().start("one");
      containers().stop("one", null, true);
      containers().stop("one", null, true);
      containers().start("one");
      containers().stopForRestart("one");
      containers().stopForRestart("one");
    }
    assertThat(lines)
        .containsExactly(
            "started RUNNING",
            "kill {signal=15} RUNNING",
            "exited 143 EXITED as asked",
            "stop {} EXITED",
            "started RUNNING",
            "kill {signal=15} RUNNING",
            "exited 143 RESTARTING as asked",
            "stop {} RESTARTING");
  }

  @Test
  void aStopOfWhatWaitsForItsRestartIsToldThoughNothingEnds() {
    containers().create(Specs.always(ports().ending("one", 3)));
    try (Subscription _ = subscribe()) {
      containers().start("one");
      containers().await("one");
      containers().stop("one", null, true);
    }
    assertThat(lines).containsExactly("started RUNNING", "exited 3 RESTARTING", "stop {} EXITED");
  }

  @Test
  void aRemovalByForceTellsTheEndFirstAndASecondNothing() {
    containers().create(ports().lasting("one"));
    containers().start("one");
    try (Subscription _ = subscribe()) {
      containers().remove("one", true, true);
      containers().remove("one", true, true);
    }
    assertThat(lines).containsExactly("exited 137 EXITED as asked", "removed gone");
  }

  @Test
  void aSubscriptionEndsWithItsCloseAndTakesNoOtherWithIt() {
    Consumer<EngineEvent> listener =
        event -> {
          if (event instanceof EngineEvent.ContainerCreated) { // of its volumes it is told too
            events.add(event);
          }
        };
    Subscription one = ports().events().subscribe(listener);
    Subscription two = ports().events().subscribe(listener);
    containers().create(ports().lasting("one"));
    assertThat(events).hasSize(2);
    one.close();
    one.close();
    containers().create(ports().lasting("two"));
    assertThat(events).hasSize(3);
    two.close();
    containers().create(ports().lasting("three"));
    assertThat(events).hasSize(3);
  }

  private Subscription subscribe() {
    return ports()
        .events()
        .subscribe(
            event -> {
              if (event instanceof EngineEvent.ObjectChanged) {
                return; // of no container
              }
              events.add(event);
              String state = containers().find(id(event)).map(v -> "" + v.state()).orElse("gone");
              lines.add(line(event, state));
            });
  }

  private static String line(EngineEvent event, String state) {
    return switch (event) {
      case EngineEvent.ContainerCreated _ -> "created " + state;
      case EngineEvent.ContainerStarted _ -> "started " + state;
      case EngineEvent.ContainerExited e ->
          "exited " + e.exitCode() + " " + state + (e.requested() ? " as asked" : "");
      case EngineEvent.HealthChanged e -> "health " + e.health();
      case EngineEvent.ContainerRemoved _ -> "removed " + state;
      case EngineEvent.ContainerActed e -> e.action() + " " + e.attributes() + " " + state;
      case EngineEvent.ObjectChanged e -> e.kind() + " " + e.action();
    };
  }

  private static String id(EngineEvent event) {
    return switch (event) {
      case EngineEvent.ContainerCreated e -> e.id();
      case EngineEvent.ContainerStarted e -> e.id();
      case EngineEvent.ContainerExited e -> e.id();
      case EngineEvent.HealthChanged e -> e.id();
      case EngineEvent.ContainerRemoved e -> e.id();
      case EngineEvent.ContainerActed e -> e.id();
      case EngineEvent.ObjectChanged e -> e.id();
    };
  }

  private Containers containers() {
    return ports().containers();
  }
}
