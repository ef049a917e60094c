package io.jcompose.compose;

import io.jcompose.compose.Node.ListNode;
import io.jcompose.compose.Node.MapNode;
import io.jcompose.compose.Node.Scalar;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads files into one canonical tree: parse, interpolate, canonicalise, extend, include, merge. An
 * included model is a Loading of its own. Owned by one call.
 */
final class Loading {
  private static final long MAX_BYTES = 32 << 20;
  private static final int MAX_INCLUDES = 50;

  private final LoadRequest request;
  private final Problems problems;
  private final Map<String, String> environment;
  private final Path projectDir;
  private final List<String> includeChain;
  private final Merger merger;
  private final Set<String> unsetWarned = new LinkedHashSet<>();
  private final Map<String, MapNode> extendedFiles = new HashMap<>();

  Loading(
      LoadRequest request,
      Problems problems,
      Map<String, String> environment,
      Path projectDir,
      List<String> includeChain) {
    this.request = request;
    this.problems = problems;
    this.environment = environment;
    this.projectDir = projectDir;
    this.includeChain = includeChain;
    merger = new Merger(problems);
  }

  /** The documents of all files, parsed only. */
  List<Node> parse(List<String> files) {
    List<Node> roots = new ArrayList<>();
    for (String file : files) {
      String text = file.equals("-") ? request.stdin() == null ? "" : request.stdin() : read(file);
      if (text == null) {
        continue;
      }
      int before = roots.size();
      roots.addAll(YamlReader.read(file, text, problems));
      if (roots.size() == before && text.isBlank()) {
        problems.error(new SourcePosition(file, 0, 0), "", "empty compose file");
      }
    }
    return roots;
  }

  private @Nullable String read(String file) {
    SourcePosition place = new SourcePosition(file, 0, 0);
    Path path = request.workingDir().resolve(file);
    try {
      if (Files.isDirectory(path)) {
        problems.error(place, "", "read " + path + ": is a directory");
        return null;
      }
      if (Files.size(path) > MAX_BYTES) {
        problems.error(place, "", "the file is larger than 32 MiB");
        return null;
      }
      return Files.readString(path);
    } catch (NoSuchFileException e) {
      problems.error(place, "", "open " + path + ": no such file or directory");
    } catch (CharacterCodingException e) {
      problems.error(place, "", "the file is not UTF-8");
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
      extend(document);
      include(document, total);
      document.entries.remove("include");
      merger.merge(total, document, "");
    }
    return total;
  }

  private @Nullable MapNode prepare(Node root) {
    Node version = root instanceof MapNode map ? map.entries.remove("version") : null;
    if (version != null) {
      problems.warn(
          version.position,
          "version",
          "the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion");
    }
    Node interpolated = request.options().interpolate() ? interpolate(root, "") : root;
    return new Canonicalizer(problems, !request.options().interpolate()).document(interpolated);
  }

  /** Substitutes variables in all values; keys stay. */
  Node interpolate(Node node, String path) {
    switch (node) {
      case MapNode map ->
          map.entries.replaceAll(
              (key, value) -> interpolate(value, path.isEmpty() ? key : path + "." + key));
      case ListNode list -> list.items.replaceAll(item -> interpolate(item, path + ".[]"));
      case Scalar scalar -> {
        if (scalar.value instanceof String text && text.indexOf('$') >= 0) {
          Scalar result = new Scalar(substitute(text, scalar.position, path), scalar.position);
          result.directive = scalar.directive;
          return result;
        }
      }
    }
    return node;
  }

  String substitute(String text, SourcePosition position, String path) {
    Template template =
        new Template(
            environment,
            name -> {
              if (unsetWarned.add(name)) {
                problems.warn(
                    position,
                    "",
                    "The \"" + name + "\" variable is not set. Defaulting to a blank string.");
              }
            });
    try {
      return template.substitute(text);
    } catch (Template.Invalid e) {
      problems.error(position, "", "error while interpolating " + path + ": " + e.getMessage());
      return text.replace("$", "");
    }
  }

