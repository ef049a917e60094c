package io.jcompose.compose;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to load and how.
 *
 * @param workingDir the caller's folder, absolute
 * @param files compose files as named by {@code -f}, {@code -} for standard input; empty takes
 *     COMPOSE_FILE, else looks for the usual names in {@code workingDir} and its parents
 * @param stdin what {@code -} reads, null for nothing
 * @param environment the caller's environment
 * @param envFiles {@code --env-file}; empty takes COMPOSE_ENV_FILES, else {@code .env}
 * @param projectName {@code -p}, or empty
 * @param projectDirectory {@code --project-directory}, or null
 * @param profiles {@code --profile}; empty takes COMPOSE_PROFILES
 * @param services the services named on the command line; their profiles become active
 * @param options what to leave out
 * @param handed what the files are where they lie on a client's host; null to read this one's
 */
@RecordBuilder
public record LoadRequest(
    Path workingDir,
    List<String> files,
    @Nullable String stdin,
    Map<String, String> environment,
    List<Path> envFiles,
    String projectName,
    @Nullable Path projectDirectory,
    List<String> profiles,
    List<String> services,
    Options options,
    @Nullable HandedSources handed)
    implements LoadRequestBuilder.With {
  public LoadRequest {
    files = List.copyOf(files);
    environment = Map.copyOf(environment);
    envFiles = List.copyOf(envFiles);
    profiles = List.copyOf(profiles);
    services = List.copyOf(services);
  }

  /** A request for the project of a folder, as {@code docker compose} there without any option. */
  public static LoadRequest of(Path workingDir, Map<String, String> environment) {
    return new LoadRequest(
        workingDir,
        List.of(),
        null,
        environment,
        List.of(),
        "",
        null,
        List.of(),
        List.of(),
        Options.DEFAULT,
        null);
  }

  /**
   * The steps of loading that {@code config} can leave out.
   *
   * @param allResources keep networks, volumes, configs and secrets that nothing uses
   */
  @RecordBuilder
  public record Options(
      boolean interpolate,
      boolean normalize,
      boolean resolvePaths,
      boolean resolveEnvironment,
      boolean checkConsistency,
      boolean allResources)
      implements OptionsBuilder.With {
    public static final Options DEFAULT = new Options(true, true, true, true, true, false);

    /** The default, and what nothing uses. */
    public static final Options ALL_RESOURCES = DEFAULT.withAllResources(true);
  }
}
