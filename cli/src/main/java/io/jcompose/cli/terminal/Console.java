package io.jcompose.cli.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a command was typed: its streams, terminal, folder and signals. This process's own, or, in
 * the engine, that of a client that had it carried out here.
 */
public abstract class Console {
  /** A new daemon thread. */
  protected abstract Thread thread(String name, Runnable work);

  /** What is printed for programs. A failed write throws {@link CommandFailure}. */
  public abstract OutputStream out();

  /** What is printed for people. */
  public abstract OutputStream err();

  /** Standard input; nothing of it is read before somebody asks. */
  public abstract InputStream in();

  /**
   * True when the command was typed in this process, which so has the caller's rights and
   * descriptors, and may outlive an engine.
   */
  public abstract boolean isOwn();

  /**
   * For what takes the caller's rights.
   *
   * @throws NotHere where this is not the process that the command was typed in
   */
  public final void requireOwn() {
    if (!isOwn()) {
      throw new NotHere();
    }
  }

  /**
   * The socket of the engine that carries the command out; empty where this process is the
   * command's own.
   */
  public abstract String engineSocket();

  /**
   * Counts what the command keeps in memory until it ends, where others have theirs beside it.
   *
   * @throws CommandFailure when all of them together keep too much
   */
  public abstract void keeps(int bytes);

  /** Who typed the command, where that is not who this process belongs to; else empty. */
  public abstract String caller();

  /** Called when the engine has taken what was asked of it: the words are not copied any more. */
  public void asked() {}

  /** When the command was typed, in milliseconds since 1970. */
  public abstract long began();

  /** Where each container's log was read to, by an engine that has gone. */
  public abstract Map<String, String> logPlaces();

  /** Prints a line of a log, so that it is known to be printed when its place is. */
  public abstract void logLine(int stream, byte[] line, String container, String place)
      throws IOException;

  /** The current folder. */
  public abstract String folder();

  /** True when the descriptor (0, 1 or 2) is a terminal. */
  public abstract boolean isTerminal(int fd);

  /** The terminal's columns, 80 when unknown. */
  public abstract int columns(int fd);

  /** The terminal's rows, 24 when unknown. */
  public abstract int rows(int fd);

  /** Gives every key to the program until the change is closed; null where that cannot be. */
  public abstract @Nullable TerminalChange enterRaw();

  /**
   * Shows nothing of what is typed until the change is closed; signals work as ever.
   *
   * @throws CommandFailure where that cannot be
   */
  public abstract TerminalChange hideInput();

  /** What is undone by its close, and on every way out of the command. */
  public abstract TerminalChange change(Runnable undo);

  /** Calls back, on a thread of its own, when the window's size changed. */
  public abstract void onResize(Runnable action);

  /** Calls back with the count so far when the user presses Ctrl-C or SIGTERM comes. */
  public abstract void onInterrupt(IntConsumer action);

  /** Calls back with {@code SIGINT} and the like instead of ending the command. */
  public abstract void onSignals(Consumer<String> action);

  /** Ends the command from another thread than its own. */
  public abstract void end(int exitCode);

  /** Prints a text for programs. */
  public final void say(String text) throws IOException {
    out().write(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Notes that the command has hidden the cursor, or shows it, for what ends the process at once.
   */
  public void hidesCursor(boolean hidden) {}

  /** Prints a text for people; without them there is nobody to tell. */
  public final void complain(String text) {
    try {
      err().write(text.getBytes(StandardCharsets.UTF_8));
      err().flush();
    } catch (IOException e) {
      // the command itself goes on
    }
  }

  /** Thrown for what the process that the command was typed in must do itself. */
  public static final class NotHere extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
