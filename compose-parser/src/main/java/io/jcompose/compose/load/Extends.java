package io.jcompose.compose.load;

import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.source.BaseFolder;
import io.jcompose.compose.source.RemoteSources;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Problems;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Merges services over the ones that they extend. Owned by one {@link Loading}. */
final class Extends {
  private static final int MAX_CHAIN = 50;

  private final LoadScope scope;
  private final DocumentReader reader;
  private final Problems problems;
  private final Merger merger;
  private final Map<String, MapNode> extendedFiles = new HashMap<>();

  Extends(LoadScope scope, DocumentReader reader, Problems problems, Merger merger) {
    this.scope = scope;
    this.reader = reader;
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
      extended(services, name, document.position.file(), scope.base(), new LinkedHashSet<>());
    }
  }

  /** Replaces the service by its merge with what it extends; null when there is none. */
  private @Nullable MapNode extended(
      MapNode services, String name, String file, BaseFolder base, Set<String> chain) {
    Node given = services.get(name);
    if (given != null && given.isNull()) {
      return new MapNode(given.position); // a service of which nothing is said yet
    }
    if (!(given instanceof MapNode service)) {
      return null;
    }
    if (!(service.get("extends") instanceof MapNode reference)) {
      return service;
    }
    if (!chain.add(name + " in " + file) || chain.size() > MAX_CHAIN) {
      circular(name, file, reference, chain);
      service.entries.remove("extends");
      return service;
    }
    Base target = target(services, name, file, base, reference);
    if (target == null) {
      service.entries.remove("extends");
      return service;
    }
    MapNode found = extended(target.services, target.name, target.file, target.folder, chain);
    service.entries.remove("extends");
    chain.remove(name + " in " + file);
    if (found == null) {
      notFound(name, file, reference, target);
      return service;
    }
    if (!problems.limits.addValues(found.size())) {
      problems.error(reference.position, "services." + name, problems.limits.tooManyValues());
      return service;
    }
    MapNode merged = merged(name, service, (MapNode) found.copy(), target, reference);
    services.entries.put(name, merged);
    return merged;
  }

  private MapNode merged(
      String name, MapNode service, MapNode copy, Base target, MapNode reference) {
    if (target.foreign && scope.request().options().resolvePaths()) {
      new PathResolver(target.folder, scope.environment(), problems).service(copy);
    }
    String path = "services." + name;
    String other = "services." + target.name;
    if (problems.blames(other) || problems.blames(other + ".image")) {
      problems.leaveOut(path + ".image"); // which the other one may have under a wrong name
    }
    if (problems.trace != null) {
      problems.trace.came(
          path,
          copy,
          "extends " + target.name + " of " + target.file + " at " + reference.position);
    }
    MapNode clean = merger.merge(new MapNode(copy.position), copy, "service", path);
    return merger.merge(clean, service, "service", path);
  }

  /**
   * Where to look for what is extended.
   *
   * @param foreign whether that is another file
   */
  private record Base(
      MapNode services, String name, String file, BaseFolder folder, boolean foreign) {}

  /** Finds what {@code extends} names; null when it cannot, which is recorded. */
  private @Nullable Base target(
      MapNode services, String name, String file, BaseFolder base, MapNode reference) {
    String wanted = reference.text("service");
    String other = reference.text("file");
    String path = "services." + name + ".extends";
    if (wanted.isEmpty()) {
      problems.error(reference.position, path, "extends." + name + ".service is required");
      return null;
    }
    if (other.isEmpty()) {
      return new Base(services, wanted, file, base, false);
    }
    Located found = locate(other, base, reference, path);
    if (found == null) {
      return null;
    }
    problems.origin(found.file().toString(), "extended", reference.position);
    MapNode document = extendedFile(found.file());
    if (document == null) {
      return null;
    }
    MapNode all = document.map("services");
    if (all == null) {
      problems.error(
          reference.position,
          path,
          "cannot extend service \""
              + name
              + "\" in "
              + file
              + ": no services section in "
              + found.file());
      return null;
    }
    BaseFolder folder = new BaseFolder(base.dir(), found.root()).of(found.file());
    return new Base(all, wanted, found.file().toString(), folder, true);
  }

  private record Located(Path file, @Nullable Path root) {}

  /** The file, fetched where it lies elsewhere; null when that fails, which is recorded. */
  private @Nullable Located locate(String file, BaseFolder base, MapNode reference, String path) {
    if (scope.remotes().accepts(file)) {
      RemoteSources.Fetched fetched = scope.remotes().fetch(file, reference.position, path);
      return fetched == null ? null : new Located(fetched.file(), fetched.root());
    }
    PathResolver resolver = new PathResolver(base, scope.environment(), problems);
    Path found = Path.of(resolver.readable(file, reference.position));
    return new Located(found, base.root());
  }

  private void circular(String name, String file, MapNode reference, Set<String> chain) {
    problems.error(
        reference.position,
        "services." + name,
        "Circular reference:\n  "
            + String.join("\n  extends ", chain)
            + "\n  extends "
            + name
            + " in "
            + file);
  }

  private void notFound(String name, String file, MapNode reference, Base target) {
    problems.error(
        reference.position,
        "services." + name,
        "cannot extend service \""
            + name
            + "\" in "
            + file
            + ": service \""
            + target.name
            + "\" not found"
            + (target.foreign ? " in " + target.file : "")
            + Problems.suggestion(target.name, target.services.entries.keySet()));
  }

  /** The file's content; null when it cannot be read, which is recorded. */
  private @Nullable MapNode extendedFile(Path path) {
    MapNode known = extendedFiles.get(path.toString());
    if (known != null) {
      return known;
    }
    // What a service resets or overrides of those that it extends itself is done when it does.
    Merger documentsOfOne = new Merger(problems, true, !scope.request().options().interpolate());
    MapNode total = new MapNode(new SourcePosition(path.toString(), 0, 0));
    List<Node> documents = reader.parse(List.of(path.toString()));
    if (documents.isEmpty() && problems.isIncomplete()) {
      return null;
    }
    for (Node root : documents) {
      MapNode document = reader.prepare(root);
      if (document != null) {
        total = documentsOfOne.merge(total, document, "root", "");
      }
    }
    extendedFiles.put(path.toString(), total);
    return total;
  }
}
