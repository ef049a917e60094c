package io.jcompose.api.docker;

import io.jcompose.core.StreamSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A program that says what it is told to, writes down what it gets, and ends when it is told to.
 */
final class FakeProgram implements StreamSession {
  private record Said(int stream, String text) {}

  private static final Said END = new Said(0, "");

  private final BlockingQueue<Said> said = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream got = new ByteArrayOutputStream();

  /** What it got until its input ended. */
  final CompletableFuture<String> input = new CompletableFuture<>();

  final CompletableFuture<Boolean> closed = new CompletableFuture<>();
  volatile String size = "";
  private volatile int code;

  FakeProgram says(int stream, String text) {
    said.add(new Said(stream, text));
    return this;
  }

  FakeProgram ends(int exitCode) {
    code = exitCode;
    said.add(END);
    return this;
  }

  /** What it has got so far. */
  synchronized String got() {
    return got.toString(StandardCharsets.UTF_8);
  }

  @Override
  public OutputStream stdin() {
    return new OutputStream() {
      @Override
      public void write(int b) {
        synchronized (FakeProgram.this) {
          got.write(b);
        }
      }

      @Override
      public void close() {
        input.complete(got());
      }
    };
  }

  @Override
  public void pump(Sink sink) throws IOException {
    try {
      for (Said next = said.take(); next != END; next = said.take()) {
        byte[] bytes = next.text.getBytes(StandardCharsets.UTF_8);
        sink.accept(next.stream, bytes, 0, bytes.length);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void resize(int rows, int columns) {
    size = rows + "x" + columns;
  }

  @Override
  public int exitCode() {
    return code;
  }

  @Override
  public void close() {
    closed.complete(true);
    said.add(END);
  }
}
