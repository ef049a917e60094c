package io.jcompose.cli.action;

import io.jcompose.cli.client.EngineClient;
import io.jcompose.cli.client.EngineStart;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.HttpAnswer;
import io.jcompose.cli.wire.SshHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code jcompose engine [status|stop|restart]}: runs an engine, or asks or ends one that runs. */
final class EngineControl {
  private static final String USAGE = "usage: jcompose engine [OPTIONS] [status|stop|restart]";
  private static final long STOP_SECONDS = 60;

  private EngineControl() {}

  /** What is asked of the engine that runs. */
  static int run(Invocation invocation) throws IOException {
    Consoles.current().requireOwn();
    if (invocation.arguments().size() != 1) {
      throw new CommandFailure(USAGE, 1);
    }
    String word = invocation.arguments().get(0);
    SshHost remote = Engines.remote(invocation);
    if (remote != null && !word.equals("status")) {
      throw new CommandFailure(
          "an engine is stopped and restarted on its own host: `ssh "
              + remote.target()
              + " jcompose engine "
              + word
              + "`",
          1);
    }
    return switch (word) {
      case "status" -> status(invocation);
      case "stop" -> stop(invocation);
      case "restart" -> restart(invocation);
      default -> throw new CommandFailure("no such command: engine " + word + "\n" + USAGE, 1);
    };
  }

  /** Its exit code is 3 when no engine runs, as systemctl's. */
  private static int status(Invocation invocation) throws IOException {
    EngineClient client = Engines.running(invocation);
    if (Engines.remote(invocation) == null && !client.isUp()) {
      say("no engine runs at " + Engines.roots(invocation).socket());
      return 3;
    }
    try (HttpAnswer answer = client.post("/jcompose/v1/engine/status", "{}", false)) {
      Consoles.current().out().write(answer.readAllBytes());
      return 0;
    }
  }

  private static int stop(Invocation invocation) throws IOException {
    EngineClient client = Engines.running(invocation);
    if (!client.isUp()) {
      say("no engine runs at " + Engines.roots(invocation).socket());
      return 0;
    }
    refuseSupervised(client, "stop");
    askToStop(client);
    say("engine stopped; containers run on");
    return 0;
  }

  private static int restart(Invocation invocation) throws IOException {
    EngineClient client = Engines.running(invocation);
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new CommandFailure(
          "only root can start an engine again: run `jcompose engine restart` as root, or use sudo",
          1);
    }
    if (!invocation.env().getOrDefault("JCOMPOSE_HOST", "").isEmpty()) {
      throw new CommandFailure(
          "JCOMPOSE_HOST names a socket only: restart its engine where it was started", 1);
    }
    if (client.isUp()) {
      refuseSupervised(client, "restart");
      askToStop(client);
    }
    EngineStart.start(Engines.roots(invocation));
    say("engine started; containers ran on");
    return 0;
  }

  /** It would be started again at once, or two would fight for the place. */
  private static void refuseSupervised(EngineClient client, String what) throws IOException {
    try (HttpAnswer answer = client.post("/jcompose/v1/engine/supervisor", "{}", false)) {
      if (answer.text().strip().equals("systemd")) {
        throw new CommandFailure(
            "systemd runs this engine: use `systemctl " + what + " jcompose`", 1);
      }
    }
  }

  /**
   * Asks an engine to end and waits until its process has.
   *
   * @throws CommandFailure when it does not in a minute
   */
  static void askToStop(EngineClient client) throws IOException {
    long pid;
    try (HttpAnswer answer = client.post("/jcompose/v1/engine/stop", "{}", false)) {
      pid = Long.parseLong(answer.text().strip());
    }
    Optional<ProcessHandle> engine = ProcessHandle.of(pid);
    if (engine.isEmpty()) {
      return;
    }
    try {
      engine.get().onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new CommandFailure(
          "the engine (pid "
              + pid
              + ") has not ended in "
              + STOP_SECONDS
              + " s; `kill -9 "
              + pid
              + "` ends it, and containers run on",
          1);
    } catch (ExecutionException e) {
      throw new IOException("cannot wait for process " + pid, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure("interrupted", 130);
    }
  }

  private static void say(String text) throws IOException {
    Consoles.current().out().write((text + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
