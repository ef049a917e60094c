package io.jcompose.api.docker.container;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.container.StreamThreads;
import io.jcompose.api.docker.call.DetachKeys;
import io.jcompose.api.http.HijackedStream;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A program's streams over a connection that was taken over: its input as it is, its output as
 * frames, or as it is from a terminal. The client may end its half and still gets all output.
 * Thread-safe.
 */
final class ProgramStreams {
  private static final int BUFFER = 1 << 14;

  private final HijackedStream stream;
  private final Wanted wanted;
  private final FrameOutput frames;
  private final CompletableFuture<Boolean> over = new CompletableFuture<>();
  private volatile boolean gone;

  /**
   * Which of a program's streams a client wants.
   *
   * @param keys look for them in the input; null passes all on
   */
  record Wanted(boolean in, boolean out, boolean err, boolean framed, @Nullable DetachKeys keys) {}

  /** What becomes of a program's input when the client ends its half. */
  enum EndOfInput {
    /** It is the program's, too. */
    PASSED_ON,
    /** It is the end of the conversation; others may go on with the program. */
    LEAVES
  }

  ProgramStreams(HijackedStream stream, Wanted wanted) {
    this.stream = stream;
    this.wanted = wanted;
    this.frames = new FrameOutput(stream.output());
  }

  /** A line of the engine's own in the place of output; a client that is gone does not matter. */
  void tell(String text) {
    try {
      write(FrameOutput.STDOUT, (text + "\r\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      gone = true;
    }
  }

  /**
   * Carries both ways. Returns when the output has ended, or the client has left the program, which
   * then goes on: its output is taken and dropped until it ends.
   *
   * @param ended called once with the session, on another thread, when its output has ended
   */
  void converse(StreamSession session, EndOfInput end, Consumer<StreamSession> ended) {
    StreamThreads.run(
        () -> {
          try {
            session.pump(this::output);
          } catch (IOException | RuntimeException e) {
            log(e);
          } finally {
            tellEnd(session, ended);
          }
        });
    if (wanted.in) {
      StreamThreads.run(() -> input(session, end));
    }
    boolean ignored = over.join();
    gone = true;
  }

  private void tellEnd(StreamSession session, Consumer<StreamSession> ended) {
    try {
      ended.accept(session);
    } catch (RuntimeException e) {
      log(e);
    } finally {
      boolean ignored = over.complete(true);
    }
  }

  private static void log(Exception e) {
    if (e instanceof RuntimeException own && !(e instanceof JcomposeException)) {
      ApiError.log(own);
    }
  }

  /** Never fails: a client that is gone must not end the program. */
  private void output(int kind, byte[] bytes, int offset, int length) {
    boolean shown = kind == FrameOutput.STDERR ? wanted.err : wanted.out;
    if (shown && !gone) {
      try {
        write(kind, Arrays.copyOfRange(bytes, offset, offset + length));
      } catch (IOException e) {
        leave();
      }
    }
  }

  private void write(int kind, byte[] bytes) throws IOException {
    if (wanted.framed) {
      frames.write(kind, bytes);
    } else {
      stream.output().write(bytes, 0, bytes.length);
    }
  }

  private void leave() {
    gone = true;
    boolean ignored = over.complete(false);
  }

  private void input(StreamSession session, EndOfInput end) {
    byte[] buffer = new byte[BUFFER];
    try {
      InputStream input = stream.input();
      for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
        if (!pass(session, buffer, count)) {
          leave();
          return;
        }
      }
    } catch (IOException e) {
      leave(); // the client is gone
      return;
    }
    if (end == EndOfInput.LEAVES) {
      leave();
    } else {
      endInput(session);
    }
  }

  /** False when the client leaves by its keys. A program that takes no more input goes on. */
  private boolean pass(StreamSession session, byte[] buffer, int count) {
    ByteArrayOutputStream passed = new ByteArrayOutputStream(count);
    DetachKeys keys = wanted.keys;
    boolean leaves = keys != null && keys.take(buffer, count, passed);
    if (keys == null) {
      passed.write(buffer, 0, count);
    }
    try {
      passed.writeTo(session.stdin());
      session.stdin().flush();
    } catch (IOException e) {
      // told by the program's end
    }
    return !leaves;
  }

  private static void endInput(StreamSession session) {
    try {
      session.stdin().close();
    } catch (IOException e) {
      // told by the program's end
    }
  }
}
