package io.jcompose.compose;

import io.jcompose.compose.Node.ListNode;
import io.jcompose.compose.Node.MapNode;
import io.jcompose.compose.Node.Scalar;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads files into one canonical tree: parse, interpolate, canonicalise, extend, include, merge. An
 * included model is a Loading of its own. Owned by one call.
 */
final class Loading {
  final LoadRequest request;
  final Map<String, String> environment;
  final BaseFolder base;
  final RemoteSources remotes;
  final List<String> includeChain;
  private final Problems problems;
  private final Merger merger;
  private final Interpolation interpolation;
  private final Extends extending;
  private final Includes including;

  Loading(
      LoadRequest request,
      Problems problems,
      Map<String, String> environment,
      BaseFolder base,
      RemoteSources remotes,
      List<String> includeChain) {
    this.request = request;
    this.problems = problems;
    this.environment = environment;
    this.base = base;
    this.remotes = remotes;
    this.includeChain = includeChain;
    merger = new Merger(problems, false, !request.options().interpolate());
    interpolation = new Interpolation(environment, problems);
    extending = new Extends(this, problems, merger);
    including = new Includes(this, problems);
  }

  /** The documents of all files, parsed only; a file that says nothing has none. */
  List<Node> parse(List<String> files) {
    List<Node> roots = new ArrayList<>();
    for (String file : files) {
      String text = file.equals("-") ? request.stdin() == null ? "" : request.stdin() : read(file);
      if (text == null) {
        problems.incomplete();
        continue;
      }
      int before = roots.size();
      roots.addAll(YamlReader.read(file, text, problems));
      if (problems.trace != null) {
        problems.trace.read(file, text);
        roots.subList(before, roots.size()).forEach(problems.trace::parsed);
      }
    }
    return roots;
  }

  private @Nullable String read(String file) {
    SourcePosition place = new SourcePosition(file, 0, 0);
    Path path = request.workingDir().resolve(file);
    try {
      if (!problems.limits.addFile()) {
        problems.error(place, "", LoadLimits.tooManyFiles());
        return null;
      }
      return SourceText.read(path, problems);
    } catch (NoSuchFileException e) {
      problems.error(place, "", "open " + path + ": no such file or directory");
    } catch (SourceText.Refused e) {
      SourcePosition at = e.line() == 0 ? place : new SourcePosition(file, e.line(), 1);
      problems.error(at, "", "read " + path + ": " + e.getMessage());
    } catch (IOException e) {
      problems.error(place, "", "cannot read the file: " + e);
    }
    return null;
  }

  /** Merges parsed documents into one tree. */
  MapNode merge(List<Node> roots) {
    MapNode total = new MapNode(new SourcePosition("", 0, 0));
    for (Node root : roots) {
      MapNode document = prepare(root);
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

  /** The text with variables substituted; null when it cannot be, which is recorded. */
  @Nullable String substitute(String text, SourcePosition position, String path) {
    return interpolation.substitute(text, position, path);
  }

  /** An interpolated, canonical document; null when it is no mapping, which is recorded. */
  @Nullable MapNode prepare(Node root) {
    Node version = root instanceof MapNode map ? map.entries.remove("version") : null;
    if (version != null) {
      problems.warn(
          version.position,
          "version",
          "the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion");
    }
    Node interpolated =
        request.options().interpolate() ? interpolation.interpolate(root, "") : root;
    return new Canonicalizer(problems, !request.options().interpolate()).document(interpolated);
  }

  /** Resolves what depends on this model's own folder and environment. */
  void finish(MapNode model) {
    PathResolver.each(model.map("services"), this::defaultContext);
    if (request.options().resolvePaths()) {
      new PathResolver(base, environment, problems).project(model);
    }
    if (!request.options().interpolate() && request.options().normalize()) {
      PathResolver.each(model.map("services"), Loading::dropUnsetArguments);
    }
    if (request.options().interpolate()) {
      PathResolver.each(
          model.map("services"),
          service -> {
            EnvFiles.inherit(service.map("environment"), environment);
            MapNode build = service.map("build");
            if (build != null) {
              EnvFiles.inherit(build.map("args"), environment);
              MapNode args = build.map("args");
              if (args != null && request.options().normalize()) {
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
