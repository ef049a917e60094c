package io.jcompose.compose.rules;

import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks that what a service names exists: networks, volumes, files, models, other services. */
final class References {
  private static final String INVALID = Problems.INVALID_PROJECT;
  private final MapNode root;
  private final Map<String, Node> services;
  private final Set<String> disabled;
  private final Problems problems;

  /**
   * @param disabled names of services that no active profile holds
   */
  References(MapNode root, Map<String, Node> services, Set<String> disabled, Problems problems) {
    this.root = root;
    this.services = services;
    this.disabled = disabled;
    this.problems = problems;
  }

  void check(String name, MapNode service) {
    references(name, service, "networks", "network");
    references(name, service, "configs", "config");
    references(name, service, "secrets", "secret");
    references(name, service, "models", "model");
    MapNode build = service.map("build");
    if (build != null) {
      references(name, build, "secrets", "build secret");
      contexts(name, build);
    }
    volumes(name, service);
    dependencies(name, service);
  }

  /** Other services whose images a build starts from. */
  private void contexts(String name, MapNode build) {
    MapNode contexts = build.map("additional_contexts");
    if (contexts == null) {
      return;
    }
    contexts.entries.forEach(
        (key, node) -> {
          String text = contexts.text(key);
          String other = text.startsWith("service:") ? text.substring(8) : "";
          boolean known = services.get(other) instanceof MapNode;
          boolean built =
              services.get(other) instanceof MapNode service
                  && service.get("build") instanceof MapNode;
          if (!other.isEmpty() && !built) {
            problems.at(
                node,
                "services." + name + ".build.additional_contexts." + key,
                "service \""
                    + name
                    + (known
                        ? "\" declares non-buildable service \""
                        : "\" declares unknown service \"")
                    + other
                    + "\" as additional contexts "
                    + key
                    + (known ? "" : Problems.suggestion(other, services.keySet())));
          }
        });
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
      if (isMissing(declared, section, use.getKey())) {
        String hint =
            declared == null ? "" : Problems.suggestion(use.getKey(), declared.entries.keySet());
        problems.at(
            use.getValue(),
            "services." + name + (word.startsWith("build") ? ".build." : ".") + section,
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

  private boolean isMissing(@Nullable MapNode declared, String section, String key) {
    return (declared == null || !declared.entries.containsKey(key))
        && !problems.blames(section)
        && !problems.blames(section + "." + key);
  }

  private void volumes(String name, MapNode service) {
    MapNode declared = root.map("volumes");
    for (Node item : service.list("volumes")) {
      if (item instanceof MapNode mount && mount.text("type").equals("volume")) {
        String source = mount.text("source");
        if (!source.isEmpty() && isMissing(declared, "volumes", source)) {
          String hint =
              declared == null ? "" : Problems.suggestion(source, declared.entries.keySet());
          problems.at(
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
          if (!services.containsKey(other)
              && !problems.blames("services." + other)
              && (dependency.isTrue("required") || !disabled.contains(other))) {
            String hint =
                disabled.contains(other)
                    ? " (no active profile holds it)"
                    : Problems.suggestion(other, services.keySet());
            problems.at(
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
}