  private void extend(MapNode document) {
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
    Path baseDir = projectDir;
    if (!other.isEmpty()) {
      if (PathResolver.isRemote(other)) {
        problems.error(
            reference.position,
            "services." + name + ".extends",
            "remote files are not supported yet: " + other);
        service.entries.remove("extends");
        return null;
      }
      Path path = Path.of(new PathResolver(projectDir, environment).absolute(other));
      Path parent = path.getParent();
      baseDir = parent == null ? projectDir : parent;
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
    if (!other.isEmpty() && request.options().resolvePaths()) {
      new PathResolver(baseDir, environment).service(copy);
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
    for (Node root : parse(List.of(path.toString()))) {
      MapNode document = prepare(root);
      if (document != null) {
        total = merger.merge(total, document, "");
      }
    }
    extendedFiles.put(path.toString(), total);
    return total;
  }

  private void include(MapNode document, MapNode total) {
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

  private @Nullable MapNode included(MapNode entry, List<String> paths) {
    PathResolver resolver = new PathResolver(projectDir, environment);
    List<String> files = new ArrayList<>();
    for (String path : paths) {
      if (PathResolver.isRemote(path) || path.startsWith("oci:")) {
        problems.error(entry.position, "include", "remote files are not supported yet: " + path);
        return null;
      }
      files.add(resolver.absolute(path));
    }
    if (files.isEmpty()) {
      problems.error(entry.position, "include", "missing property 'path'");
      return null;
    }
    if (includeChain.contains(files.getFirst()) || includeChain.size() > MAX_INCLUDES) {
      problems.error(
          entry.position,
          "include",
          "include cycle detected:\n"
              + String.join("\n include ", includeChain)
              + "\n include "
              + files.getFirst());
      return null;
    }
    Path parent = Path.of(files.getFirst()).getParent();
    String given = entry.text("project_directory");
    Path dir =
        given.isEmpty() ? parent == null ? projectDir : parent : Path.of(resolver.absolute(given));
    List<String> chain = new ArrayList<>(includeChain);
    chain.add(files.getFirst());
    Loading nested =
        new Loading(request, problems, includedEnvironment(entry, dir, resolver), dir, chain);
    MapNode model = nested.merge(nested.parse(files));
    model.entries.remove("name");
    nested.finish(model);
    return model;
  }

  private Map<String, String> includedEnvironment(MapNode entry, Path dir, PathResolver resolver) {
    Map<String, String> read = new LinkedHashMap<>();
    List<Node> named = entry.list("env_file");
    List<Path> files = new ArrayList<>();
    named.forEach(file -> files.add(Path.of(resolver.absolute(((Scalar) file).text()))));
    if (named.isEmpty() && Files.isRegularFile(dir.resolve(".env"))) {
      files.add(dir.resolve(".env"));
    }
    for (Path file : files) {
      if (!file.toString().equals("/dev/null")) {
        EnvFiles.read(file, "", read, environment::get, entry.position, "include", problems);
      }
    }
    read.putAll(environment);
    return read;
  }

  /** Copies an included model's resources in; what is there already must be the same. */
  private void adopt(MapNode model, MapNode total, MapNode entry) {
    model.entries.forEach(
        (section, value) -> {
          if (!(value instanceof MapNode resources)) {
            return;
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

  /** Resolves what depends on this model's own folder and environment. */
  void finish(MapNode model) {
    PathResolver.each(model.map("services"), this::defaultContext);
    if (request.options().resolvePaths()) {
      new PathResolver(projectDir, environment).project(model);
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
              if (args != null) {
                args.entries.values().removeIf(Node::isNull);
              }
            }
          });
    }
  }

  private void defaultContext(MapNode service) {
    MapNode build = service.map("build");
    if (build != null) {
      build.entries.putIfAbsent("context", new Scalar(".", build.position));
    }
  }
}
