package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.RpcConnection;
import io.jcompose.api.docker.rpc.RpcFailure;
import io.jcompose.core.build.Builds;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The sessions that clients have open, by their ids. Thread-safe. */
final class ClientSessions {
  /** A client asks for a build before, beside or after it opens its session. */
  private static final long PATIENCE_SECONDS = 10;

  private static final int MOST = 128;

  private final Builds builds;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition opened = lock.newCondition();
  private final Map<String, ClientSession> sessions = new HashMap<>(); // guarded by the lock

  ClientSessions(Builds builds) {
    this.builds = builds;
  }

  /** Has a session as long as its streams last. */
  void run(String id, String sharedKey, InputStream in, OutputStream out) throws IOException {
    RpcConnection connection = RpcConnection.client(in, out);
    try (ClientSession session = new ClientSession(connection, sharedKey, builds)) {
      put(id, session);
      try {
        connection.run();
      } finally {
        remove(id, session);
      }
    }
  }

  private void put(String id, ClientSession session) {
    lock.lock();
    try {
      if (sessions.size() >= MOST) {
        throw new RpcFailure(RpcFailure.RESOURCE_EXHAUSTED, "too many sessions are open");
      }
      if (sessions.putIfAbsent(id, session) != null) {
        throw new RpcFailure(RpcFailure.INVALID_ARGUMENT, "session " + id + " already exists");
      }
      opened.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void remove(String id, ClientSession session) {
    lock.lock();
    try {
      sessions.remove(id, session);
    } finally {
      lock.unlock();
    }
  }

  /**
   * A session, which may still be on its way. Blocks.
   *
   * @throws RpcFailure when it does not come
   */
  ClientSession await(String id) {
    long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    lock.lock();
    try {
      while (!sessions.containsKey(id)) {
        if (left <= 0) {
          throw new RpcFailure(RpcFailure.NOT_FOUND, "no active session for " + id);
        }
        left = opened.awaitNanos(left);
      }
      return sessions.get(id);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RpcFailure(RpcFailure.CANCELLED, "the build was given up");
    } finally {
      lock.unlock();
    }
  }
}
