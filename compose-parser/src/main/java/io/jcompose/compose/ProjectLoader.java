package io.jcompose.compose;

import io.jcompose.compose.config.CanonicalTree;
import io.jcompose.compose.load.LoadScope;
import io.jcompose.compose.load.Loading;
import io.jcompose.compose.load.ModelReader;
import io.jcompose.compose.load.Normalizer;
import io.jcompose.compose.model.Canonical;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.rules.Consistency;
import io.jcompose.compose.rules.Validation;
import io.jcompose.compose.schema.Completeness;
import io.jcompose.compose.source.EnvFiles;
import io.jcompose.compose.source.ProjectFiles;
import io.jcompose.compose.tree.LoadLimits;
import io.jcompose.compose.tree.LoadTrace;
import io.jcompose.compose.tree.LoadTurns;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import java.nio.file.InvalidPathException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Loads projects. A call reads files, and blocks for no longer than that takes, or than fetching
 * them does when they are elsewhere; loads that have much in memory take turns. Thread-safe.
 */
public final class ProjectLoader {
  private static final String GIT_PROTOCOLS = "https:http:ssh:git";

  private final Artifacts artifacts;
  private final String gitProtocols;
  private final SourceFiles sourceFiles;
  private final LoadTurns turns;
  private final KnownProjects known;
  private final InstantSource clock;

  /** A loader that fetches from git repositories, but from no registry. */
  public ProjectLoader() {
    this(Artifacts.NONE);
  }

  /**
   * @param artifacts where {@code oci://} files come from
   */
  public ProjectLoader(Artifacts artifacts) {
    this(artifacts, SourceFiles.PLAIN);
  }

  /**
   * @param artifacts where {@code oci://} files come from
   * @param sourceFiles how files of this host are read
   */
  public ProjectLoader(Artifacts artifacts, SourceFiles sourceFiles) {
    this(artifacts, GIT_PROTOCOLS, sourceFiles);
  }

  public ProjectLoader(Artifacts artifacts, String gitProtocols) {
    this(artifacts, gitProtocols, SourceFiles.PLAIN);
  }

  public ProjectLoader(Artifacts artifacts, String gitProtocols, SourceFiles sourceFiles) {
    this(
        artifacts,
        gitProtocols,
        sourceFiles,
        new LoadTurns(),
        new KnownProjects(),
        InstantSource.system());
  }

  ProjectLoader(SourceFiles sourceFiles, KnownProjects known, InstantSource clock) {
    this(Artifacts.NONE, GIT_PROTOCOLS, sourceFiles, new LoadTurns(), known, clock);
  }

  private ProjectLoader(
      Artifacts artifacts,
      String gitProtocols,
      SourceFiles sourceFiles,
      LoadTurns turns,
      KnownProjects known,
      InstantSource clock) {
    this.artifacts = artifacts;
    this.gitProtocols = gitProtocols;
    this.sourceFiles = sourceFiles;
    this.turns = turns;
    this.known = known;
    this.clock = clock;
  }

  /** The same, that shows a caller's logins where it fetches published files. */
  public ProjectLoader with(RegistryLogins logins) {
    return new ProjectLoader(
        artifacts.with(logins), gitProtocols, sourceFiles, turns, known, clock);
  }

  /**
   * Loads and validates a project. Without interpolation only the names, files and the canonical
   * form are filled, for {@code config}: values may still hold variables, so there are no services.
   *
   * @throws JcomposeException.InvalidArgument with all problems, a line each, as {@code
   *     file:line:column: path: message}
   * @throws JcomposeException.NotFound when no compose file is found
   */
  public Project load(LoadRequest request) {
    return load(request, values -> {});
  }

  /**
   * As {@link #load(LoadRequest)}.
   *
   * @param values hears how many values the project has, when it is loaded; may throw
   */
  public Project load(LoadRequest request, IntConsumer values) {
    if (request.handed() != null || request.stdin() != null) {
      return load(request, null, limits -> values.accept(limits.values()), sourceFiles);
    }
    KnownProjects.Loaded found = known.find(request);
    if (found != null) {
      values.accept(found.values());
      return found.project();
    }
    SeenFiles files = new SeenFiles(sourceFiles, clock.instant());
    LoadLimits[] taken = new LoadLimits[1];
    Project project = load(request, null, limits -> taken[0] = limits, files);
    values.accept(taken[0].values());
    var seen = files.all();
    if (seen != null) {
      long characters = files.bytes() + taken[0].characters();
      known.keep(request, new KnownProjects.Loaded(project, taken[0].values(), characters, seen));
    }
    return project;
  }

  /** Loads a project and lets {@code trace} remember where its values come from. */
  Project load(LoadRequest request, @Nullable LoadTrace trace) {
    return load(request, trace, limits -> {}, sourceFiles);
  }

  private Project load(
      LoadRequest request,
      @Nullable LoadTrace trace,
      Consumer<LoadLimits> taken,
      SourceFiles files) {
    HandedSources handed = request.handed();
    Problems problems = new Problems(trace, handed == null ? files : handed.over(files), turns);
    try {
      Project project = loaded(request, trace, problems);
      taken.accept(problems.limits);
      return project;
    } catch (InvalidPathException e) {
      throw new JcomposeException.InvalidArgument(
          "\"" + e.getInput() + "\" cannot be a path: " + e.getReason(), e);
    } finally {
      problems.limits.end();
    }
  }

