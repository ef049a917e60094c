package io.jcompose.compose.load;

import io.jcompose.compose.schema.MountSyntax;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Fills defaults, names and implied dependencies into the merged tree. */
public final class Normalizer {
  private static final List<String> NAMED = List.of("networks", "volumes", "configs", "secrets");
  private static final List<String> SHARED = List.of("network_mode", "ipc", "pid", "uts", "cgroup");

  private final MapNode root;
  private final String projectName;
  private final Object allDevices;

  /**
   * @param interpolated else a count of all devices stays a word
   */
  public Normalizer(MapNode root, String projectName, boolean interpolated) {
    allDevices = interpolated ? Long.valueOf(-1) : "all";
    this.root = root;
    this.projectName = projectName;
  }

  /** Defaults that hold even without normalisation. */
  public void defaults() {
    PathResolver.each(
        root.map("services"),
        service -> {
          for (Node item : service.list("secrets")) {
            secretTarget(item);
          }
          service.list("gpus").forEach(this::deviceCount);
          // Of lists that variables fill Docker Compose drops empty items of this one only.
          if (service.get("dns") instanceof ListNode servers) {
            servers.items.removeIf(item -> item instanceof Scalar s && s.text().isEmpty());
          }
          MapNode deploy = service.map("deploy");
          MapNode resources = deploy == null ? null : deploy.map("resources");
          MapNode reservations = resources == null ? null : resources.map("reservations");
          if (reservations != null) {
            reservations.list("devices").forEach(this::deviceCount);
          }
          for (Node item : service.list("volumes")) {
            if (item instanceof MapNode mount) {
              clean(mount, "target");
            }
          }
        });
  }

  private static void secretTarget(Node item) {
    if (item instanceof MapNode secret && !secret.entries.containsKey("target")) {
      secret.put("target", "/run/secrets/" + secret.text("source"));
    }
  }

  private void deviceCount(Node item) {
    if (item instanceof MapNode request
        && !request.entries.containsKey("count")
        && request.list("device_ids").isEmpty()) {
      request.put("count", allDevices);
    }
  }

  private static void clean(MapNode map, String key) {
    String text = map.text(key);
    if (!text.isEmpty()) {
      map.put(key, MountSyntax.clean(text));
    }
  }

  /** Beside a {@code deploy} section {@code scale} is its number of replicas, too. */
  public void replicas() {
    PathResolver.each(
        root.map("services"),
        service -> {
          MapNode deploy = service.map("deploy");
          Node scale = service.get("scale");
          if (deploy != null && scale != null && !scale.isNull()) {
            deploy.entries.put("replicas", scale);
          }
        });
  }

  public void normalize() {
    PathResolver.each(root.map("services"), this::service);
    for (String section : NAMED) {
      MapNode resources = root.map(section);
      if (resources != null) {
        resources.entries.replaceAll((key, value) -> named(key, value));
      }
    }
  }

  private Node named(String key, Node value) {
    MapNode map = value instanceof MapNode given ? given : new MapNode(value.position);
    if (!map.entries.containsKey("name")) {
      map.put("name", map.isTrue("external") ? key : projectName + "_" + key);
    }
    return map;
  }

  private void service(MapNode service) {
    MapNode networks = service.map("networks");
    boolean alone =
        service.text("network_mode").isEmpty() && !(service.get("provider") instanceof MapNode);
    if (alone && (networks == null || networks.entries.isEmpty())) {
      networks = new MapNode(service.position);
      networks.entries.put("default", new Scalar(null, service.position));
      service.entries.put("networks", networks);
    }
    if (service.text("pull_policy").equals("if_not_present")) {
      service.put("pull_policy", "missing");
    }
    MapNode build = service.map("build");
    if (build != null
        && !build.entries.containsKey("dockerfile")
        && !build.entries.containsKey("dockerfile_inline")) {
      build.put("dockerfile", "Dockerfile");
    }
    dependencies(service);
  }

  private void dependencies(MapNode service) {
    MapNode found = service.map("depends_on");
    MapNode all = found == null ? new MapNode(service.position) : found;
    for (Node link : service.list("links")) {
      String text = ((Scalar) link).text();
      imply(all, text.split(":", -1)[0], true, link);
    }
    for (String key : SHARED) {
      String mode = service.text(key);
      if (mode.startsWith("service:")) {
        imply(all, mode.substring(8), true, service);
      }
    }
    for (Node from : service.list("volumes_from")) {
      String text = ((Scalar) from).text();
      if (!text.startsWith("container:")) {
        imply(all, text.split(":", -1)[0], false, from);
      }
    }
    if (!all.entries.isEmpty()) {
      service.entries.put("depends_on", all);
    }
  }

  private static void imply(MapNode all, String name, boolean restart, Node cause) {
    if (!all.entries.containsKey(name)) {
      MapNode dependency = new MapNode(cause.position);
      dependency.put("condition", "service_started");
      dependency.put("restart", restart);
      dependency.put("required", true);
      all.entries.put(name, dependency);
    }
  }

  /** Adds the default network where it is used. */
  public void defaultNetwork() {
    MapNode services = root.map("services");
    boolean used = false;
    for (Node service : services == null ? List.<Node>of() : services.entries.values()) {
      MapNode networks = service instanceof MapNode map ? map.map("networks") : null;
      used |= networks != null && networks.entries.containsKey("default");
    }
    MapNode networks = root.map("networks");
    if (used && (networks == null || !networks.entries.containsKey("default"))) {
      MapNode all = networks == null ? new MapNode(root.position) : networks;
      all.entries.put("default", new MapNode(root.position));
      root.entries.put("networks", all);
    }
  }

  /** Drops the resources that no service of the tree uses. */
  public void prune() {
    keep("networks", used("networks"));
    keep("configs", used("configs"));
    keep("secrets", used("secrets"));
    keep("models", used("models"));
    keep("volumes", used("volumes"));
  }

  private void keep(String section, Set<String> names) {
    MapNode resources = root.map(section);
    if (resources != null) {
      resources.entries.keySet().retainAll(names);
    }
  }

  private Set<String> used(String section) {
    Set<String> names = new LinkedHashSet<>();
    MapNode services = root.map("services");
    Map<String, Node> all = services == null ? Map.of() : services.entries;
    for (Node node : all.values()) {
      if (!(node instanceof MapNode service)) {
        continue;
      }
      MapNode map = service.map(section);
      if (map != null) {
        names.addAll(map.entries.keySet());
      }
      sources(service.get(section), names);
      MapNode build = service.map("build");
      if (build != null && section.equals("secrets")) {
        sources(build.get("secrets"), names);
      }
    }
    return names;
  }

  private static void sources(@Nullable Node list, Set<String> names) {
    if (list instanceof ListNode items) {
      for (Node item : items.items) {
        if (item instanceof MapNode map) {
          names.add(map.text("source"));
        }
      }
    }
  }
}
