package io.jcompose.cli.terminal;

import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The terminal that the command runs on, by termios calls of the native library. */
public final class Terminal {
  private Terminal() {}

  /** True when the descriptor is a terminal. */
  public static boolean is(int fd) {
    if (NativeCalls.isLoaded()) {
      return NativeCalls.isTerminal(fd);
    }
    return Objects.requireNonNull(System.console()).isTerminal();
  }

  /** Columns, 80 when unknown. */
  public static int columns(int fd) {
    int size = size(fd);
    return size > 0 && (size & 0xffff) > 0 ? size & 0xffff : 80;
  }

  /** Rows, 24 when unknown. */
  public static int rows(int fd) {
    int size = size(fd);
    return size > 0 && size >> 16 > 0 ? size >> 16 : 24;
  }

  /** Gives every key to the program until the change is closed; null where that cannot be. */
  public static @Nullable TerminalChange enterRaw() {
    if (!NativeCalls.isLoaded() || NativeCalls.rawMode(0) < 0) {
      return null;
    }
    return TerminalChange.of(() -> NativeCalls.restoreMode(0));
  }

  /**
   * Shows nothing of what is typed until the change is closed; signals work as ever.
   *
   * @throws CommandFailure where that cannot be
   */
  public static TerminalChange hideInput() {
    if (!NativeCalls.isLoaded() || NativeCalls.silentMode(0) < 0) {
      throw new CommandFailure(
          "this terminal cannot hide what is typed; give the password by --password-stdin", 1);
    }
    return TerminalChange.of(() -> NativeCalls.restoreMode(0));
  }

  /** Calls back, on a thread of the JVM's, when the window's size changed. */
  public static void onResize(Runnable action) {
    sun.misc.Signal.handle(new sun.misc.Signal("WINCH"), signal -> action.run());
  }

  /** Calls back with the count so far when the user presses Ctrl-C or SIGTERM comes. */
  public static void onInterrupt(IntConsumer action) {
    int[] count = {0};
    for (String name : new String[] {"INT", "TERM"}) {
      sun.misc.Signal.handle(
          new sun.misc.Signal(name),
          signal -> {
            synchronized (count) {
              action.accept(++count[0]);
            }
          });
    }
  }

  /** Calls back with {@code SIGINT} and the like instead of ending this process. */
  public static void onSignals(Consumer<String> action) {
    for (String name : new String[] {"INT", "TERM", "HUP", "USR2"}) {
      try {
        sun.misc.Signal.handle(new sun.misc.Signal(name), signal -> action.accept("SIG" + name));
      } catch (IllegalArgumentException e) {
        // the JVM keeps this one for itself
      }
    }
  }

  private static int size(int fd) {
    return NativeCalls.isLoaded() ? NativeCalls.windowSize(fd) : -1;
  }
}
