package io.jcompose.scheduler;

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
 * @param pull always, missing, never, build, or empty for each service's own policy
 * @param timeout how long a container that is replaced or removed may take to stop; null is its own
 * @param awaitRunning {@code --wait}: return when every container runs and is healthy
 * @param waitTimeout null waits as long as it takes
 * @param noStart make everything, start nothing
 * @param build refused until there are builds
 */
public record UpOptions(
    List<String> services,
    boolean noDeps,
    Map<String, Integer> scale,
    boolean forceRecreate,
    boolean noRecreate,
    boolean alwaysRecreateDeps,
    boolean removeOrphans,
    boolean renewAnonVolumes,
    boolean awaitRunning,
    @Nullable Duration waitTimeout,
    @Nullable Duration timeout,
    boolean noStart,
    boolean build,
    String pull) {
  public static final UpOptions DEFAULT =
      new UpOptions(
          List.of(), false, Map.of(), false, false, false, false, false, false, null, null, false,
          false, "");

  public UpOptions {
    services = List.copyOf(services);
    scale = Map.copyOf(scale);
  }

  /** The same for only these services. */
  public UpOptions withServices(List<String> only) {
    return new UpOptions(
        only,
        noDeps,
        scale,
        forceRecreate,
        noRecreate,
        alwaysRecreateDeps,
        removeOrphans,
        renewAnonVolumes,
        awaitRunning,
        waitTimeout,
        timeout,
        noStart,
        build,
        pull);
  }

  /** The same, but nothing is started. */
  public UpOptions withNoStart() {
    return new UpOptions(
        services,
        noDeps,
        scale,
        forceRecreate,
        noRecreate,
        alwaysRecreateDeps,
        removeOrphans,
        renewAnonVolumes,
        false,
        null,
        timeout,
        true,
        build,
        pull);
  }

  /** What is worth finishing after a crash: nobody waits any more, and images are there. */
  UpOptions withoutWait() {
    return new UpOptions(
        services,
        noDeps,
        scale,
        forceRecreate,
        noRecreate,
        alwaysRecreateDeps,
        removeOrphans,
        renewAnonVolumes,
        false,
        null,
        timeout,
        noStart,
        build,
        "");
  }

  /** What a one-off container needs around it. */
  UpOptions forRun(boolean withoutDeps, boolean orphansToo) {
    return new UpOptions(
        services,
        withoutDeps,
        scale,
        false,
        false,
        false,
        orphansToo,
        false,
        false,
        null,
        timeout,
        false,
        false,
        "");
  }
}
