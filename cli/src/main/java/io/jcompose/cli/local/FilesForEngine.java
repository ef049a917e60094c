package io.jcompose.cli.local;

import io.jcompose.compose.HandedSources;
import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.RecordedSources;
import io.jcompose.compose.SourceFiles;
import io.jcompose.compose.model.FileObject;
import io.jcompose.compose.model.MountConfig;
import io.jcompose.compose.model.Project;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Hands the files of a project over to an engine on another host: they are loaded here once, only
 * to see which are read. What is wrong with them the engine tells, as it does on its own host.
 */
public final class FilesForEngine {
  /** The member with the registries that the files' images are of. */
  public static final String REGISTRIES = "registries";

  private FilesForEngine() {}

  /** What a project names. */
  private record Named(Set<String> paths, Set<String> registries) {}

  /** Adds {@code sources}, {@code localPaths} and {@link #REGISTRIES} to a request. */
  public static void add(Map<String, Object> members, Map<String, String> env, Path config) {
    RecordedSources seen = new RecordedSources();
    ProjectLoader loader = new ProjectLoader(new PublishedProjects(config), seen);
    LoadRequest request = LoadRequests.of(members, env);
    Named named = new Named(new TreeSet<>(), new TreeSet<>());
    load(loader, request, named);
    // Which profiles a command makes active the engine decides.
    load(loader, withAllProfiles(request), named);
    HandedSources pipes = request.handed();
    members.put("sources", json(seen.handed(pipes == null ? Map.of() : pipes.files())));
    members.put("localPaths", new ArrayList<>(named.paths));
    members.put(REGISTRIES, new ArrayList<>(named.registries));
  }

  private static LoadRequest withAllProfiles(LoadRequest request) {
    return request.withProfiles(List.of("*"));
  }

  private static void load(ProjectLoader loader, LoadRequest request, Named named) {
    Set<String> paths = named.paths;
    try {
      Project project = loader.load(request);
      project.services().values().forEach(service -> addRegistry(service.source().image(), named));
      project.services().values().stream()
          .flatMap(service -> service.storage().mounts().stream())
          .filter(MountConfig.Bind.class::isInstance)
          .forEach(mount -> addIfHere(((MountConfig.Bind) mount).source(), paths));
      project.services().values().stream()
          .map(service -> service.source().build())
          .filter(build -> build != null && build.context().startsWith("/"))
          .forEach(build -> addIfHere(build.context(), paths));
      addObjects(project.configs(), paths);
      addObjects(project.secrets(), paths);
    } catch (JcomposeException e) {
      // what was read up to here is what the engine needs to say the same
    }
  }

  private static void addRegistry(String image, Named named) {
    try {
      if (!image.isEmpty()) {
        named.registries.add(ImageReference.parse(image).domain());
      }
    } catch (JcomposeException e) {
      // the engine says what is wrong with it
    }
  }

  private static void addObjects(Map<String, FileObject> objects, Set<String> paths) {
    for (FileObject object : objects.values()) {
      if (object.source() instanceof FileObject.Source.HostFile file) {
        addIfHere(file.path(), paths);
      }
    }
  }

  private static void addIfHere(String path, Set<String> paths) {
    if (Files.exists(Path.of(path))) {
      paths.add(path);
    }
  }

  private static Map<String, Object> json(HandedSources sources) {
    Map<String, Object> files = new LinkedHashMap<>();
    sources
        .files()
        .forEach(
            (path, handed) ->
                files.put(
                    path,
                    Map.of(
                        "kind",
                        handed.look().kind().name(),
                        "reason",
                        handed.look().reason(),
                        "content",
                        Base64.getEncoder().encodeToString(handed.content()))));
    Map<String, Object> fetches = new LinkedHashMap<>();
    for (Map.Entry<String, SourceFiles.Fetch> entry : sources.fetches().entrySet()) {
      SourceFiles.Fetch fetch = entry.getValue();
      fetches.put(entry.getKey(), List.of(fetch.file(), fetch.root(), fetch.name(), fetch.error()));
    }
    return Map.of("files", files, "fetches", fetches);
  }
}
