package io.jcompose.cli.terminal;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A change of the user's terminal that is taken back once, on every way out: by {@link #close}, and
 * by the JVM when a signal ends it.
 */
public final class TerminalChange implements AutoCloseable {
  private final Runnable undo;
  private final AtomicBoolean undone = new AtomicBoolean();

  private TerminalChange(Runnable undo) {
    this.undo = undo;
  }

  /** Registers how it is taken back; called before the change is made. */
  public static TerminalChange of(Runnable undo) {
    TerminalChange change = new TerminalChange(undo);
    Runtime.getRuntime().addShutdownHook(new Thread(change::close, "give back the terminal"));
    return change;
  }

  @Override
  public void close() {
    if (!undone.getAndSet(true)) {
      undo.run();
    }
  }
}
