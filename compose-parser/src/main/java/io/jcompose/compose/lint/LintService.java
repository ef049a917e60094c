package io.jcompose.compose.lint;

import io.jcompose.compose.tree.LoadTrace;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rules about one service. */
final class LintService {
  private static final Set<String> DATABASE_PORTS =
      Set.of(
          "1433", "1521", "2379", "3306", "5432", "5984", "6379", "7687", "8086", "9042", "9200",
          "11211", "26257", "27017", "33060");
  private static final Pattern SECRET =
      Pattern.compile(
          ".*(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIALS?)$");
  private static final Set<String> FOREVER = Set.of("always", "unless-stopped", "any");
  private static final long LEAST_MEMORY = 6L << 20;

  private final Findings findings;
  private final LoadTrace trace;
  private final Map<String, Node> services;
  private final String path;
  private final MapNode service;

  LintService(
      Findings findings,
      LoadTrace trace,
      Map<String, Node> services,
      String path,
      MapNode service) {
    this.findings = findings;
    this.trace = trace;
    this.services = services;
    this.path = path;
    this.service = service;
  }

  void check() {
    image();
    ports();
    dependencies();
    environment();
    volumes();
    commands();
    memory();
    if (service.isTrue("privileged")) {
      warn(
          service.get("privileged"),
          "privileged",
          ".privileged",
          "the container can do all that root of the host can; name the capabilities or devices it needs");
    }
    if (!service.list("links").isEmpty()) {
      warn(
          service.get("links"),
          "obsolete-links",
          ".links",
          "services of a network find each other by name; use depends_on for the order");
    }
  }

  private void image() {
    String image = service.text("image");
    if (image.isEmpty() || image.indexOf('@') >= 0 || service.get("build") instanceof MapNode) {
      return;
    }
    int colon = image.indexOf(':', image.lastIndexOf('/') + 1);
    String tag = colon < 0 ? "" : image.substring(colon + 1);
    if (tag.isEmpty() || tag.equals("latest")) {
      warn(
          service.get("image"),
          "latest-tag",
          ".image",
          "\"" + image + "\" means another image tomorrow; name a version");
    }
  }

  private void ports() {
    String mode = service.text("network_mode");
    if (!service.list("ports").isEmpty() && (mode.equals("host") || mode.equals("none"))) {
      warn(
          service.get("ports"),
          "ports-without-network",
          ".ports",
          "ports are not published with network_mode: " + mode);
      return;
    }
    for (Node item : service.list("ports")) {
      if (item instanceof MapNode port
          && DATABASE_PORTS.contains(port.text("target"))
          && (port.text("host_ip").isEmpty() || port.text("host_ip").equals("0.0.0.0"))) {
        warn(
            port,
            "database-port",
            ".ports",
            "a database's port "
                + port.text("target")
                + " is open on all addresses of the host, past many firewalls; write 127.0.0.1: before it, or leave it out");
      }
    }
  }

  private void dependencies() {
    MapNode all = service.map("depends_on");
    if (all == null) {
      return;
    }
    all.entries.forEach(
        (name, node) -> {
          if (node instanceof MapNode dependency && services.get(name) instanceof MapNode other) {
            dependency(name, dependency, other);
          }
        });
  }

  private void dependency(String name, MapNode dependency, MapNode other) {
    String at = ".depends_on." + name;
    switch (dependency.text("condition")) {
      case "service_healthy" -> {
        MapNode check = other.map("healthcheck");
        boolean off = check != null && (check.isTrue("disable") || isNone(check));
        if (off) {
          findings.error(
              dependency,
              "health-condition",
              path + at,
              name + " has its health check switched off");
        } else if (check == null) {
          warn(
              dependency,
              "health-condition",
              at,
              name + " has no healthcheck here; unless its image has one, this waits in vain");
        }
      }
      case "service_completed_successfully" -> {
        String policy = policy(other);
        if (FOREVER.contains(policy)) {
          findings.error(
              dependency,
              "one-shot-restart",
              path + at,
              name + " never completes: it has restart: " + policy);
        }
      }
      default -> {}
    }
  }

