package io.jcompose.engine.run;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import io.jcompose.runtime.Task;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sessions that attached before their container's start, by container. Guarded by the container's
 * key in the engine's lock.
 */
public final class PendingAttaches {
  /** As many as a shim has places for: one more would hold the start up. */
  private static final int MOST = 12;

  private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

  /** A session that becomes live when the container starts. */
  StreamSession expect(String id, boolean stdin) {
    Pending session = new Pending(stdin);
    List<Pending> all = waiting.computeIfAbsent(id, key -> new Waiting(new ArrayList<>())).sessions;
    all.removeIf(s -> s.live.isDone());
    if (all.size() >= MOST) {
      throw new JcomposeException.Conflict(
          "Container " + id + " has as many sessions waiting for its start as it can: " + MOST);
    }
    all.add(session);
    return session;
  }

  /** The sessions that wait for the container, which no longer wait. */
  Waiting take(String id) {
    Waiting taken = waiting.remove(id);
    if (taken == null) {
      return new Waiting(List.of());
    }
    taken.sessions.removeIf(s -> s.live.isDone());
    return taken;
  }

  /** Sessions of one container. */
  record Waiting(List<Pending> sessions) {
    int size() {
      return sessions.size();
    }

    void connect(Task task) {
      for (Pending session : sessions) { // each by itself: a shim that lets wait keeps nobody else
        Thread.ofVirtual().name("attach").start(() -> session.connect(task));
      }
    }

    void fail(RuntimeException why) {
      sessions.forEach(s -> s.live.completeExceptionally(why));
    }
  }

  /** A session whose task is still to come; each call waits for it. */
  private static final class Pending implements StreamSession {
    private final CompletableFuture<StreamSession> live = new CompletableFuture<>();
    private final boolean stdin;

    private Pending(boolean stdin) {
      this.stdin = stdin;
    }

    private void connect(Task task) {
      try {
        StreamSession session = task.attach(stdin);
        if (!live.complete(session)) {
          session.close(); // its client left just now: the shim has few places
        }
      } catch (RuntimeException e) {
        live.completeExceptionally(e);
      }
    }

    @Override
    public OutputStream stdin() {
      return new OutputStream() {
        @Override
        public void write(int b) throws IOException {
          session().stdin().write(b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          session().stdin().write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
          session().stdin().flush();
        }

        @Override
        public void close() throws IOException {
          session().stdin().close();
        }
      };
    }

    @Override
    public void pump(Sink sink) throws IOException {
      session().pump(sink);
    }

    @Override
    public void resize(int rows, int columns) {
      session().resize(rows, columns);
    }

    @Override
    public int exitCode() {
      return session().exitCode();
    }

    @Override
    public void close() {
      if (!live.cancel(false) && !live.isCompletedExceptionally()) {
        live.join().close();
      }
    }

    private StreamSession session() {
      try {
        return live.join();
      } catch (CancellationException e) {
        throw new JcomposeException.Cancelled(
            "the session was closed before the container started");
      } catch (CompletionException e) {
        throw e.getCause() instanceof RuntimeException cause ? cause : e;
      }
    }
  }
}
