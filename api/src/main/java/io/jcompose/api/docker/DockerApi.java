package io.jcompose.api.docker;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.EngineInfo;
import io.jcompose.api.answer.ApiError;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.container.AttachRoutes;
import io.jcompose.api.docker.container.ContainerActions;
import io.jcompose.api.docker.container.ContainerContents;
import io.jcompose.api.docker.container.ContainerCreation;
import io.jcompose.api.docker.container.ContainerLogs;
import io.jcompose.api.docker.container.ContainerRoutes;
import io.jcompose.api.docker.container.ContainerStatistics;
import io.jcompose.api.docker.container.ContainerSummaries;
import io.jcompose.api.docker.container.ContainerUpdate;
import io.jcompose.api.docker.container.ContainerWait;
import io.jcompose.api.docker.container.ExecRoutes;
import io.jcompose.api.docker.image.BuildRoutes;
import io.jcompose.api.docker.image.DistributionRoutes;
import io.jcompose.api.docker.image.ImagePushes;
import io.jcompose.api.docker.image.ImageRoutes;
import io.jcompose.api.docker.image.ImageTransfers;
import io.jcompose.api.docker.image.SearchRoutes;
import io.jcompose.api.docker.session.SessionRoutes;
import io.jcompose.api.host.Audit;
import io.jcompose.api.host.Pruning;
import io.jcompose.api.host.SystemCommands;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.http.Handler;
import io.jcompose.api.log.EventLog;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.FairShare;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.time.Clock;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Docker's Engine API, versions 1.24 to 1.51, over the same ports as all else: what the {@code
 * docker} command line asks to look at containers, images, networks and volumes, and to drive them.
 * Thread-safe.
 */
public final class DockerApi implements Handler {
  static final int LAST_MINOR = 51;
  static final int FIRST_MINOR = 24;
  private static final Pattern VERSION = Pattern.compile("/v([0-9]{1,3})\\.([0-9]{1,3})(/.*)");

  private final Routes routes = new Routes();
  private final FairShare underWay;
  private final String server;

  /**
   * @param system what the engine tells of itself
   * @param pruning knows what projects need that they do not use at the moment
   * @param events the engine's, of which there is one
   * @param underWay counts requests by kind
   */
  public DockerApi(
      ApiPorts ports,
      EngineInfo info,
      SystemCommands system,
      Pruning pruning,
      EventLog events,
      FairShare underWay,
      Clock clock) {
    this.underWay = underWay;
    this.server = "jcompose/" + info.version() + " (linux)";
    ContainerSummaries summaries = new ContainerSummaries(ports, clock);
    new SystemRoutes(info, system).addTo(routes);
    new DiskUsageRoutes(ports, summaries).addTo(routes);
    ExecRoutes execs = new ExecRoutes(ports);
    new ContainerRoutes(ports, summaries, execs::ofContainer).addTo(routes);
    new ContainerCreation(ports).addTo(routes);
    new ContainerActions(ports, clock).addTo(routes);
    new ContainerUpdate(ports).addTo(routes);
    new ContainerWait(ports).addTo(routes);
    new ContainerLogs(ports).addTo(routes);
    new ContainerStatistics(ports).addTo(routes);
    new EventRoutes(events, clock).addTo(routes);
    execs.addTo(routes);
    new AttachRoutes(ports, events).addTo(routes);
    new ContainerContents(ports).addTo(routes);
    new ImageTransfers(ports).addTo(routes);
    new ImagePushes(ports).addTo(routes);
    new DistributionRoutes(ports).addTo(routes);
    new SearchRoutes(ports).addTo(routes);
    new ImageRoutes(ports, clock).addTo(routes);
    new NetworkRoutes(ports).addTo(routes);
    new VolumeRoutes(ports).addTo(routes);
    new PruneRoutes(pruning, ports.builds(), events).addTo(routes);
    SessionRoutes sessions = new SessionRoutes(ports, pruning.moments());
    sessions.addTo(routes);
    new BuildRoutes(ports, sessions::build).addTo(routes);
    new AuthRoutes(ports).addTo(routes);
    Absent.addTo(routes);
  }

  @Override
  public void handle(Exchange exchange) throws IOException {
    exchange.header("Api-Version", "1." + LAST_MINOR);
    exchange.header("Docker-Experimental", "false");
    exchange.header("Ostype", "linux");
    exchange.header("Server", server);
    try {
      route(exchange);
    } catch (InvalidPathException e) {
      refuse(exchange, new Refusal(400, "invalid path: " + e.getReason()));
    } catch (RuntimeException e) {
      if (!(e instanceof Refusal)) {
        ApiError.log(e);
      }
      refuse(exchange, e);
    }
  }

  private static void refuse(Exchange exchange, RuntimeException e) throws IOException {
    if (exchange.isStarted()) {
      throw new IOException("failed after the answer began", e);
    }
    exchange.respond(
        Refusal.status(e), Call.JSON, JsonText.of(Map.of("message", Refusal.message(e))) + "\n");
  }

  private void route(Exchange exchange) throws IOException {
    String path = decoded(exchange.head().path());
    int minor = LAST_MINOR;
    Matcher versioned = VERSION.matcher(path);
    if (versioned.matches()) {
      minor = minor(versioned.group(1), versioned.group(2));
      path = versioned.group(3);
    }
    String method = exchange.head().method();
    Routes.Found found =
        routes.find(method, path).orElseThrow(() -> new Refusal(404, "page not found"));
    String kind = found.route().kind();
    if (!underWay.take(kind, 1)) {
      throw new JcomposeException.Unavailable(
          "too many requests of this kind are under way; try again when some have ended");
    }
    try {
      if (!method.equals("GET") && !method.equals("HEAD")) {
        Audit.tell(exchange.caller(), method + " " + path);
      }
      found.route().work().answer(new Call(exchange, minor, found.names()));
    } finally {
      underWay.give(kind, 1);
    }
  }

  private static int minor(String major, String minor) {
    int asked = Integer.parseInt(major) * 1000 + Integer.parseInt(minor);
    String shown = Integer.parseInt(major) + "." + Integer.parseInt(minor);
    if (asked > 1000 + LAST_MINOR) {
      throw new Refusal(
          400,
          "client version "
              + shown
              + " is too new. Maximum supported API version is 1."
              + LAST_MINOR);
    }
    if (asked < 1000 + FIRST_MINOR) {
      throw new Refusal(
          400,
          "client version "
              + shown
              + " is too old. Minimum supported API version is 1."
              + FIRST_MINOR
              + ", please upgrade your client to a newer version");
    }
    return asked - 1000;
  }

  /** A plus is a plus here, other than in a query. */
  private static String decoded(String path) {
    try {
      return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new Refusal(400, "malformed percent-encoding in the path");
    }
  }
}
