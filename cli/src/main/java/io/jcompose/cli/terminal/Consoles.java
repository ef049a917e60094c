package io.jcompose.cli.terminal;

import java.util.function.IntSupplier;

/** Which console a command has: all of its threads the same. */
public final class Consoles {
  private static final ScopedValue<Console> CURRENT = ScopedValue.newInstance();

  private Consoles() {}

  /** The console of the command that the calling thread carries out; else this process's own. */
  public static Console current() {
    return CURRENT.isBound() ? CURRENT.get() : OwnConsole.INSTANCE;
  }

  /** Carries a command out for a console; returns the exit code. */
  public static int run(Console console, IntSupplier command) {
    return ScopedValue.where(CURRENT, console).call(command::getAsInt);
  }

  /** Starts a thread of the console's command, which does not keep that from its end. */
  public static Thread start(Console console, String name, Runnable work) {
    Thread thread = console.thread(name, () -> ScopedValue.where(CURRENT, console).run(work));
    thread.start();
    return thread;
  }
}
