package io.jcompose.cli.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** This process's own console; its terminal by termios calls of the native library. */
final class OwnConsole extends Console {
  private static final int STDERR = 2;
  private static final long BEGAN = System.currentTimeMillis();
  static final OwnConsole INSTANCE = new OwnConsole();

  private final OutputStream out = new StandardOutput();

  private OwnConsole() {}

  @Override
  protected Thread thread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public OutputStream out() {
    return out;
  }

  @Override
  public OutputStream err() {
    return System.err;
  }

  @Override
  public InputStream in() {
    return System.in;
  }

  @Override
  public boolean isOwn() {
    return true;
  }

  @Override
  public String engineSocket() {
    return "";
  }

  @Override
  public void keeps(int bytes) {}

  @Override
  public String caller() {
    return "";
  }

  @Override
  public long began() {
    return BEGAN;
  }

  @Override
  public Map<String, String> logPlaces() {
    return Map.of();
  }

  @Override
  public void logLine(int stream, byte[] line, String container, String place) throws IOException {
    (stream == STDERR ? System.err : out).write(line);
  }

  @Override
  public String folder() {
    return System.getProperty("user.dir");
  }

  @Override
  public boolean isTerminal(int fd) {
    if (NativeCalls.isLoaded()) {
      return NativeCalls.isTerminal(fd);
    }
    return Objects.requireNonNull(System.console()).isTerminal();
  }

  @Override
  public int columns(int fd) {
    int size = size(fd);
    return size > 0 && (size & 0xffff) > 0 ? size & 0xffff : 80;
  }

  @Override
  public int rows(int fd) {
    int size = size(fd);
    return size > 0 && size >> 16 > 0 ? size >> 16 : 24;
  }

  @Override
  public @Nullable TerminalChange enterRaw() {
    if (!NativeCalls.isLoaded() || NativeCalls.rawMode(0) < 0) {
      return null;
    }
    return change(() -> NativeCalls.restoreMode(0));
  }

  @Override
  public TerminalChange hideInput() {
    if (!NativeCalls.isLoaded() || NativeCalls.silentMode(0) < 0) {
      throw new CommandFailure(
          "this terminal cannot hide what is typed; give the password by --password-stdin", 1);
    }
    return change(() -> NativeCalls.restoreMode(0));
  }

  @Override
  public void onResize(Runnable action) {
    sun.misc.Signal.handle(new sun.misc.Signal("WINCH"), signal -> action.run());
  }

  @Override
  public void onInterrupt(IntConsumer action) {
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

  @Override
  public void onSignals(Consumer<String> action) {
    for (String name : new String[] {"INT", "TERM", "HUP", "USR2"}) {
      try {
        sun.misc.Signal.handle(new sun.misc.Signal(name), signal -> action.accept("SIG" + name));
      } catch (IllegalArgumentException e) {
        // the JVM keeps this one for itself
      }
    }
  }

  @Override
  public void hidesCursor(boolean hidden) {
    if (NativeCalls.isLoaded()) {
      NativeCalls.hidesCursor(hidden);
    }
  }

  /** By the JVM's shutdown too: when a signal ends it. */
  @Override
  public TerminalChange change(Runnable undo) {
    TerminalChange change = new TerminalChange(undo);
    Runtime.getRuntime().addShutdownHook(new Thread(change::close, "give back the terminal"));
    return change;
  }

  @Override
  public void end(int exitCode) {
    System.exit(exitCode); // gives the terminal back
  }

  private static int size(int fd) {
    return NativeCalls.isLoaded() ? NativeCalls.windowSize(fd) : -1;
  }
}
