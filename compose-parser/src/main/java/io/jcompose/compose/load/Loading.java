package io.jcompose.compose.load;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.source.EnvFiles;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import java.util.List;

/**
 * Makes one canonical tree of a model's files: extend, include, merge. An included model is a
 * Loading of its own. Owned by one call.
 */
public final class Loading {
  private final LoadScope scope;
  private final Problems problems;
  private final DocumentReader reader;
  private final Merger merger;
  private final Extends extending;
  private final Includes including;

  public Loading(LoadScope scope, Problems problems) {
    this.scope = scope;
    this.problems = problems;
    reader = new DocumentReader(scope, problems);
    merger = new Merger(problems, false, !scope.request().options().interpolate());
    extending = new Extends(scope, reader, problems, merger);
    including = new Includes(scope, problems, this::included);
  }

  /** Reads the documents of the files; {@link #merge} makes one tree of them. */
  public DocumentReader reader() {
    return reader;
  }

  /** Merges parsed documents into one tree. */
  public MapNode merge(List<Node> roots) {
    MapNode total = new MapNode(new SourcePosition("", 0, 0));
    for (Node root : roots) {
      MapNode document = reader.prepare(root);
      if (document == null) {
        continue;
      }
      extending.extend(document);
      including.include(document, total);
      document.entries.remove("include");
      merger.merge(total, document, "root", "");
    }
    return total;
  }

  private MapNode included(LoadScope inner, List<String> files) {
    Loading nested = new Loading(inner, problems);
    MapNode model = nested.merge(nested.reader.parse(files));
    model.entries.remove("name");
    nested.finish(model);
    return model;
  }

  /** Resolves what depends on this model's own folder and environment. */
  public void finish(MapNode model) {
    LoadRequest.Options options = scope.request().options();
    PathResolver.each(model.map("services"), this::defaultContext);
    if (options.resolvePaths()) {
      new PathResolver(scope.base(), scope.environment(), problems).project(model);
    }
    if (!options.interpolate() && options.normalize()) {
      PathResolver.each(model.map("services"), Loading::dropUnsetArguments);
    }
    if (options.interpolate()) {
      PathResolver.each(
          model.map("services"),
          service -> {
            EnvFiles.inherit(service.map("environment"), scope.environment());
            MapNode build = service.map("build");
            if (build != null) {
              EnvFiles.inherit(build.map("args"), scope.environment());
              MapNode args = build.map("args");
              if (args != null && options.normalize()) {
                args.entries.values().removeIf(Node::isNull);
              }
            }
          });
    }
  }

  /** Docker Compose prints no arguments that come from the environment, which it does not ask. */
  private static void dropUnsetArguments(MapNode service) {
    MapNode build = service.map("build");
    if (build != null && build.get("args") instanceof ListNode list) {
      list.items.removeIf(item -> item instanceof Scalar pair && pair.text().indexOf('=') < 0);
    } else if (build != null && build.get("args") instanceof MapNode map) {
      map.entries.values().removeIf(Node::isNull);
    }
  }

  private void defaultContext(MapNode service) {
    MapNode build = service.map("build");
    if (build != null) {
      build.entries.putIfAbsent("context", new Scalar(".", build.position));
    }
  }
}
