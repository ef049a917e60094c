package io.jcompose.engine.health;

import io.jcompose.core.StreamSession;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;

/** A program that has ended before anybody looks. */
record FakeSession(int exitCode, CountDownLatch closed) implements StreamSession {
  @Override
  public OutputStream stdin() {
    return OutputStream.nullOutputStream();
  }

  @Override
  public void pump(Sink sink) {}

  @Override
  public void resize(int rows, int columns) {}

  @Override
  public void close() {
    closed.countDown();
  }
}