  /** When it is restarted; what {@code deploy} says comes first. */
  private static String policy(MapNode service) {
    MapNode deploy = service.map("deploy");
    MapNode policy = deploy == null ? null : deploy.map("restart_policy");
    String condition = policy == null ? "" : policy.text("condition");
    if (condition.isEmpty()) {
      boolean any = policy != null && service.text("restart").isEmpty();
      return any ? "any" : service.text("restart");
    }
    return condition;
  }

  private static boolean isNone(MapNode check) {
    return !check.list("test").isEmpty()
        && check.list("test").getFirst() instanceof Scalar verb
        && verb.text().equals("NONE");
  }

  private void environment() {
    MapNode environment = service.map("environment");
    if (environment == null) {
      return;
    }
    environment.entries.forEach(
        (key, node) -> {
          boolean literal =
              node instanceof Scalar value
                  && !value.isNull()
                  && !value.text().isEmpty()
                  && trace.uses(value.position).isEmpty()
                  && trace.text(value.position) != null;
          if (literal && SECRET.matcher(key.toUpperCase(Locale.ROOT)).matches()) {
            warn(
                node,
                "secret-in-environment",
                ".environment." + key,
                "a secret is written in the file and shown by inspect; use secrets:, or at least a variable");
          }
        });
  }

  private void volumes() {
    for (Node item : service.list("volumes")) {
      if (!(item instanceof MapNode mount) || !mount.text("type").equals("bind")) {
        continue;
      }
      String source = mount.text("source");
      if (source.endsWith("/docker.sock")) {
        warn(
            mount,
            "engine-socket",
            ".volumes",
            "who reaches the engine's socket is root of the host, also when it is read-only");
      } else if (source.startsWith("/")
          && source.indexOf('\0') < 0
          && Files.notExists(Path.of(source))) {
        warn(
            mount,
            "missing-bind-source",
            ".volumes",
            source + " does not exist; it becomes an empty folder that belongs to root");
      }
    }
  }

  private void commands() {
    for (String key : new String[] {"command", "entrypoint"}) {
      Node node = service.get(key);
      String text = node == null ? null : trace.text(node.position);
      // A list has no text at its own place.
      if (text != null && hasShellSyntax(text)) {
        warn(
            node,
            "shell-syntax",
            "." + key,
            "no shell reads this, and what stands behind | & ; < > is cut off; write [\"sh\", \"-c\", \"…\"]");
      }
    }
    MapNode check = service.map("healthcheck");
    if (check != null
        && check.list("test").size() == 2
        && check.list("test").get(0) instanceof Scalar verb
        && check.list("test").get(1) instanceof Scalar program
        && verb.text().equals("CMD")
        && program.text().indexOf(' ') >= 0) {
      warn(
          program,
          "healthcheck-command",
          ".healthcheck.test",
          "CMD takes the program and each argument as an item of its own; use CMD-SHELL for a line");
    }
  }

  /** Whether an operator stands outside of quotes. */
  private static boolean hasShellSyntax(String text) {
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && quote != '\'') {
        i++;
      } else if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if ("|&;<>".indexOf(c) >= 0) {
        return true;
      }
    }
    return false;
  }

  private void memory() {
    for (String key : new String[] {"mem_limit", "mem_reservation"}) {
      if (service.get(key) instanceof Scalar scalar
          && scalar.value instanceof Long bytes
          && bytes > 0
          && bytes < LEAST_MEMORY) {
        warn(scalar, "memory-unit", "." + key, bytes + " bytes; was a unit like m or g forgotten?");
      }
    }
  }

  private void warn(@Nullable Node node, String rule, String at, String message) {
    findings.warn(node, rule, path + at, message);
  }
}
