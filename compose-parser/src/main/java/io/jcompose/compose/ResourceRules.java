package io.jcompose.compose;

import io.jcompose.compose.Node.MapNode;
import java.util.List;

/** Checks the top-level volumes, configs and secrets. */
final class ResourceRules {
  private final MapNode root;
  private final Problems problems;

  ResourceRules(MapNode root, Problems problems) {
    this.root = root;
    this.problems = problems;
  }

  void check() {
    objects("configs", List.of("file", "environment", "content"));
    objects("secrets", List.of("file", "environment"));
    MapNode networks = root.map("networks");
    if (networks != null) {
      networks.entries.forEach(this::network);
    }
    MapNode volumes = root.map("volumes");
    if (volumes != null) {
      volumes.entries.forEach(this::volume);
    }
  }

  private void network(String name, Node node) {
    MapNode network = node instanceof MapNode map ? map : null;
    MapNode ipam = network == null ? null : network.map("ipam");
    if (network == null || ipam == null || network.isTrue("external")) {
      return;
    }
    String path = "networks." + name + ".ipam.config";
    for (Node item : ipam.list("config")) {
      if (!(item instanceof MapNode pool)) {
        continue;
      }
      for (String key : List.of("subnet", "ip_range")) {
        String text = pool.text(key);
        if (!text.isEmpty() && !IpText.isCidr(text)) {
          problems.at(
              pool.get(key), path, "invalid " + key + " " + text + ": invalid CIDR block notation");
        }
      }
      String gateway = pool.text("gateway");
      if (!gateway.isEmpty() && !IpText.isAddress(gateway)) {
        problems.at(pool.get("gateway"), path, "invalid gateway address: " + gateway);
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
          if (given > 1) {
            problems.at(node, path, words + " attributes are mutually exclusive");
          } else if (given == 0 && !object.isTrue("external")) {
            problems.at(node, path, "one of " + words + " must be set");
          }
        });
  }
}
