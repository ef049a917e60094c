package io.jcompose.cli;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.StateFile;
import io.jcompose.engine.RootFolders;
import io.jcompose.linux.Umask;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code jcompose engine}: runs the engine in the foreground until SIGTERM or SIGINT, which leaves
 * the containers running. A lock file in the state root keeps a second one out.
 */
final class EngineAction {
  private static final Logger LOG = LoggerFactory.getLogger(EngineAction.class);
  private static final int ALREADY_RUNS = 75;

  /** What containers find in files that the engine makes must not hang on who started it. */
  private static final int OWN_UMASK = 022;

  private EngineAction() {}

  static int run(Invocation invocation) throws IOException {
    requireRoot(Files.readString(Path.of("/proc/self/status")));
    Roots roots = invocation.roots();
    Path state = directory(invocation.text("state"), roots.state());
    Path run = directory(invocation.text("run"), roots.run());
    String config = invocation.text("config");
    if (config.isEmpty()) {
      config = invocation.config();
    }
    Umask.set(OWN_UMASK);
    try {
      RootFolders.prepare(state, run, EngineWiring.GROUP);
      return runLocked(invocation, state, run, Path.of(config));
    } catch (JcomposeException e) {
      throw new CommandFailure("the engine cannot start: " + e.getMessage(), 1);
    }
  }

  private static int runLocked(Invocation invocation, Path state, Path run, Path config)
      throws IOException {
    Path lockFile = state.resolve("engine.lock");
    if (Files.isDirectory(lockFile)) {
      StateFile.setAside(lockFile, "it is a directory");
    }
    try (FileChannel starting = holdStart(invocation, run);
        FileChannel channel = LockFiles.open(lockFile)) {
      boolean isOurs = channel.tryLock() != null;
      if (!isOurs && invocation.has("take-over")) {
        isOurs = TakeOver.from(lockFile, channel);
      }
      if (!isOurs) {
        throw new CommandFailure(
            "an engine runs on " + state + " already (pid " + Files.readString(lockFile) + ")",
            ALREADY_RUNS);
      }
      // Over what is there, which needs no room on a full disk.
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
      channel.truncate(channel.position());
      return serve(invocation, state, run, config, starting);
    }
  }

  /**
   * Keeps commands that find no engine from starting another until this one serves: they wait for
   * the same lock. Of an engine that a command starts, the command holds it.
   */
  private static FileChannel holdStart(Invocation invocation, Path run) throws IOException {
    Path file = run.resolve("start.lock");
    FileChannel channel = LockFiles.open(file);
    if (!invocation.has("background")) {
      try {
        LockFiles.lock(channel, file);
      } catch (IOException | CommandFailure e) {
        channel.close();
        throw e;
      }
    }
    return channel;
  }

  /** Refuses any effective user but root, by the text of proc_pid_status(5). */
  static void requireRoot(String status) {
    boolean root = status.lines().anyMatch(line -> line.matches("Uid:\\s+\\d+\\s+0\\s.*"));
    if (!root) {
      throw new CommandFailure(
          "the engine needs root, for namespaces, mounts and the firewall: run `jcompose engine` as"
              + " root, or use sudo",
          1);
    }
  }

  private static int serve(
      Invocation invocation, Path state, Path run, Path config, FileChannel starting)
      throws IOException {
    CountDownLatch asked = new CountDownLatch(1);
    Terminal.onInterrupt(count -> asked.countDown());
    ServiceManager manager = ServiceManager.of(invocation.env());
    try (EngineWiring wiring = EngineWiring.open(state, run, config)) {
      LOG.info("engine ready on {}", wiring.socket());
      starting.close();
      manager.ready("serves on " + wiring.socket());
      if (invocation.has("background")) {
        System.out.println("ready");
        System.out.close();
      }
      Carriers.makeAll();
      while (!asked.await(Carriers.TOUCH_EVERY.toSeconds(), TimeUnit.SECONDS)) {
        Carriers.touch();
      }
      manager.stopping();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    LOG.info("engine stopped; containers run on");
    return 0;
  }

  private static Path directory(String option, String otherwise) {
    return Path.of(option.isEmpty() ? otherwise : option).toAbsolutePath();
  }
}
