package io.jcompose.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class EventLogTest {
  private Consumer<EngineEvent> engine = event -> {};
  private final Events events =
      listener -> {
        engine = listener;
        return () -> {};
      };
  private final EventLog log = new EventLog(noContainers(), events);

  /** A port of which only {@code find} is asked. */
  private static Containers noContainers() {
    return (Containers)
        Proxy.newProxyInstance(
            EventLogTest.class.getClassLoader(),
            new Class<?>[] {Containers.class},
            (proxy, method, arguments) -> {
              assertThat(method.getName()).isEqualTo("find");
              return Optional.empty();
            });
  }

  private void act(String action) {
    engine.accept(
        new EngineEvent.ContainerActed(
            "id", "name", Map.of(), action, Map.of("execID", "1"), Instant.EPOCH));
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

  @Test
  void whoLeftGetsNoMore() throws InterruptedException {
    EventLog.Listener listener = log.listen(Instant.MAX);
    listener.close();
    act("top");
    assertThat(listener.poll(0)).isNull();
  }
}
