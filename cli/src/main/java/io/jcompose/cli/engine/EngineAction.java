package io.jcompose.cli.engine;

import io.jcompose.api.EngineInfo;
import io.jcompose.cli.client.EngineFiles;
import io.jcompose.cli.client.LockFiles;
import io.jcompose.cli.client.Roots;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.log.EngineLog;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.Version;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.StateFile;
import io.jcompose.engine.ProcessSettings;
import io.jcompose.engine.RootFolders;
import io.jcompose.linux.file.Umask;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code jcompose engine}: runs the engine in the foreground until SIGTERM, SIGINT or {@code
 * jcompose engine stop}, which leave the containers running. A lock file in the state root keeps a
 * second one out.
 */
public final class EngineAction {
  private static final Logger LOG = LoggerFactory.getLogger(EngineAction.class);
  private static final int ALREADY_RUNS = 75;

  /** As sysexits.h; the unit is not started again after it, for a person must change the file. */
  private static final int WRONG_SETTINGS = 78;

  /** What containers find in files that the engine makes must not hang on who started it. */
  private static final int OWN_UMASK = 022;

  private final Invocation invocation;
  private final Path config;
  private final ClientCommands.CommandLine commands;
  private final ProcessSettings settings;
  private final Path state;
  private final Path run;

  private EngineAction(Invocation invocation, Path config, ClientCommands.CommandLine commands) {
    this.invocation = invocation;
    this.commands = commands;
    this.config = config;
    this.settings = ProcessSettings.load(config);
    Roots roots = Engines.roots(invocation);
    String root = invocation.text("state");
    if (root.isEmpty()) {
      root = roots.hasOwnState() ? roots.state() : state(settings, roots);
    }
    this.state = Path.of(root).toAbsolutePath();
    String runRoot = invocation.text("run");
    this.run = Path.of(runRoot.isEmpty() ? roots.run() : runRoot).toAbsolutePath();
  }

  private static String state(ProcessSettings settings, Roots roots) {
    return settings.dataRoot().map(Path::toString).orElse(roots.state());
  }

  /**
   * Runs the engine until it is stopped; returns the exit code.
   *
   * @param commands what carries out the command lines of client programs
   */
  public static int run(Invocation invocation, ClientCommands.CommandLine commands)
      throws IOException {
    HostCheck.requireRights(Files.readString(Path.of("/proc/self/status")));
    String config = invocation.text("config");
    Path file = Path.of(config.isEmpty() ? invocation.config() : config);
    Umask.set(OWN_UMASK);
    try {
      EngineAction action = new EngineAction(invocation, file, commands);
      RootFolders.prepare(action.state, action.run, EngineWiring.GROUP);
      return action.runLocked();
    } catch (JcomposeException e) {
      boolean settings = e instanceof JcomposeException.InvalidArgument;
      throw new CommandFailure(
          "the engine cannot start: " + e.getMessage(), settings ? WRONG_SETTINGS : 1);
    }
  }

  private int runLocked() throws IOException {
    Path lockFile = state.resolve("engine.lock");
    if (Files.isDirectory(lockFile)) {
      StateFile.setAside(lockFile, "it is a directory");
    }
    try (FileChannel starting = holdStart();
        FileChannel channel = LockFiles.open(lockFile)) {
      boolean isOurs = channel.tryLock() != null;
      if (!isOurs && invocation.has("take-over")) {
        isOurs = TakeOver.from(lockFile, channel);
      }
      if (!isOurs) {
        throw new CommandFailure(
            "an engine runs on "
                + state
                + " already (pid "
                + Files.readString(lockFile)
                + "); `jcompose engine stop` ends it, and --take-over does so first",
            ALREADY_RUNS);
      }
      boolean isSecond = invocation.has("background"); // the command put the first's words aside
      LastEngine last =
          LastEngine.read(
              channel, run.resolve(isSecond ? EngineFiles.LAST_ERRORS : EngineFiles.ERRORS));
      // Over what is there, which needs no room on a full disk.
      channel.position(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
      channel.truncate(channel.position());
      int code = serve(last, starting);
      channel.truncate(0); // an engine that finds a pid knows that the one before it was killed
      return code;
    }
  }

  /**
   * Keeps commands that find no engine from starting another until this one serves: they wait for
   * the same lock. Of an engine that a command starts, the command holds it.
   */
  private FileChannel holdStart() throws IOException {
    Path file = run.resolve(EngineFiles.START_LOCK);
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

  private int serve(LastEngine last, FileChannel starting) throws IOException {
    Supervisor supervisor = Supervisor.find(invocation.has("background"), invocation.env());
    EngineLog log = EngineLog.instance();
    log.level(settings.logLevel());
    if (supervisor.hasJournal()) {
      log.toJournal();
    } else if (invocation.has("background")) {
      log.toFile(state.resolve(EngineFiles.LOG));
    }
    if (invocation.has("background")) {
      CallersUnit.leave(Path.of("/"));
    }
    LOG.info("engine {} starts on {}, pid {}", Version.TEXT, state, ProcessHandle.current().pid());
    last.tell(LOG);
    CountDownLatch asked = new CountDownLatch(1);
    Consoles.current().onInterrupt(count -> asked.countDown());
    ServiceManager manager = ServiceManager.of(invocation.env());
    EngineInfo info =
        new EngineInfo(
            Version.TEXT, state, run, config, supervisor.text(), settings.labels(), Instant.now());
    try (EngineWiring wiring = open(info, asked)) {
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
      LOG.info("engine stops");
      if (manager.isThere() && HostShutdown.isUnderWay()) {
        new HostShutdown(wiring.containers()).endAll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    LOG.info("engine stopped; containers run on");
    return 0;
  }

  private EngineWiring open(EngineInfo info, CountDownLatch asked) throws IOException {
    try {
      return EngineWiring.open(info, commands, asked::countDown);
    } catch (JcomposeException e) {
      LOG.debug("the engine cannot start", e);
      throw e;
    } catch (IOException | RuntimeException e) {
      LOG.debug("the engine cannot start", e);
      throw new CommandFailure("the engine cannot start: " + HostCheck.explain(e), 1);
    }
  }
}
