package io.jcompose.compose.rules;

import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Problems;
import io.jcompose.compose.tree.Values;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks of a service's process and health check for values that are of the right kind, but that an
 * engine refuses when it makes the container.
 */
final class ValueRules {
  private static final Duration SHORTEST = Duration.ofMillis(1);

  private final String name;
  private final MapNode service;
  private final String path;
  private final Problems problems;

  ValueRules(String name, MapNode service, Problems problems) {
    this.name = name;
    this.service = service;
    this.path = "services." + name;
    this.problems = problems;
  }

  void check() {
    String folder = service.text("working_dir");
    if (!folder.isEmpty() && !folder.startsWith("/")) {
      refuse(
          service.get("working_dir"),
          ".working_dir",
          "the working directory '" + folder + "' is invalid, it needs to be an absolute path");
    }
    for (String section : List.of("environment", "labels")) {
      MapNode pairs = service.map(section);
      if (pairs != null && pairs.entries.containsKey("")) {
        refuse(pairs.get(""), "." + section, "a name is empty");
      }
    }
    if (new Values(service).number("shm_size") < 0) {
      refuse(service.get("shm_size"), ".shm_size", "SHM size can not be less than 0");
    }
    MapNode check = service.map("healthcheck");
    if (check != null) {
      healthcheck(check);
    }
  }

  private void healthcheck(MapNode check) {
    Values values = new Values(check);
    for (String key : List.of("interval", "timeout", "start_period", "start_interval")) {
      Duration duration = values.duration(key);
      if (duration != null && !duration.isZero() && duration.compareTo(SHORTEST) < 0) {
        refuse(
            check.get(key),
            ".healthcheck." + key,
            values.text(key) + " is too short: it cannot be less than one millisecond");
      }
    }
    if (values.number("retries") < 0) {
      refuse(check.get("retries"), ".healthcheck.retries", "it cannot be negative");
    }
    if (values.has("start_interval") && !values.has("start_period")) {
      refuse(
          check.get("start_interval"),
          ".healthcheck.start_interval",
          "start_interval means nothing without start_period: give both");
    }
  }

  private void refuse(@Nullable Node node, String key, String message) {
    problems.refuse(name, node, path + key, message);
  }
}
