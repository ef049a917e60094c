package io.jcompose.scheduler;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Map;

/**
 * What {@code build} may be told, over what the file says.
 *
 * @param services empty is every active service
 * @param withDependencies build what these depend on too
 * @param args over the file's
 * @param noCache use nothing of earlier builds
 * @param pull ask for base images at their registries also where they are here
 * @param memoryBytes of each step; 0 is without limit
 * @param why report of each step that is carried out why
 * @param ssh id to path, or to an empty text for the caller's agent; over the file's
 */
@RecordBuilder
public record BuildOptions(
    List<String> services,
    boolean withDependencies,
    Map<String, String> args,
    boolean noCache,
    boolean pull,
    boolean why,
    long memoryBytes,
    Map<String, String> ssh)
    implements BuildOptionsBuilder.With {
  /** As the file says. */
  public static final BuildOptions DEFAULT =
      new BuildOptions(List.of(), false, Map.of(), false, false, false, 0, Map.of());

  public BuildOptions {
    services = List.copyOf(services);
    args = Map.copyOf(args);
    ssh = Map.copyOf(ssh);
  }
}
