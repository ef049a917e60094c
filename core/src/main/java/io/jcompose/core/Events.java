package io.jcompose.core;

import java.util.function.Consumer;

/** The engine's facts as they happen. */
public interface Events {
  /**
   * Calls {@code listener} for each event from now on, in order, on the thread that tells the
   * event; it must return quickly and never throw. Closing the subscription ends it.
   */
  Subscription subscribe(Consumer<EngineEvent> listener);

  /** Ends a subscription; closing twice is harmless. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
