package io.jcompose.registry.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ends connections on which no request begins in time, or whose head comes by drops. Thread-safe.
 */
final class HeadTimers {
  private final Vertx vertx;
  private final Map<HttpConnection, Long> timers = new ConcurrentHashMap<>();

  HeadTimers(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Begins to wait for a head. */
  void arm(HttpConnection connection) {
    long timer = vertx.setTimer(Limits.HEAD_MILLIS, late -> connection.close());
    Long before = timers.put(connection, timer);
    cancel(before == null ? -1 : before);
  }

  /** Ends the wait: it has come, or the connection has gone. */
  void disarm(HttpConnection connection) {
    Long timer = timers.remove(connection);
    cancel(timer == null ? -1 : timer);
  }

  private void cancel(long timer) {
    if (timer >= 0) {
      vertx.cancelTimer(timer);
    }
  }
}
