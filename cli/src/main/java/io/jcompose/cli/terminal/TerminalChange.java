package io.jcompose.cli.terminal;

import java.util.concurrent.atomic.AtomicBoolean;

/** A change of the user's terminal that is taken back once; made by {@link Console}. */
public final class TerminalChange implements AutoCloseable {
  private final Runnable undo;
  private final AtomicBoolean undone = new AtomicBoolean();

  public TerminalChange(Runnable undo) {
    this.undo = undo;
  }

  @Override
  public void close() {
    if (!undone.getAndSet(true)) {
      undo.run();
    }
  }
}
