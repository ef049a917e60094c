package io.jcompose.runtime;

import io.jcompose.core.JcomposeException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The small process that forks a shim for each connection: much cheaper than a spawn from a JVM. It
 * ends with the engine, its shims do not; when it was killed the next start makes a new one.
 */
final class Launcher implements AutoCloseable {
  private final Path shimBinary;
  private final Path socket;
  private final ReentrantLock starting = new ReentrantLock();
  private @Nullable Process process; // guarded by starting

  Launcher(Path shimBinary, Path runDir) {
    this.shimBinary = shimBinary;
    // one per engine process, so that an old engine's launcher cannot be mistaken for this one's
    this.socket = runDir.resolve("launcher-" + ProcessHandle.current().pid());
  }

  /** A connection to a new shim that waits for its plan. */
  ShimConnection connect() {
    try {
      return ShimConnection.connect(socket);
    } catch (IOException e) {
      ensureRunning();
      try {
        return ShimConnection.connect(socket);
      } catch (IOException again) {
        throw new JcomposeException.Internal(
            "failed to connect to the shim launcher at " + socket + ": " + again.getMessage(),
            again);
      }
    }
  }

  void ensureRunning() {
    starting.lock();
    try {
      if (process != null && process.isAlive()) {
        return;
      }
      Process started =
          new ProcessBuilder(List.of(shimBinary.toString(), "launcher", socket.toString()))
              .redirectErrorStream(true)
              .start();
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
      String line = out.readLine();
      if (!"ready".equals(line)) {
        started.destroyForcibly();
        throw new JcomposeException.Internal(
            "failed to start " + shimBinary + ": " + (line == null ? "it ended" : line));
      }
      process = started;
    } catch (IOException e) {
      throw new JcomposeException.Internal(
          "failed to start " + shimBinary + ": " + e.getMessage() + " (is it built?)", e);
    } finally {
      starting.unlock();
    }
  }

  @Override
  public void close() {
    starting.lock();
    try {
      if (process != null) {
        process.getOutputStream().close();
        if (!process.waitFor(2, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      }
      java.nio.file.Files.deleteIfExists(socket);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("failed to stop the shim launcher", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      starting.unlock();
    }
  }
}
