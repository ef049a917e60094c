package io.jcompose.cli.docker;

import io.jcompose.cli.action.DetachKeys;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.TerminalChange;
import io.jcompose.cli.wire.Connection;
import io.jcompose.cli.wire.Frames;
import io.jcompose.cli.wire.HttpAnswer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The caller's streams joined with a program's, over a connection that was taken over: input as it
 * is, output as frames, or as it is from a terminal. Owned by the command's thread; input has one
 * of its own.
 */
final class Conversation implements AutoCloseable {
  private static final int BUFFER = 1 << 14;

  private final HttpAnswer answer;
  private final boolean tty;
  private final DetachKeys keys;
  private final Console console = Consoles.current();
  private volatile boolean left;
  private @Nullable TerminalChange raw;

  /**
   * @param keys by which a person leaves the program; the engine looks for them too
   */
  Conversation(HttpAnswer answer, boolean tty, DetachKeys keys) {
    this.answer = answer;
    this.tty = tty;
    this.keys = keys;
  }

  /** Passes input on from now; from a terminal each key. */
  void takeInput() {
    if (tty && console.isTerminal(0)) {
      raw = console.enterRaw();
    }
    Consoles.start(console, "stdin", () -> pump(answer.connection()));
  }

  /** Shows output until it ends; true when the person has left the program. */
  boolean show() {
    try {
      if (tty) {
        OutputStream out = console.out();
        byte[] buffer = new byte[BUFFER];
        for (int count = read(buffer); count > 0; count = read(buffer)) {
          out.write(buffer, 0, count);
        }
      } else {
        Frames.read(
            answer,
            (stream, bytes) -> {
              (stream == Frames.STDERR ? console.err() : console.out()).write(bytes);
              return true;
            });
      }
    } catch (IOException e) {
      // Also where the engine ends it with input of ours unread: man 7 unix. What came before has
      // been shown, and the program's end is told elsewhere.
    } finally {
      leaveRaw();
    }
    return left;
  }

  private int read(byte[] buffer) throws IOException {
    return answer.read(buffer, 0, buffer.length);
  }

  private void leaveRaw() {
    TerminalChange change = raw;
    raw = null;
    if (change != null) {
      change.close();
    }
  }

  private void pump(Connection connection) {
    InputStream input = console.in();
    OutputStream output = connection.output();
    byte[] buffer = new byte[BUFFER];
    byte[] seen = new byte[BUFFER + keys.length()];
    try {
      for (int count = input.read(buffer); count > 0; count = input.read(buffer)) {
        output.write(buffer, 0, count);
        int ignored = tty ? keys.filter(buffer, count, seen) : 0;
        if (keys.isComplete()) {
          left = true;
          connection.close();
          return;
        }
      }
      connection.closeOutput();
    } catch (IOException e) {
      // the other side ended; who shows output tells how
    }
  }

  @Override
  public void close() {
    leaveRaw();
    answer.close();
  }
}
