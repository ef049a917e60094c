package io.jcompose.api.host;

import io.jcompose.api.EngineInfo;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.text.HumanText;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code engine status|stop}: the engine's process itself. */
public final class EngineCommands {
  private final Containers containers;
  private final EngineInfo info;
  private final Runnable stop;
  private final Clock clock;

  /**
   * @param stop asks the process to end; returns at once
   */
  public EngineCommands(Containers containers, EngineInfo info, Runnable stop, Clock clock) {
    this.containers = containers;
    this.info = info;
    this.stop = stop;
    this.clock = clock;
  }

  public String status() {
    List<ContainerView> all = containers.list(Map.of());
    long running = all.stream().filter(ContainerView::isRunning).count();
    String age = HumanText.duration(Duration.between(info.started(), clock.instant()));
    return "Engine:      running, pid "
        + ProcessHandle.current().pid()
        + ", for "
        + age.toLowerCase(Locale.ROOT)
        + "\nVersion:     "
        + info.version()
        + "\nStarted by:  "
        + info.supervisor()
        + "\nState root:  "
        + info.stateRoot()
        + "\nSocket:      "
        + info.runRoot().resolve("engine.sock")
        + "\nSettings:    "
        + info.config()
        + "\nLog:         "
        + log()
        + "\nContainers:  "
        + running
        + " running of "
        + all.size()
        + "\n";
  }

  public String supervisor() {
    return info.supervisor() + "\n";
  }

  /** Answers with the pid, whose end is that of the engine. */
  public void stop(Exchange exchange) throws IOException {
    exchange.respond(200, "text/plain; charset=utf-8", ProcessHandle.current().pid() + "\n");
    stop.run();
  }

  private String log() {
    return switch (info.supervisor()) {
      case "systemd" -> "journalctl -u jcompose";
      case "a command" -> info.stateRoot().resolve("engine.log").toString();
      default -> "its standard error";
    };
  }
}
