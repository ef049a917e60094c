package io.jcompose.compose;

import io.jcompose.compose.Node.MapNode;
import io.jcompose.compose.Node.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks what only the whole project shows: references, exclusive keys, cycles. */
final class Consistency {
  private static final String INVALID = ": invalid compose project";
  private static final Set<String> CONDITIONS =
      Set.of("service_started", "service_healthy", "service_completed_successfully");

  private final MapNode root;
  private final Map<String, Node> services;
  private final Set<String> disabled;
  private final Problems problems;

  Consistency(MapNode root, Set<String> disabled, Problems problems) {
    this.root = root;
    this.disabled = disabled;
    this.problems = problems;
    MapNode all = root.map("services");
    services = all == null ? Map.of() : all.entries;
  }

  void check() {
    Map<String, String> containerNames = new HashMap<>();
    services.forEach(
        (name, node) -> {
          if (node instanceof MapNode service) {
            service(name, service);
            String container = service.text("container_name");
            String other = container.isEmpty() ? null : containerNames.putIfAbsent(container, name);
            if (other != null) {
              error(
                  service.get("container_name"),
                  "services." + name,
                  "container name \"" + container + "\" is already in use by service " + other);
            }
          }
        });
    resources();
    cycles();
  }

  private void service(String name, MapNode service) {
    String path = "services." + name;
    boolean build = service.get("build") instanceof MapNode;
    if (!build
        && service.text("image").isEmpty()
        && !(service.get("provider") instanceof MapNode)) {
      error(
          service,
          path,
          "service \"" + name + "\" has neither an image nor a build context specified" + INVALID);
    }
    references(name, service, "networks", "network");
    references(name, service, "configs", "config");
    references(name, service, "secrets", "secret");
    references(name, service, "models", "model");
    volumes(name, service);
    dependencies(name, service);
    exclusive(name, service, path);
    healthcheck(service, path);
    targets(service, path);
    watch(service, path);
    MapNode section = service.map("build");
    if (section != null
        && !section.text("dockerfile").isEmpty()
        && !section.text("dockerfile_inline").isEmpty()) {
      error(
          section,
          path + ".build",
          "service \""
              + name
              + "\" declares mutualy exclusive dockerfile and dockerfile_inline"
              + INVALID);
    }
  }

  private void watch(MapNode service, String path) {
    MapNode develop = service.map("develop");
    if (develop == null) {
      return;
    }
    for (Node item : develop.list("watch")) {
      if (item instanceof MapNode rule) {
        watchAction(rule, path);
      }
    }
  }

  private void watchAction(MapNode rule, String path) {
    String action = rule.text("action");
    if (!WatchRule.ACTIONS.contains(action)) {
      Node given = rule.get("action");
      error(
          given == null ? rule : given,
          path + ".develop.watch",
          "unknown action \""
              + action
              + "\""
              + Problems.suggestion(action, WatchRule.ACTIONS)
              + "; it is one of "
              + String.join(", ", WatchRule.ACTIONS));
    }
  }

  private void exclusive(String name, MapNode service, String path) {
    MapNode networks = service.map("networks");
    if (!service.text("network_mode").isEmpty()
        && networks != null
        && !networks.entries.isEmpty()) {
      error(
          service.get("network_mode"),
          path,
          "service "
              + name
              + " declares mutually exclusive `network_mode` and `networks`"
              + INVALID);
    }
    Node scale = service.get("scale");
    MapNode deploy = service.map("deploy");
    Node replicas = deploy == null ? null : deploy.get("replicas");
    MapNode resources = deploy == null ? null : deploy.map("resources");
    MapNode limits = resources == null ? null : resources.map("limits");
    MapNode reserved = resources == null ? null : resources.map("reservations");
    distinct(scale, replicas, path, "scale", "deploy.replicas");
    distinct(
        service.get("cpus"),
        limits == null ? null : limits.get("cpus"),
        path,
        "cpus",
        "deploy.limits.cpus");
    distinct(
        service.get("mem_limit"),
        limits == null ? null : limits.get("memory"),
        path,
        "mem_limit",
        "deploy.limits.memory");
    distinct(
        service.get("pids_limit"),
        limits == null ? null : limits.get("pids"),
        path,
        "pids_limit",
        "deploy.limits.pids");
    distinct(
        service.get("mem_reservation"),
        reserved == null ? null : reserved.get("memory"),
        path,
        "mem_reservation",
        "deploy.reservations.memory");
    String count =
        scale instanceof Scalar value
            ? value.text()
            : replicas instanceof Scalar value ? value.text() : "1";
    if (!service.text("container_name").isEmpty() && !count.equals("1") && !count.equals("0")) {
      error(
          service.get("container_name"),
          path,
          "container_name and scale: Docker requires each container to have a unique name; remove the custom container_name to scale service "
              + name);
    }
  }

  private void distinct(
      @Nullable Node a, @Nullable Node b, String path, String first, String second) {
    if (a instanceof Scalar x && b instanceof Scalar y && !x.text().equals(y.text())) {
      error(a, path, "can't set distinct values on '" + first + "' and '" + second + "'" + INVALID);
    }
  }

