package io.jcompose.engine.event;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import io.jcompose.engine.record.Container;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notifies all listeners of events, on the thread that publishes. Thread-safe. */
public final class EventHub implements Events {
  private static final Logger LOG = LoggerFactory.getLogger(EventHub.class);

  private final List<Consumer<EngineEvent>> listeners = new CopyOnWriteArrayList<>();

  @Override
  public Subscription subscribe(Consumer<EngineEvent> listener) {
    // A wrapper, so that one listener subscribed twice is two subscriptions.
    Consumer<EngineEvent> own = event -> listener.accept(event);
    listeners.add(own);
    return () -> listeners.remove(own);
  }

  /** Publishes an act that is no change of state. */
  public void acted(Container container, String action, Map<String, String> attributes) {
    ContainerSpec spec = container.record().spec();
    publish(
        new EngineEvent.ContainerActed(
            container.id(), spec.name(), spec.labels(), action, attributes, Instant.now()));
  }

  /** What happened has happened: a listener that fails makes no failure of it, nor keeps others. */
  public void publish(EngineEvent event) {
    for (Consumer<EngineEvent> listener : listeners) {
      try {
        listener.accept(event);
      } catch (RuntimeException e) {
        LOG.error("an event was not taken: {}", event.getClass().getSimpleName(), e);
      }
    }
  }
}
