package io.jcompose.runtime.shim;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.file.SealedCopy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The small process that forks a shim for each connection: much cheaper than a spawn from a JVM. It
 * ends with the engine, its shims do not; when it was killed the next start makes a new one.
 */
public final class Launcher implements AutoCloseable {
  /** Generous: the first start reads the program from a disk that may be busy. */
  private static final long READY_MILLIS = 30_000;

  private final Path shimBinary;
  private final Path socket;
  private final long readyMillis;
  private final ReentrantLock starting = new ReentrantLock();
  private @Nullable Process process; // guarded by starting

  public Launcher(Path shimBinary, Path runDir) {
    this(shimBinary, runDir, READY_MILLIS);
  }

  /**
   * @param readyMillis how long the program may take until it is ready
   */
  Launcher(Path shimBinary, Path runDir, long readyMillis) {
    this.readyMillis = readyMillis;
    this.shimBinary = shimBinary;
    // one per engine process, so that an old engine's launcher cannot be mistaken for this one's
    this.socket = runDir.resolve("launcher-" + ProcessHandle.current().pid());
  }

  /** A connection to a new shim that waits for its plan. */
  public ShimConnection connect() {
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

  public void ensureRunning() {
    starting.lock();
    try {
      if (process != null && process.isAlive()) {
        return;
      }
      process = startSealed();
    } catch (IOException e) {
      throw new JcomposeException.Internal(
          "failed to start " + shimBinary + ": " + e.getMessage() + " (is it built?)", e);
    } finally {
      starting.unlock();
    }
  }

  /** A container can write to no program that its shim or its init was started from. */
  private Process startSealed() throws IOException {
    Path name = socket.resolveSibling(socket.getFileName() + "-jcompose-shim"); // as ps shows it
    try (SealedCopy program = SealedCopy.of(shimBinary)) {
      Files.deleteIfExists(name);
      Files.createSymbolicLink(name, program.path());
      ProcessBuilder launcher =
          new ProcessBuilder(List.of(name.toString(), "launcher", socket.toString()))
              .redirectErrorStream(true);
      // what a person had set who began the engine is for no child to show to a container
      launcher.environment().clear();
      launcher.environment().put("LC_ALL", "C"); // where its words end, which init wipes
      Process started = launcher.start();
      String line = firstLine(started);
      if (!"ready".equals(line)) {
        started.destroyForcibly();
        throw new JcomposeException.Internal(
            "failed to start " + shimBinary + ": " + (line == null ? "it ended" : line));
      }
      return started;
    } finally {
      Files.deleteIfExists(name);
    }
  }

  /** Null when it ended; a program that says nothing is ended, for all starts wait for it. */
  private @Nullable String firstLine(Process started) throws IOException {
    CompletableFuture<Void> answered = new CompletableFuture<>();
    var _ =
        answered
            .orTimeout(readyMillis, TimeUnit.MILLISECONDS)
            .whenComplete(
                (_, late) -> {
                  if (late != null) {
                    started.destroyForcibly();
                  }
                });
    BufferedReader out =
        new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    return answered.complete(null) ? line : "it was not ready within " + readyMillis + " ms";
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
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to stop the shim launcher", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      starting.unlock();
    }
  }
}
