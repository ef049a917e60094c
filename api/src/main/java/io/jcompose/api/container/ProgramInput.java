package io.jcompose.api.container;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.FrameInput;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.http.HijackedStream;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What a client sends to its program: 0 standard input (an empty frame is its end), 4 the
 * terminal's size, 5 a signal, 6 it detaches: the program goes on without it. Read by a thread of
 * its own, which may begin before there is a program: then a signal or the client's end gives up
 * the wait for it, and what was typed is kept.
 */
final class ProgramInput {
  private static final int BUFFER = 1 << 16;
  private static final int STDIN = 0;
  private static final int SIZE = 4;
  private static final int SIGNAL = 5;
  private static final int DETACH = 6;

  /** Frames that wait for a program that is yet to come; then the client waits. */
  private static final int KEPT = 16;

  /** Longer ones are taken in parts: the input of many clients must not fill the heap. */
  private static final int PART = 1 << 16;

  private final Containers containers;
  private final HijackedStream stream;
  private final FrameOutput output;
  private final @Nullable Runnable onLeave;
  private final AtomicBoolean detached = new AtomicBoolean();
  private final CompletableFuture<Program> program = new CompletableFuture<>();
  private final Deque<Frame> kept = new ArrayDeque<>(); // guarded by this
  private boolean connected; // guarded by this
  private int left; // of a frame of input that is taken in parts; of the reading thread

  /**
   * @param onLeave called when the client leaves, or wants an end, before there is a program; null
   *     where that is just coming, and gets all that is sent to it
   */
  ProgramInput(
      Containers containers,
      HijackedStream stream,
      FrameOutput output,
      @Nullable Runnable onLeave) {
    this.containers = containers;
    this.stream = stream;
    this.output = output;
    this.onLeave = onLeave;
  }

  /** Owned by whoever takes it. */
  private static final class Frame {
    private final int kind;
    private final byte[] bytes;

    Frame(int kind, byte[] bytes) {
      this.kind = kind;
      this.bytes = bytes;
    }
  }

  /**
   * @param container its main process's container; null for an exec
   */
  private record Program(StreamSession session, @Nullable String container) {}

  /** Begins to read. */
  void start() {
    StreamThreads.run(this::read);
  }

  /** From now on there is a program; what came before is given to it on a thread of its own. */
  void connect(StreamSession session, @Nullable String container) {
    Program now = new Program(session, container);
    synchronized (this) {
      connected = true;
    }
    if (kept().isEmpty()) {
      program.complete(now);
      return;
    }
    StreamThreads.run(
        () -> {
          kept().forEach(frame -> take(frame, now));
          program.complete(now);
        });
  }

  /** Whether the client has left the program to itself. */
  boolean isDetached() {
    return detached.get();
  }

  private synchronized Deque<Frame> kept() {
    return new ArrayDeque<>(kept);
  }

  private void read() {
    try {
      DataInputStream input = new DataInputStream(new BufferedInputStream(stream.input(), BUFFER));
      while (true) {
        Frame frame = next(input);
        if (!isEarly(frame)) {
          Program now = program.join();
          if (frame.kind == DETACH) {
            detach(now);
            return;
          }
          take(frame, now);
        }
      }
    } catch (IOException e) {
      leave(); // the client is gone
    } catch (RuntimeException e) {
      ApiError.log(e);
    }
  }

  private Frame next(DataInputStream input) throws IOException {
    int kind = STDIN;
    if (left == 0) {
      kind = input.readInt() >>> 24;
      left = input.readInt();
    }
    if (left < 0 || left > (kind == STDIN ? FrameInput.LONGEST_FRAME : PART)) {
      throw new IOException("frame of " + left + " bytes");
    }
    byte[] bytes = new byte[Math.min(left, PART)];
    input.readFully(bytes);
    left -= bytes.length;
    return new Frame(kind, bytes);
  }

  /** True for a frame that was dealt with before there is a program. */
  private boolean isEarly(Frame frame) {
    synchronized (this) {
      boolean isFor = frame.kind == STDIN || frame.kind == SIZE;
      if (connected || onLeave == null || (isFor && kept.size() >= KEPT)) {
        return false;
      }
      if (isFor) {
        kept.add(frame);
        return true;
      }
    }
    if (frame.kind == SIGNAL || frame.kind == DETACH) {
      onLeave.run();
    }
    return true;
  }

  private void leave() {
    Program now = program.getNow(null);
    if (now != null) {
      now.session.close();
      return;
    }
    if (onLeave != null) {
      onLeave.run();
    }
    // It may just have come: then it ends with its client, as always.
    CompletableFuture<Void> ignored = program.thenAccept(late -> late.session.close());
  }

  /** A main process is let go; an exec is kept company, for it would end with its session. */
  private void detach(Program now) throws IOException {
    detached.set(true);
    output.control(Map.of("exitCode", 0));
    stream.close();
    if (now.container != null) {
      now.session.close();
    }
  }

  private void take(Frame frame, Program now) {
    String text = frame.kind == STDIN ? "" : new String(frame.bytes, StandardCharsets.UTF_8);
    switch (frame.kind) {
      case STDIN -> write(frame.bytes, now.session);
      case SIZE -> {
        String[] size = text.split(" ", -1);
        now.session.resize(Integer.parseInt(size[0]), Integer.parseInt(size[1]));
      }
      case SIGNAL -> {
        if (now.container != null) {
          kill(now.container, text);
        }
      }
      default -> {}
    }
  }

  private void kill(String container, String signal) {
    try {
      containers.kill(container, signal);
    } catch (JcomposeException.Conflict | JcomposeException.NotFound e) {
      // It has ended by itself, which its client is told.
    }
  }

  /** A program that closed its input takes no more; its output goes on. */
  private static void write(byte[] bytes, StreamSession session) {
    try {
      if (bytes.length == 0) {
        session.stdin().close();
      } else {
        session.stdin().write(bytes);
        session.stdin().flush();
      }
    } catch (IOException e) {
      // told by the program's end
    }
  }
}
