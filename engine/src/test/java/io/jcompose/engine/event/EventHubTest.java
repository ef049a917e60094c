package io.jcompose.engine.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.EngineEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventHubTest {
  @Test
  void aListenerThatFailsMakesNoFailureOfWhatHappened() {
    EventHub events = new EventHub();
    events.subscribe(
        event -> {
          throw new IllegalStateException("full");
        });
    List<EngineEvent> others = new ArrayList<>();
    events.subscribe(others::add);
    EngineEvent event = new EngineEvent.ContainerStarted("id", "c", Map.of(), Instant.now());
    events.publish(event);
    events.publish(event);
    assertThat(others).containsExactly(event, event);
  }
}
