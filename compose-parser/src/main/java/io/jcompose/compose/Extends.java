package io.jcompose.compose;

import io.jcompose.compose.Node.MapNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Merges services over the ones that they extend. Owned by one {@link Loading}. */
final class Extends {
  private final Loading loading;
  private final Problems problems;
  private final Merger merger;
  private final Map<String, MapNode> extendedFiles = new HashMap<>();

  Extends(Loading loading, Problems problems, Merger merger) {
    this.loading = loading;
    this.problems = problems;
    this.merger = merger;
  }

  /** Replaces every service of the document that extends another. */
  void extend(MapNode document) {
    MapNode services = document.map("services");
    if (services == null) {
      return;
    }
    for (String name : List.copyOf(services.entries.keySet())) {
      extended(services, name, document.position.file(), new LinkedHashSet<>());
    }
  }

  /** Replaces the service by its merge with what it extends; null when there is none. */
  private @Nullable MapNode extended(
      MapNode services, String name, String file, Set<String> chain) {
    if (!(services.get(name) instanceof MapNode service)) {
      return null;
    }
    if (!(service.get("extends") instanceof MapNode reference)) {
      return service;
    }
    if (!chain.add(name + " in " + file)) {
      problems.error(
          reference.position,
          "services." + name,
          "Circular reference:\n  " + String.join("\n  extends ", chain));
      service.entries.remove("extends");
      return null;
    }
    String base = reference.text("service");
    String other = reference.text("file");
    MapNode from = services;
    String baseFile = file;
    Path baseDir = loading.projectDir;
    if (!other.isEmpty()) {
      if (PathResolver.isRemote(other)) {
        problems.error(
            reference.position,
            "services." + name + ".extends",
            "remote files are not supported yet: " + other);
        service.entries.remove("extends");
        return null;
      }
      Path path =
          Path.of(new PathResolver(loading.projectDir, loading.environment).absolute(other));
      Path parent = path.getParent();
      baseDir = parent == null ? loading.projectDir : parent;
      baseFile = path.toString();
      MapNode root = extendedFile(path);
      MapNode found = root == null ? null : root.map("services");
      from = found == null ? new MapNode(reference.position) : found;
    }
    MapNode found = extended(from, base, baseFile, chain);
    service.entries.remove("extends");
    chain.remove(name + " in " + file);
    if (found == null) {
      problems.error(
          reference.position,
          "services." + name,
          "cannot extend service \""
              + name
              + "\" in "
              + file
              + ": service \""
              + base
              + "\" not found"
              + (other.isEmpty() ? "" : " in " + baseFile)
              + Problems.suggestion(base, from.entries.keySet()));
      return service;
    }
    MapNode copy = (MapNode) found.copy();
    if (!other.isEmpty() && loading.request.options().resolvePaths()) {
      new PathResolver(baseDir, loading.environment).service(copy);
    }
    String path = "services." + name;
    MapNode clean = merger.merge(new MapNode(copy.position), copy, path);
    MapNode merged = merger.merge(clean, service, path);
    services.entries.put(name, merged);
    return merged;
  }

  private @Nullable MapNode extendedFile(Path path) {
    MapNode known = extendedFiles.get(path.toString());
    if (known != null) {
      return known;
    }
    MapNode total = new MapNode(new SourcePosition(path.toString(), 0, 0));
    for (Node root : loading.parse(List.of(path.toString()))) {
      MapNode document = loading.prepare(root);
      if (document != null) {
        total = merger.merge(total, document, "");
      }
    }
    extendedFiles.put(path.toString(), total);
    return total;
  }
}