  private Project loaded(LoadRequest request, @Nullable LoadTrace trace, Problems problems) {
    ProjectFiles files = new ProjectFiles(request, artifacts, gitProtocols, problems);
    Loading loading =
        new Loading(
            new LoadScope(
                request, files.environment, files.base, files.remotes, chain(request, files.files)),
            problems);
    List<Node> documents = loading.reader().parse(files.files);
    String name = name(request, files, documents, loading, problems);
    files.environment.put("COMPOSE_PROJECT_NAME", name);
    MapNode root = loading.merge(documents);
    if (root.entries.isEmpty() && !problems.any()) {
      problems.error(new SourcePosition(files.files.getFirst(), 1, 1), "", "empty compose file");
    }
    if (problems.isIncomplete()) {
      problems.check(); // what is not there may be in the file that cannot be read
    }
    new Completeness(problems).check(root);
    loading.finish(root);
    if (trace != null) {
      trace.merged(root);
    }
    LoadRequest.Options options = request.options();
    if (options.interpolate() || options.normalize() || root.entries.containsKey("name")) {
      root.put("name", name);
    }
    return complete(request, files, root, name, problems);
  }

  private static List<String> chain(LoadRequest request, List<String> files) {
    return files.stream()
        .map(file -> request.workingDir().resolve(file).normalize().toString())
        .toList();
  }

  private static String name(
      LoadRequest request,
      ProjectFiles files,
      List<Node> documents,
      Loading loading,
      Problems problems) {
    String given = request.projectName();
    if (given.isEmpty()) {
      given = files.environment.getOrDefault("COMPOSE_PROJECT_NAME", "");
    }
    if (!given.isEmpty()) {
      return checked(given);
    }
    String name = written(request, documents, loading, problems);
    for (String fallback : files.fallbackNames()) {
      name = name.isEmpty() ? ProjectFiles.normalizeName(fallback) : name;
    }
    if (name.isEmpty()) {
      problems.error(
          null, "", "project name must not be empty. Use `--project-name` to set a valid name");
      problems.check();
    }
    return name;
  }

  private static String checked(String name) {
    if (!ProjectFiles.normalizeName(name).equals(name)) {
      throw new JcomposeException.InvalidArgument(
          "invalid project name \""
              + name
              + "\": must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number");
    }
    return name;
  }

  /** What the files say; the last one counts. */
  private static String written(
      LoadRequest request, List<Node> documents, Loading loading, Problems problems) {
    String name = "";
    for (Node document : documents) {
      if (document instanceof MapNode map
          && map.get("name") instanceof Scalar scalar
          && scalar.value instanceof String text) {
        String value = loading.reader().substitute(text, scalar.position, "name");
        name = value == null ? "" : ProjectFiles.normalizeName(value);
        if (value != null && !name.isEmpty() && !request.options().normalize()) {
          name = value;
        }
        if (value != null && name.isEmpty()) {
          problems.error(
              scalar.position,
              "name",
              "project name must not be empty: \"" + text + "\" has no lowercase letter or digit");
        }
      }
    }
    return name;
  }

  private static Project complete(
      LoadRequest request, ProjectFiles files, MapNode root, String name, Problems problems) {
    LoadRequest.Options options = request.options();
    Normalizer normalizer = new Normalizer(root, name, options.interpolate());
    normalizer.defaults();
    if (options.normalize()) {
      normalizer.normalize();
    }
    List<String> profiles = profiles(request, files.environment);
    MapNode disabled = splitDisabled(root, profiles, request.services());
    new Validation(root, problems).check();
    if (options.checkConsistency() && options.interpolate()) {
      checkConsistency(root, disabled, normalizer, options, problems);
    }
    if (options.resolveEnvironment() && options.interpolate()) {
      EnvFiles.resolve(root.map("services"), files.environment, files.base.dir(), problems);
    }
    // What comes now reads the shapes that the checks made sure of.
    problems.check();
    if (options.normalize()) {
      normalizer.defaultNetwork();
      normalizer.normalize();
    }
    if (!options.allResources()) {
      normalizer.prune();
    }
    Canonical canonical =
        new Canonical(
            () ->
                options.interpolate()
                    ? new CanonicalTree().project(root)
                    : CanonicalTree.raw(root));
    return new ModelReader(root, disabled, files.base, files.environment, problems)
        .project(request, files, name, profiles, canonical);
  }

  private static void checkConsistency(
      MapNode root,
      MapNode disabled,
      Normalizer normalizer,
      LoadRequest.Options options,
      Problems problems) {
    if (options.normalize()) {
      normalizer.defaultNetwork();
    }
    new Consistency(root, disabled.entries.keySet(), problems).check();
    normalizer.replicas();
  }

  private static List<String> profiles(LoadRequest request, Map<String, String> environment) {
    if (!request.profiles().isEmpty()) {
      return request.profiles();
    }
    String listed = environment.getOrDefault("COMPOSE_PROFILES", "");
    return Arrays.stream(listed.split(","))
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .toList();
  }

  /** Takes the services that no active profile holds out of the tree. */
  private static MapNode splitDisabled(MapNode root, List<String> active, List<String> named) {
    MapNode disabled = new MapNode(root.position);
    MapNode services = root.map("services");
    if (services == null || active.contains("*")) {
      return disabled;
    }
    Set<String> all = new LinkedHashSet<>(active);
    for (String name : named) {
      if (services.get(name) instanceof MapNode service) {
        all.addAll(texts(service, "profiles"));
      }
    }
    for (String name : List.copyOf(services.entries.keySet())) {
      if (services.get(name) instanceof MapNode service) {
        List<String> own = texts(service, "profiles");
        if (!own.isEmpty() && own.stream().noneMatch(all::contains)) {
          disabled.entries.put(name, service);
          services.entries.remove(name);
        }
      }
    }
    return disabled;
  }

  private static List<String> texts(MapNode map, String key) {
    List<String> texts = new ArrayList<>();
    map.list(key).forEach(item -> texts.add(item instanceof Scalar scalar ? scalar.text() : ""));
    return texts;
  }
}
