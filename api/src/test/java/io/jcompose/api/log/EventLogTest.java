package io.jcompose.api.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import io.jcompose.core.Networks;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class EventLogTest {
  private Consumer<EngineEvent> engine = event -> {};
  private final Events events =
      listener -> {
        engine = listener;
        return () -> {};
      };
  private final EventLog log =
      new EventLog(nothing(Containers.class), nothing(Networks.class), events);

  /** A port of which only {@code find} is asked. */
  private static <P> P nothing(Class<P> port) {
    return port.cast(
        Proxy.newProxyInstance(
            EventLogTest.class.getClassLoader(),
            new Class<?>[] {port},
            (proxy, method, arguments) -> {
              assertThat(method.getName()).isEqualTo("find");
              return Optional.empty();
            }));
  }

  private void act(String action) {
    act(action, Map.of());
  }

  private void act(String action, Map<String, String> labels) {
    engine.accept(
        new EngineEvent.ContainerActed(
            "id", "name", labels, action, Map.of("execID", "1"), Instant.EPOCH));
  }

  @Test
  void keepsTheBeginningOfALongCommandLine() throws InterruptedException {
    try (EventLog.Listener listener = log.listen(Instant.MAX)) {
      act("exec_create: " + "€".repeat(200_000));
      EventLog.Entry entry = listener.poll(0);
      assertThat(entry).isNotNull();
      assertThat(entry.action()).hasSize(1025).startsWith("exec_create: €").endsWith("€…");
    }
  }

  @Test
  void cutsNoCharacterInTwo() throws InterruptedException {
    try (EventLog.Listener listener = log.listen(Instant.MAX)) {
      act("x" + "😀".repeat(1000));
      EventLog.Entry entry = listener.poll(0);
      assertThat(entry).isNotNull();
      assertThat(entry.action()).endsWith("😀…");
    }
  }

  @Test
  void aReaderThatIsBehindLosesEventsAndIsToldHowMany() throws InterruptedException {
    try (EventLog.Listener listener = log.listen(Instant.MAX)) {
      for (int i = 0; i < 3000; i++) {
        act("top");
      }
      int read = 0;
      while (listener.poll(0) != null) {
        read++;
      }
      assertThat(listener.takeLost()).isPositive().isEqualTo(3000 - read);
      assertThat(listener.takeLost()).isZero();
    }
  }

  /** Of hostile labels, which an image or a file may make as long as it likes. */
  @Test
  void whatIsKeptIsBoundedInBytesAndComposesOwnLabelsStay() throws InterruptedException {
    Map<String, String> labels = new TreeMap<>();
    for (int i = 0; i < 1000; i++) {
      labels.put("label." + i, "x".repeat(500));
    }
    labels.put("com.docker.compose.project", "shop");
    try (EventLog.Listener stalled = log.listen(Instant.MAX)) {
      for (int i = 0; i < 3000; i++) {
        act("top", labels);
      }
      List<EventLog.Entry> kept = readAll(log.listen(Instant.EPOCH));
      assertThat(kept).hasSizeBetween(16, 200);
      assertThat(readAll(stalled)).hasSizeBetween(16, 200);
      assertThat(stalled.takeLost()).isGreaterThan(2500);
      for (EventLog.Entry entry : kept) {
        assertThat(entry.labels()).containsEntry("com.docker.compose.project", "shop");
        assertThat(entry.labels()).hasSizeLessThan(20);
      }
    }
  }

  /** However many stall, one who reads gets what comes. */
  @Test
  void readersThatStallTakeNoOthersPlace() throws InterruptedException {
    List<EventLog.Listener> stalled = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      stalled.add(log.listen(Instant.MAX));
    }
    for (int i = 0; i < 3000; i++) {
      act("top");
    }
    try (EventLog.Listener reader = log.listen(Instant.MAX)) {
      act("pause");
      EventLog.Entry entry = reader.poll(0);
      assertThat(entry).isNotNull();
      assertThat(entry.action()).isEqualTo("pause");
    }
    stalled.forEach(EventLog.Listener::close);
    try (EventLog.Listener alone = log.listen(Instant.MAX)) { // all is given back
      for (int i = 0; i < 1000; i++) {
        act("top");
      }
      assertThat(readAll(alone)).hasSize(1000);
    }
  }

  private static List<EventLog.Entry> readAll(EventLog.Listener listener)
      throws InterruptedException {
    List<EventLog.Entry> all = new ArrayList<>();
    for (var entry = listener.poll(0); entry != null; entry = listener.poll(0)) {
      all.add(entry);
    }
    return all;
  }

  @Test
  void othersThanContainersAreForThoseWhoAskForAll() throws InterruptedException {
    engine.accept(EngineEvent.ObjectChanged.of("volume", "v", "create", Map.of("driver", "local")));
    log.add(new EventLog.Entry(Instant.now(), "container", "", "prune", Map.of(), Map.of()));
    act("top");
    assertThat(readAll(log.listen(Instant.EPOCH)))
        .extracting(EventLog.Entry::action)
        .containsExactly("top");
    assertThat(readAll(log.listenToAll(Instant.EPOCH)))
        .extracting(entry -> entry.type() + " " + entry.action())
        .containsExactly("volume create", "container prune", "container top");
  }

  @Test
  void whoLeftGetsNoMore() throws InterruptedException {
    EventLog.Listener listener = log.listen(Instant.MAX);
    listener.close();
    act("top");
    assertThat(listener.poll(0)).isNull();
  }
}
