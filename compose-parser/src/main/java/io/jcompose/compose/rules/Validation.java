package io.jcompose.compose.rules;

import io.jcompose.compose.tree.IpText;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Problems;
import java.util.List;

/**
 * Checks of a whole tree that even {@code config --no-consistency} makes: what excludes each other
 * in one element, and what an element is nothing without.
 */
public final class Validation {
  private final MapNode root;
  private final Problems problems;

  public Validation(MapNode root, Problems problems) {
    this.root = root;
    this.problems = problems;
  }

  public void check() {
    MapNode services = root.map("services");
    if (services != null) {
      services.entries.forEach(
          (name, node) -> {
            if (node instanceof MapNode service) {
              service(service, "services." + name);
            }
          });
    }
    objects("configs", List.of("file", "environment", "content"));
    objects("secrets", List.of("file", "environment"));
    MapNode volumes = root.map("volumes");
    if (volumes != null) {
      volumes.entries.forEach(this::volume);
    }
  }

  private void service(MapNode service, String path) {
    for (Node item : service.list("ports")) {
      String ip = item instanceof MapNode port ? port.text("host_ip") : "";
      if (!ip.isEmpty() && ip.indexOf('$') < 0 && !IpText.isAddress(ip)) {
        problems.at(((MapNode) item).get("host_ip"), path + ".ports", "invalid ip address: " + ip);
      }
    }
    requests(service.list("gpus"), path + ".gpus");
    MapNode deploy = service.map("deploy");
    MapNode resources = deploy == null ? null : deploy.map("resources");
    MapNode reserved = resources == null ? null : resources.map("reservations");
    if (reserved != null) {
      requests(reserved.list("devices"), path + ".deploy.resources.reservations.devices");
    }
    MapNode develop = service.map("develop");
    for (Node item : develop == null ? List.<Node>of() : develop.list("watch")) {
      if (item instanceof MapNode rule
          && rule.entries.containsKey("path")
          && rule.text("path").isEmpty()) {
        problems.at(rule, path + ".develop.watch.path", "value can't be blank");
      }
    }
  }

  private void requests(List<Node> requests, String path) {
    for (Node item : requests) {
      if (item instanceof MapNode request
          && request.entries.containsKey("count")
          && request.entries.containsKey("device_ids")) {
        problems.at(request, path, "\"count\" and \"device_ids\" attributes are exclusive");
      }
    }
  }

  private void volume(String name, Node node) {
    if (!(node instanceof MapNode volume) || !volume.isTrue("external")) {
      return;
    }
    volume.entries.forEach(
        (key, value) -> {
          if (!key.equals("name") && !key.equals("external") && !key.startsWith("x-")) {
            problems.at(
                value,
                "volumes." + name,
                "conflicting parameters \"external\" and \"" + key + "\" specified");
          }
        });
  }

  private void objects(String section, List<String> sources) {
    MapNode all = root.map(section);
    if (all == null) {
      return;
    }
    String words = String.join("|", sources);
    all.entries.forEach(
        (name, node) -> {
          MapNode object = node instanceof MapNode map ? map : new MapNode(node.position);
          String path = section + "." + name;
          long given = sources.stream().filter(object.entries::containsKey).count();
          boolean known =
              !problems.blames(path)
                  && sources.stream().noneMatch(key -> problems.blames(path + "." + key));
          if (given > 1) {
            problems.at(node, path, words + " attributes are mutually exclusive");
          } else if (given == 0 && known && !object.isTrue("external")) {
            problems.at(node, path, "one of " + words + " must be set");
          }
        });
  }
}
