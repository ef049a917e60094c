package io.jcompose.compose.rules;

import io.jcompose.compose.model.Project;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks one complete service for itself: what must be there, and what excludes each other. */
final class ServiceRules {
  private static final String INVALID = Problems.INVALID_PROJECT;
  private static final Set<String> VERBS = Set.of("NONE", "CMD", "CMD-SHELL");

  /** Keys of a service with what says the same under {@code deploy.resources}. */
  private static final List<List<String>> TWINS =
      List.of(
          List.of("cpus", "limits", "cpus"),
          List.of("mem_limit", "limits", "memory"),
          List.of("pids_limit", "limits", "pids"),
          List.of("mem_reservation", "reservations", "memory"));

  private final Problems problems;

  ServiceRules(Problems problems) {
    this.problems = problems;
  }

  void check(String name, MapNode service) {
    String path = "services." + name;
    if (!(service.get("build") instanceof MapNode)
        && service.text("image").isEmpty()
        && !(service.get("provider") instanceof MapNode)
        && List.of("", ".image", ".build", ".provider", ".extends").stream()
            .noneMatch(key -> problems.blames(path + key))) {
      problems.at(
          service,
          path,
          "service \"" + name + "\" has neither an image nor a build context specified" + INVALID);
    }
    MapNode networks = service.map("networks");
    if (!service.text("network_mode").isEmpty()
        && networks != null
        && !networks.entries.isEmpty()) {
      problems.at(
          service.get("network_mode"),
          path,
          "service "
              + name
              + " declares mutually exclusive `network_mode` and `networks`"
              + INVALID);
    }
    build(name, service, path);
    replicas(name, service, path);
    twins(service, path);
    healthcheck(service, path);
    targets(service, path);
    watch(service, path);
  }

  private void build(String name, MapNode service, String path) {
    MapNode build = service.map("build");
    if (build == null) {
      return;
    }
    if (!build.text("dockerfile").isEmpty() && !build.text("dockerfile_inline").isEmpty()) {
      problems.at(
          build,
          path + ".build",
          "service \""
              + name
              + "\" declares mutualy exclusive dockerfile and dockerfile_inline"
              + INVALID);
    }
    String platform = service.text("platform");
    List<Node> platforms = build.list("platforms");
    if (!platform.isEmpty()
        && !platforms.isEmpty()
        && platforms.stream()
            .noneMatch(item -> item instanceof Scalar scalar && scalar.text().equals(platform))) {
      problems.at(
          build.get("platforms"),
          path + ".build.platforms",
          "service.build.platforms MUST include service.platform \"" + platform + "\"" + INVALID);
    }
  }

  private void replicas(String name, MapNode service, String path) {
    Node scale = service.get("scale");
    MapNode deploy = service.map("deploy");
    Node replicas = deploy == null ? null : deploy.get("replicas");
    if (scale instanceof Scalar a && replicas instanceof Scalar b && !a.text().equals(b.text())) {
      distinct(scale, path, "scale", "deploy.replicas");
    }
    boolean scaled = scale instanceof Scalar value && !value.isNull();
    Node count = scaled ? scale : replicas;
    if (!(count instanceof Scalar value) || !(value.value instanceof Long number)) {
      return;
    }
    String key = scaled ? "scale" : "deploy.replicas";
    if (number < 0) {
      problems.at(count, path + "." + key, "must be greater than or equal to 0");
    } else if (number > 1 && !service.text("container_name").isEmpty()) {
      problems.at(
          service.get("container_name"),
          path + "." + key,
          "can't set container_name and "
              + name
              + " as container name must be unique"
              + INVALID
              + ": remove container_name to scale the service");
    } else if (number > Project.MOST_CONTAINERS) {
      problems.refuse(name, count, path + "." + key, Project.tooManyContainers(number));
    }
  }

  /**
   * Docker Compose refuses the pair also where the second says nothing; only a difference hurts.
   */
  private void twins(MapNode service, String path) {
    MapNode deploy = service.map("deploy");
    MapNode resources = deploy == null ? null : deploy.map("resources");
    for (List<String> twin : TWINS) {
      MapNode section = resources == null ? null : resources.map(twin.get(1));
      Node a = service.get(twin.getFirst());
      Node b = section == null ? null : section.get(twin.get(2));
      if (a instanceof Scalar x && b instanceof Scalar y && !x.text().equals(y.text())) {
        distinct(a, path, twin.getFirst(), "deploy.resources." + twin.get(1) + "." + twin.get(2));
      }
    }
  }

  private void distinct(@Nullable Node node, String path, String first, String second) {
    problems.at(
        node, path, "can't set distinct values on '" + first + "' and '" + second + "'" + INVALID);
  }

  private void healthcheck(MapNode service, String path) {
    MapNode check = service.map("healthcheck");
    if (check == null || check.list("test").isEmpty()) {
      return;
    }
    String verb = check.list("test").getFirst() instanceof Scalar first ? first.text() : "";
    if (!VERBS.contains(verb)) {
      problems.at(
          check.get("test"),
          path + ".healthcheck.test",
          "healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"" + INVALID);
    }
  }

  private void targets(MapNode service, String path) {
    Map<String, String> seen = new LinkedHashMap<>();
    List<Node> tmpfs = service.list("tmpfs");
    for (int i = 0; i < tmpfs.size(); i++) {
      String text = tmpfs.get(i) instanceof Scalar scalar ? scalar.text() : "";
      target(seen, text.split(":", -1)[0], tmpfs.get(i), path + ".tmpfs[" + i + "]");
    }
    List<Node> mounts = service.list("volumes");
    for (int i = 0; i < mounts.size(); i++) {
      if (mounts.get(i) instanceof MapNode mount) {
        target(seen, mount.text("target"), mount, path + ".volumes[" + i + "]");
      }
    }
  }

  private void target(Map<String, String> seen, String target, Node node, String here) {
    String other = seen.putIfAbsent(target, here);
    if (other != null) {
      problems.at(node, here, "target " + target + " already mounted as " + other);
    }
  }

  private void watch(MapNode service, String path) {
    MapNode develop = service.map("develop");
    if (develop == null) {
      return;
    }
    for (Node item : develop.list("watch")) {
      if (!(item instanceof MapNode rule)) {
        continue;
      }
      String action = rule.text("action");
      if (rule.text("target").isEmpty() && action.startsWith("sync")) {
        problems.at(
            rule,
            path + ".develop.watch",
            "target is required for non-rebuild actions" + INVALID + ": " + action);
      }
    }
  }
}
