package io.jcompose.compose.load;

import io.jcompose.compose.source.BaseFolder;
import io.jcompose.compose.source.EnvFiles;
import io.jcompose.compose.source.RemoteSources;
import io.jcompose.compose.tree.JsonText;
import io.jcompose.compose.tree.LoadTrace;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes the resources of included models in. Owned by one {@link Loading}. */
final class Includes {
  private static final int MAX_INCLUDES = 50;

  private final LoadScope scope;
  private final Problems problems;
  private final ModelLoader loader;

  /** Loads an included model: the merged and resolved tree of its files. */
  interface ModelLoader {
    MapNode load(LoadScope scope, List<String> files);
  }

  Includes(LoadScope scope, Problems problems, ModelLoader loader) {
    this.scope = scope;
    this.problems = problems;
    this.loader = loader;
  }

  /** Adds what the document's {@code include} names to {@code total}. */
  void include(MapNode document, MapNode total) {
    for (Node item : document.list("include")) {
      if (item instanceof MapNode entry) {
        List<String> paths = new ArrayList<>();
        entry.list("path").forEach(path -> paths.add(((Scalar) path).text()));
        MapNode model = included(entry, paths);
        if (model != null) {
          adopt(model, total, entry);
        }
      }
    }
  }

  /** The files of one entry, where they lie here, and the folder that they begin in. */
  private record Found(List<String> files, BaseFolder base) {}

  private @Nullable MapNode included(MapNode entry, List<String> paths) {
    PathResolver resolver = new PathResolver(scope.base(), scope.environment(), problems);
    Found found = find(entry, paths, resolver);
    if (found == null || isCycle(entry, found.files.getFirst())) {
      return null;
    }
    BaseFolder base = baseFolder(entry, found.base, resolver);
    if (base == null) {
      return null;
    }
    List<String> chain = new ArrayList<>(scope.includeChain());
    chain.add(found.files.getFirst());
    LoadScope inner =
        new LoadScope(
            scope.request(),
            includedVariables(entry, base, resolver),
            base,
            scope.remotes(),
            chain);
    MapNode model = loader.load(inner, found.files);
    if (!scope.request().options().interpolate()) {
      // As Docker Compose does, which leaves those of the project itself alone.
      PathResolver.each(
          model.map("services"),
          service -> EnvFiles.inherit(service.get("environment"), inner.environment()));
    }
    return model;
  }

  /** Null when there is none, or one cannot be fetched, which is recorded. */
  private @Nullable Found find(MapNode entry, List<String> paths, PathResolver resolver) {
    List<String> files = new ArrayList<>();
    BaseFolder base = null;
    for (String path : paths) {
      RemoteSources.Fetched fetched = null;
      if (scope.remotes().accepts(path)) {
        fetched = scope.remotes().fetch(path, entry.position, "include");
        if (fetched == null) {
          return null;
        }
      }
      Path file =
          fetched == null ? Path.of(resolver.readable(path, entry.position)) : fetched.file();
      if (base == null) {
        Path root = fetched == null ? scope.base().root() : fetched.root();
        base = new BaseFolder(scope.base().dir(), root).of(file);
      }
      problems.origin(file.toString(), "included", entry.position);
      files.add(file.toString());
    }
    if (base == null) {
      problems.error(entry.position, "include", "missing property 'path'");
      return null;
    }
    return new Found(files, base);
  }

  private boolean isCycle(MapNode entry, String first) {
    List<String> chain = scope.includeChain();
    boolean isCycle = chain.contains(first) || chain.size() > MAX_INCLUDES;
    if (isCycle) {
      problems.error(
          entry.position,
          "include",
          "include cycle detected:\n" + String.join("\n include ", chain) + "\n include " + first);
    }
    return isCycle;
  }

  /** Where the model's paths begin; null when that is not allowed, which is recorded. */
  private @Nullable BaseFolder baseFolder(
      MapNode entry, BaseFolder ofFiles, PathResolver resolver) {
    String given = entry.text("project_directory");
    if (given.isEmpty()) {
      return ofFiles;
    }
    Path dir = Path.of(resolver.absolute(given));
    if (scope.base().isLeftBy(dir)) { // of a model that was fetched, which is confined to it
      problems.error(entry.position, "include", dir + " leads out of the folder that was fetched");
      return null;
    }
    Path root = scope.base().root() != null ? scope.base().root() : ofFiles.root();
    return new BaseFolder(dir, root == null || dir.startsWith(root) ? root : dir);
  }

  private Map<String, String> includedVariables(
      MapNode entry, BaseFolder base, PathResolver resolver) {
    Map<String, String> read = new LinkedHashMap<>();
    List<Node> named = entry.list("env_file");
    List<Path> files = new ArrayList<>();
    named.forEach(
        file -> files.add(Path.of(resolver.readable(((Scalar) file).text(), file.position))));
    Path usual = base.dir().resolve(".env");
    if (named.isEmpty() && problems.files.look(usual).isRegular()) {
      if (base.isLeftBy(usual)) {
        problems.error(
            entry.position, "include", usual + " leads out of the folder that was fetched");
      } else {
        files.add(usual);
      }
    }
    for (Path file : files) {
      if (!file.toString().equals("/dev/null")) {
        EnvFiles.read(
            file, "", read, scope.environment()::get, entry.position, "include", problems);
      }
    }
    read.putAll(scope.environment());
    return read;
  }

  /** Copies an included model's resources in; what is there already must be the same. */
  private void adopt(MapNode model, MapNode total, MapNode entry) {
    model.entries.forEach(
        (section, value) -> {
          if (!(value instanceof MapNode resources)) {
            return;
          }
          if (problems.trace != null) {
            LoadTrace trace = problems.trace;
            resources.entries.forEach(
                (name, resource) ->
                    trace.came(section + "." + name, resource, "included at " + entry.position));
          }
          MapNode target = total.map(section);
          if (target == null) {
            total.entries.put(section, resources);
            return;
          }
          resources.entries.forEach(
              (name, resource) -> {
                Node old = target.entries.putIfAbsent(name, resource);
                if (old != null
                    && !section.startsWith("x-")
                    && !JsonText.of(old).equals(JsonText.of(resource))) {
                  problems.error(
                      entry.position,
                      section + "." + name,
                      section + "." + name + " conflicts with imported resource");
                }
              });
        });
  }
}
