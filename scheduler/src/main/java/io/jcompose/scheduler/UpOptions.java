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
 * @param ignoreOrphans say nothing of containers whose services the file lacks
 * @param awaitRunning {@code --wait}: return when every container runs and is healthy
 * @param waitTimeout null waits as long as it takes
 * @param noStart make everything, start nothing
 * @param allResources make networks and volumes too that no service uses
 */
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
    String pull) {
  public static final UpOptions DEFAULT = builder().build();

  public UpOptions {
    services = List.copyOf(services);
    scale = Map.copyOf(scale);
  }

  /** Options to begin with: every service, nothing out of the ordinary. */
  public static Builder builder() {
    return new Builder();
  }

  /** The same for only these services. */
  public UpOptions withServices(List<String> only) {
    return new Builder(this).services(only).build();
  }

  /** The same, but nothing is started. */
  public UpOptions withNoStart() {
    return new Builder(this).noWait().noStart(true).build();
  }

  /** What is worth finishing after a crash: nobody waits any more, and images are there. */
  public UpOptions withoutWait() {
    return new Builder(this).noWait().pull("").build();
  }

  /** What a one-off container needs around it. */
  public UpOptions forRun(RunOptions run) {
    return new Builder()
        .services(services)
        .noDeps(run.noDeps())
        .scale(scale)
        .removeOrphans(run.removeOrphans())
        .ignoreOrphans(run.ignoreOrphans())
        .timeout(timeout)
        .build();
  }

  /** Collects options. Confined to one thread. */
  public static final class Builder {
    private List<String> services = List.of();
    private boolean noDeps;
    private Map<String, Integer> scale = Map.of();
    private boolean forceRecreate;
    private boolean noRecreate;
    private boolean alwaysRecreateDeps;
    private boolean removeOrphans;
    private boolean ignoreOrphans;
    private boolean renewAnonVolumes;
    private boolean awaitRunning;
    private @Nullable Duration waitTimeout;
    private @Nullable Duration timeout;
    private boolean noStart;
    private boolean allResources;
    private String pull = "";

    private Builder() {}

    private Builder(UpOptions from) {
      services = from.services;
      noDeps = from.noDeps;
      scale = from.scale;
      forceRecreate = from.forceRecreate;
      noRecreate = from.noRecreate;
      alwaysRecreateDeps = from.alwaysRecreateDeps;
      removeOrphans = from.removeOrphans;
      ignoreOrphans = from.ignoreOrphans;
      renewAnonVolumes = from.renewAnonVolumes;
      awaitRunning = from.awaitRunning;
      waitTimeout = from.waitTimeout;
      timeout = from.timeout;
      noStart = from.noStart;
      allResources = from.allResources;
      pull = from.pull;
    }

    public Builder services(List<String> value) {
      services = value;
      return this;
    }

    public Builder noDeps(boolean value) {
      noDeps = value;
      return this;
    }

    public Builder scale(Map<String, Integer> value) {
      scale = value;
      return this;
    }

    public Builder forceRecreate(boolean value) {
      forceRecreate = value;
      return this;
    }

    public Builder noRecreate(boolean value) {
      noRecreate = value;
      return this;
    }

    public Builder alwaysRecreateDeps(boolean value) {
      alwaysRecreateDeps = value;
      return this;
    }

    public Builder removeOrphans(boolean value) {
      removeOrphans = value;
      return this;
    }

    public Builder ignoreOrphans(boolean value) {
      ignoreOrphans = value;
      return this;
    }

    public Builder renewAnonVolumes(boolean value) {
      renewAnonVolumes = value;
      return this;
    }

    public Builder awaitRunning(boolean value) {
      awaitRunning = value;
      return this;
    }

    public Builder waitTimeout(@Nullable Duration value) {
      waitTimeout = value;
      return this;
    }

    public Builder timeout(@Nullable Duration value) {
      timeout = value;
      return this;
    }

    public Builder noStart(boolean value) {
      noStart = value;
      return this;
    }

    public Builder allResources(boolean value) {
      allResources = value;
      return this;
    }

    public Builder pull(String value) {
      pull = value;
      return this;
    }

    private Builder noWait() {
      return awaitRunning(false).waitTimeout(null);
    }

    public UpOptions build() {
      return new UpOptions(
          services,
          noDeps,
          scale,
          forceRecreate,
          noRecreate,
          alwaysRecreateDeps,
          removeOrphans,
          ignoreOrphans,
          renewAnonVolumes,
          awaitRunning,
          waitTimeout,
          timeout,
          noStart,
          allResources,
          pull);
    }
  }
}