  private void healthcheck(MapNode service, String path) {
    MapNode check = service.map("healthcheck");
    if (check == null || check.list("test").isEmpty()) {
      return;
    }
    String verb = check.list("test").getFirst() instanceof Scalar first ? first.text() : "";
    if (!Set.of("NONE", "CMD", "CMD-SHELL").contains(verb)) {
      error(
          check.get("test"),
          path + ".healthcheck.test",
          "healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"" + INVALID);
    }
  }

  private void references(String name, MapNode service, String section, String word) {
    MapNode declared = root.map(section);
    List<Map.Entry<String, Node>> used = new ArrayList<>();
    MapNode map = service.map(section);
    if (map != null) {
      used.addAll(map.entries.entrySet());
    }
    service
        .list(section)
        .forEach(
            item ->
                used.add(
                    Map.entry(item instanceof MapNode entry ? entry.text("source") : "", item)));
    for (Map.Entry<String, Node> use : used) {
      if (declared == null || !declared.entries.containsKey(use.getKey())) {
        String hint =
            declared == null ? "" : Problems.suggestion(use.getKey(), declared.entries.keySet());
        error(
            use.getValue(),
            "services." + name + "." + section,
            "service \""
                + name
                + "\" refers to undefined "
                + word
                + " "
                + use.getKey()
                + INVALID
                + hint);
      }
    }
  }

  private void volumes(String name, MapNode service) {
    MapNode declared = root.map("volumes");
    for (Node item : service.list("volumes")) {
      if (item instanceof MapNode mount && mount.text("type").equals("volume")) {
        String source = mount.text("source");
        if (!source.isEmpty() && (declared == null || !declared.entries.containsKey(source))) {
          String hint =
              declared == null ? "" : Problems.suggestion(source, declared.entries.keySet());
          error(
              mount,
              "services." + name + ".volumes",
              "service \"" + name + "\" refers to undefined volume " + source + INVALID + hint);
        }
      }
    }
  }

  private void dependencies(String name, MapNode service) {
    MapNode all = service.map("depends_on");
    if (all == null) {
      return;
    }
    all.entries.forEach(
        (other, node) -> {
          String path = "services." + name + ".depends_on." + other;
          if (!(node instanceof MapNode dependency)) {
            return;
          }
          if (!CONDITIONS.contains(dependency.text("condition"))) {
            error(
                node,
                path,
                "condition must be one of 'service_started', 'service_healthy', 'service_completed_successfully'"
                    + Problems.suggestion(dependency.text("condition"), CONDITIONS));
          }
          if (!services.containsKey(other) && dependency.isTrue("required")) {
            String hint =
                disabled.contains(other)
                    ? " (no active profile holds it)"
                    : Problems.suggestion(other, services.keySet());
            error(
                node,
                path,
                "service \""
                    + name
                    + "\" depends on undefined service \""
                    + other
                    + "\""
                    + INVALID
                    + hint);
          }
        });
  }

  private void targets(MapNode service, String path) {
    Map<String, String> seen = new LinkedHashMap<>();
    List<Node> mounts = service.list("volumes");
    for (int i = 0; i < mounts.size(); i++) {
      if (mounts.get(i) instanceof MapNode mount) {
        seen.put(mount.text("target"), path + ".volumes[" + i + "]");
      }
    }
    List<Node> tmpfs = service.list("tmpfs");
    for (int i = 0; i < tmpfs.size(); i++) {
      String target = tmpfs.get(i) instanceof Scalar text ? text.text().split(":", -1)[0] : "";
      String here = path + ".tmpfs[" + i + "]";
      String other = seen.putIfAbsent(target, here);
      if (other != null) {
        error(tmpfs.get(i), here, "target " + target + " already mounted as " + other);
      }
    }
  }

  private void resources() {
    objects("configs", "file|environment|content");
    objects("secrets", "file|environment");
    PathResolver.each(
        root.map("volumes"),
        volume -> {
          if (volume.isTrue("external")) {
            for (String key : List.of("driver", "driver_opts", "labels")) {
              if (volume.entries.containsKey(key)) {
                error(
                    volume.get(key),
                    "volumes",
                    "conflicting parameters \"external\" and \"" + key + "\" specified");
              }
            }
          }
        });
  }

  private void objects(String section, String words) {
    MapNode all = root.map(section);
    if (all == null) {
      return;
    }
    all.entries.forEach(
        (name, node) -> {
          MapNode object = node instanceof MapNode map ? map : new MapNode(node.position);
          long given =
              List.of("file", "environment", "content").stream()
                  .filter(object.entries::containsKey)
                  .count();
          if (given > 1) {
            error(node, section + "." + name, words + " attributes are mutually exclusive");
          } else if (given == 0 && !object.isTrue("external") && object.text("driver").isEmpty()) {
            error(
                node,
                section + "." + name,
                section.equals("secrets")
                    ? "secret \""
                        + name
                        + "\" must declare either `file` or `environment`"
                        + INVALID
                    : "one of " + words + " must be set");
          }
        });
  }

  private void cycles() {
    Set<String> done = new HashSet<>();
    for (String start : services.keySet()) {
      List<String> chain = new ArrayList<>();
      visit(start, chain, new HashSet<>(), done);
    }
  }

  private boolean visit(String name, List<String> chain, Set<String> open, Set<String> done) {
    if (done.contains(name) || !(services.get(name) instanceof MapNode service)) {
      return false;
    }
    chain.add(name);
    if (!open.add(name)) {
      List<String> cycle = chain.subList(chain.indexOf(name), chain.size());
      error(
          service,
          "services." + name + ".depends_on",
          "dependency cycle detected: " + String.join(" -> ", cycle));
      return true;
    }
    MapNode all = service.map("depends_on");
    for (String next : all == null ? Set.<String>of() : all.entries.keySet()) {
      if (visit(next, chain, open, done)) {
        done.add(name);
        return true;
      }
    }
    chain.removeLast();
    open.remove(name);
    done.add(name);
    return false;
  }

  private void error(@Nullable Node node, String path, String message) {
    problems.error(
        node == null || node.position.file().isEmpty() ? null : node.position, path, message);
  }
}
