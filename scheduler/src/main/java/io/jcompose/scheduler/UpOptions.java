package io.jcompose.scheduler;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code up} and {@code create} may be told, with the meaning of Docker Compose's flags.
 *
 * @param services empty is every active service
 * @param noDeps leave the dependencies of {@code services} alone
 * @param scale replicas by service, over the file's
 * @param building which images are built; null, as an engine has left it that built none, is
 *     MISSING
 * @param why report of each step of a build that is carried out why
 * @param pull always, missing, never, build, or empty for each service's own policy
 * @param timeout how long a container that is replaced or removed may take to stop; null is its own
 * @param ignoreOrphans say nothing of containers whose services the file lacks
 * @param awaitRunning {@code --wait}: return when every container runs and is healthy
 * @param waitTimeout null waits as long as it takes
 * @param noStart make everything, start nothing
 * @param allResources make networks and volumes too that no service uses
 */
@RecordBuilder
public record UpOptions(
    List<String> services,
    boolean noDeps,
    Map<String, Integer> scale,
    boolean forceRecreate,
    boolean noRecreate,
    boolean alwaysRecreateDeps,
    boolean removeOrphans,
    boolean ignoreOrphans,
    boolean renewAnonVolumes,
    boolean awaitRunning,
    @Nullable Duration waitTimeout,
    @Nullable Duration timeout,
    boolean noStart,
    boolean allResources,
    String pull,
    BuildMode building,
    boolean why)
    implements UpOptionsBuilder.With {
  /** To begin with: every service, nothing out of the ordinary. */
  public static final UpOptions DEFAULT =
      new UpOptions(
          List.of(),
          false,
          Map.of(),
          false,
          false,
          false,
          false,
          false,
          false,
          false,
          null,
          null,
          false,
          false,
          "",
          BuildMode.MISSING,
          false);

  public UpOptions {
    building = building == null ? BuildMode.MISSING : building;
    services = List.copyOf(services);
    scale = Map.copyOf(scale);
  }

  /** The same, but nothing is started. */
  public UpOptions withNoStart() {
    return with().awaitRunning(false).waitTimeout(null).noStart(true).build();
  }

  /** What is worth finishing after a crash: nobody waits any more, and images are there. */
  public UpOptions withoutWait() {
    return with()
        .awaitRunning(false)
        .waitTimeout(null)
        .pull("")
        .building(BuildMode.MISSING)
        .why(false)
        .build();
  }

  /** What a one-off container needs around it. */
  public UpOptions forRun(RunOptions run) {
    return DEFAULT
        .with()
        .services(services)
        .noDeps(run.noDeps())
        .scale(scale)
        .removeOrphans(run.removeOrphans())
        .ignoreOrphans(run.ignoreOrphans())
        .timeout(timeout)
        .build();
  }
}
