package io.jcompose.engine.run;

import io.jcompose.core.StreamSession;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * The session of an exec, which notifies once of its end: by its code, or as killed when closed.
 */
final class NotifyingExec implements StreamSession {
  private static final int KILLED = 137;

  private final StreamSession session;
  private final IntConsumer end;
  private final AtomicBoolean notified = new AtomicBoolean();

  NotifyingExec(StreamSession session, IntConsumer end) {
    this.session = session;
    this.end = end;
  }

  @Override
  public OutputStream stdin() {
    return session.stdin();
  }

  @Override
  public void pump(Sink sink) throws IOException {
    session.pump(sink);
  }

  @Override
  public void resize(int rows, int columns) {
    session.resize(rows, columns);
  }

  @Override
  public int exitCode() {
    int code = session.exitCode();
    notifyEnd(code);
    return code;
  }

  @Override
  public void close() {
    session.close(); // which kills what still runs
    notifyEnd(KILLED);
  }

  private void notifyEnd(int code) {
    if (notified.compareAndSet(false, true)) {
      end.accept(code);
    }
  }
}
