package io.jcompose.compose.lint;

import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules about several services: what nothing uses, ports that two want. */
final class LintProject {
  private final Findings findings;
  private final MapNode root;
  private final Map<String, Node> services;

  LintProject(Findings findings, MapNode root, Map<String, Node> services) {
    this.findings = findings;
    this.root = root;
    this.services = services;
  }

  void check() {
    for (String section : List.of("networks", "volumes", "configs", "secrets", "models")) {
      unused(section);
    }
    ports();
  }

  private void unused(String section) {
    MapNode declared = root.map(section);
    if (declared == null) {
      return;
    }
    Set<String> used = used(section);
    declared.entries.forEach(
        (name, node) -> {
          if (!used.contains(name) && !name.startsWith("x-")) {
            String word = section.substring(0, section.length() - 1);
            findings.warn(
                node,
                "unused-" + word,
                section + "." + name,
                "no service uses this " + word + "; it is left out");
          }
        });
  }

  private Set<String> used(String section) {
    Set<String> used = new HashSet<>();
    for (Node node : services.values()) {
      if (!(node instanceof MapNode service)) {
        continue;
      }
      MapNode map = service.map(section);
      if (map != null) {
        used.addAll(map.entries.keySet());
      }
      MapNode build = service.map("build");
      for (MapNode user : build == null ? List.of(service) : List.of(service, build)) {
        for (Node item : user.list(section)) {
          if (item instanceof MapNode use) {
            used.add(use.text("source"));
          }
        }
      }
      boolean usual =
          map == null
              && service.text("network_mode").isEmpty()
              && !(service.get("provider") instanceof MapNode);
      if (section.equals("networks") && usual) {
        used.add("default");
      }
      MapNode credentials = service.map("credential_spec");
      if (credentials != null && section.equals("configs")) {
        used.add(credentials.text("config"));
      }
    }
    return used;
  }

  /** Services without profiles run together, so they cannot share a port of the host. */
  private void ports() {
    Map<String, String> taken = new LinkedHashMap<>();
    services.forEach(
        (name, node) -> {
          if (!(node instanceof MapNode service) || !service.list("profiles").isEmpty()) {
            return;
          }
          for (Node item : service.list("ports")) {
            if (item instanceof MapNode port) {
              port(name, port, taken);
            }
          }
        });
  }

  private void port(String name, MapNode port, Map<String, String> taken) {
    String published = port.text("published");
    if (published.isEmpty() || published.equals("0") || published.indexOf('-') >= 0) {
      return;
    }
    String protocol = port.text("protocol").isEmpty() ? "tcp" : port.text("protocol");
    String address = port.text("host_ip").equals("0.0.0.0") ? "" : port.text("host_ip");
    String key = published + "/" + protocol;
    String all = taken.get(":" + key);
    String same = all != null ? all : taken.get(address + ":" + key);
    // Every address takes that of another service too, whichever of them comes first.
    String other = same == null && address.isEmpty() ? taken.get("any:" + key) : same;
    if (other != null && !other.equals(name)) {
      findings.error(
          port,
          "port-conflict",
          "services." + name + ".ports",
          "port " + key + " of the host is published by service " + other + " too");
    }
    taken.putIfAbsent(address + ":" + key, name);
    taken.putIfAbsent("any:" + key, name);
  }
}
