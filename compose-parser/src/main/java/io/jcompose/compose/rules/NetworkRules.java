package io.jcompose.compose.rules;

import io.jcompose.compose.tree.IpText;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks what a service makes of the project's networks and volumes: names, subnets, and its
 * addresses in them. An engine refuses such values only when it makes something.
 */
final class NetworkRules {
  private final MapNode root;
  private final Problems problems;

  NetworkRules(MapNode root, Problems problems) {
    this.root = root;
    this.problems = problems;
  }

  void check(String name, MapNode service) {
    MapNode attachments = service.map("networks");
    MapNode networks = root.map("networks");
    if (attachments != null && networks != null) {
      attachments.entries.forEach(
          (key, node) -> {
            MapNode network = networks.map(key);
            if (network != null) {
              named(name, "networks." + key, network);
              pools(name, key, network);
              addresses(name, key, node instanceof MapNode own ? own : null, network);
            }
          });
    }
    MapNode volumes = root.map("volumes");
    if (volumes == null) {
      return;
    }
    for (Node item : service.list("volumes")) {
      String key = item instanceof MapNode mount ? mount.text("source") : "";
      MapNode volume = volumes.map(key);
      if (volume != null && ((MapNode) item).text("type").equals("volume")) {
        named(name, "volumes." + key, volume);
      }
    }
  }

  /** Docker Compose has such a name, too, and the engine finds nothing under it. */
  private void named(String service, String path, MapNode resource) {
    Node given = resource.get("name");
    if (given instanceof Scalar scalar && scalar.text().isEmpty()) {
      problems.refuse(
          service, given, path + ".name", "the name is empty: give one, or leave the key out");
    }
  }

  private void pools(String service, String key, MapNode network) {
    String path = "networks." + key + ".ipam.config";
    for (MapNode pool : pools(network)) {
      for (String part : List.of("subnet", "ip_range")) {
        String text = pool.text(part);
        if (!text.isEmpty() && !IpText.isCidr(text)) {
          problems.refuse(
              service,
              pool.get(part),
              path,
              "invalid " + part + " " + text + ": invalid CIDR block notation");
        }
      }
      String gateway = pool.text("gateway");
      if (!gateway.isEmpty() && !IpText.isAddress(gateway)) {
        problems.refuse(service, pool.get("gateway"), path, "invalid gateway address: " + gateway);
      }
    }
  }

  private void addresses(
      String service, String key, @Nullable MapNode attachment, MapNode network) {
    List<String> subnets =
        pools(network).stream().map(pool -> pool.text("subnet")).filter(IpText::isCidr).toList();
    if (attachment == null || network.isTrue("external")) {
      return;
    }
    for (String version : List.of("ipv4_address", "ipv6_address")) {
      String address = attachment.text(version);
      List<String> family =
          subnets.stream().filter(subnet -> IpText.isSameFamily(subnet, address)).toList();
      if (IpText.isAddress(address)
          && !family.isEmpty()
          && family.stream().noneMatch(subnet -> IpText.isIn(address, subnet))) {
        problems.refuse(
            service,
            attachment.get(version),
            "services." + service + ".networks." + key + "." + version,
            address + " is not in the network's subnet " + String.join(", ", family));
      }
    }
  }

  private static List<MapNode> pools(MapNode network) {
    MapNode ipam = network.map("ipam");
    List<MapNode> pools = new ArrayList<>();
    if (ipam != null && !network.isTrue("external")) {
      for (Node item : ipam.list("config")) {
        if (item instanceof MapNode pool) {
          pools.add(pool);
        }
      }
    }
    return pools;
  }
}
