package io.jcompose.core;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container shall be: everything that decides how it is made and run, with no reference to a
 * compose file. Immutable; kept on disk with the container's record.
 *
 * @param name unique on the engine, {@code [a-zA-Z0-9][a-zA-Z0-9_.-]+}
 * @param image reference or image id
 * @param imageId the id that {@code image} resolved to when the container was planned; empty lets
 *     the engine resolve it
 */
@RecordBuilder
public record ContainerSpec(
    String name,
    String image,
    String imageId,
    Map<String, String> labels,
    ProcessSpec process,
    Security security,
    Networking networking,
    List<MountSpec> mounts,
    List<FileSpec> files,
    Resources resources,
    Lifecycle lifecycle,
    @Nullable Health health,
    Logging logging)
    implements ContainerSpecBuilder.With {

  public ContainerSpec {
    labels = Map.copyOf(labels);
    mounts = List.copyOf(mounts);
    files = List.copyOf(files);
  }

  /** The same with other limits, restart policy and labels: what can change while it runs. */
  public ContainerSpec changed(
      Resources otherResources, RestartPolicy restart, Map<String, String> otherLabels) {
    return with()
        .labels(otherLabels)
        .resources(otherResources)
        .lifecycle(lifecycle.withRestart(restart))
        .build();
  }

  /** A spec with the engine's defaults: one image, nothing else. */
  public static ContainerSpec of(String name, String image) {
    return new ContainerSpec(
        name,
        image,
        "",
        Map.of(),
        ProcessSpec.DEFAULT,
        Security.DEFAULT,
        Networking.NONE,
        List.of(),
        List.of(),
        Resources.UNLIMITED,
        Lifecycle.DEFAULT,
        null,
        Logging.DEFAULT);
  }

  /**
   * The program and its surroundings.
   *
   * @param entrypoint null takes the image's; an empty list is explicitly none
   * @param command null takes the image's, unless an entrypoint is given
   * @param env {@code NAME=value}, added over the image's
   * @param workingDir empty takes the image's, else {@code /}
   * @param user {@code user[:group]}, names or numbers, resolved inside the container; empty takes
   *     the image's
   * @param hostname empty is the id's first 12 digits
   * @param groupAdd further groups, names or numbers
   * @param stdinOnce its input ends with that of the client that is attached to it
   */
  @RecordBuilder
  public record ProcessSpec(
      @Nullable List<String> entrypoint,
      @Nullable List<String> command,
      List<String> env,
      String workingDir,
      String user,
      String hostname,
      String domainname,
      List<String> groupAdd,
      boolean tty,
      boolean stdinOpen,
      boolean stdinOnce,
      boolean init)
      implements ProcessSpecBuilder.With {
    public static final ProcessSpec DEFAULT =
        new ProcessSpec(
            null, null, List.of(), "", "", "", "", List.of(), false, false, false, false);

    public ProcessSpec {
      entrypoint = entrypoint == null ? null : List.copyOf(entrypoint);
      command = command == null ? null : List.copyOf(command);
      env = List.copyOf(env);
      groupAdd = List.copyOf(groupAdd);
    }
  }

  /**
   * Isolation. Modes are Docker's words: empty for the default (private), {@code host}, {@code
   * service:x} resolved to {@code container:ID}.
   *
   * @param securityOpt {@code no-new-privileges[:true]}, {@code seccomp=unconfined}, {@code
   *     seccomp=<json>}
   * @param devices {@code host:container:rwm}
   * @param runtime another OCI runtime by its name or path; empty is the engine's own
   */
  @RecordBuilder
  public record Security(
      boolean privileged,
      boolean readOnlyRootfs,
      List<String> capAdd,
      List<String> capDrop,
      List<String> securityOpt,
      List<String> devices,
      List<String> deviceCgroupRules,
      Map<String, String> sysctls,
      Map<String, Ulimit> ulimits,
      String pidMode,
      String ipcMode,
      String utsMode,
      String usernsMode,
      String cgroupnsMode,
      String cgroupParent,
      String runtime)
      implements SecurityBuilder.With {
    public static final Security DEFAULT =
        new Security(
            false, false, List.of(), List.of(), List.of(), List.of(), List.of(), Map.of(), Map.of(),
            "", "", "", "", "", "", "");

    public Security {
      runtime = runtime == null ? "" : runtime; // records of older engines have none
      capAdd = List.copyOf(capAdd);
      capDrop = List.copyOf(capDrop);
      securityOpt = List.copyOf(securityOpt);
      devices = List.copyOf(devices);
      deviceCgroupRules = List.copyOf(deviceCgroupRules);
      sysctls = Map.copyOf(sysctls);
      ulimits = Map.copyOf(ulimits);
    }
  }

  /** Resource limit of man 2 getrlimit; -1 is unlimited. */
  public record Ulimit(long soft, long hard) {}

  /** A mount that the user asked for. */
  public sealed interface MountSpec {
    /** Absolute, cleaned path inside the container. */
    String target();

    /**
     * A volume.
     *
     * @param name the volume's name, or empty for an anonymous one
     * @param noCopy do not fill an empty volume from the image
     * @param subpath a directory inside the volume, or empty
     * @param inherited the volume of this name goes with its container, as one without a name does:
     *     it was the predecessor's. Nothing else makes a named volume go with a container
     */
    record Volume(
        String name,
        String target,
        boolean readOnly,
        boolean noCopy,
        String subpath,
        boolean inherited)
        implements MountSpec {

      /** One that was asked for. */
      public Volume(String name, String target, boolean readOnly, boolean noCopy, String subpath) {
        this(name, target, readOnly, noCopy, subpath, false);
      }
    }

    /**
     * A host path.
     *
     * @param createHostPath make the source a directory when it does not exist
     * @param propagation empty is rprivate
     * @param selinux {@code z} labels the source for all containers, {@code Z} for this one; empty
     *     leaves its labels
     */
    record Bind(
        Path source,
        String target,
        boolean readOnly,
        boolean createHostPath,
        boolean recursive,
        String propagation,
        String selinux)
        implements MountSpec {
      public Bind {
        selinux = selinux == null ? "" : selinux; // records of older engines have none
      }

      /** One whose labels are left as they are. */
      public Bind(
          Path source,
          String target,
          boolean readOnly,
          boolean createHostPath,
          boolean recursive,
          String propagation) {
        this(source, target, readOnly, createHostPath, recursive, propagation, "");
      }
    }

    /**
     * Memory.
     *
     * @param options man 5 tmpfs mount options, comma-separated; may be empty
     */
    record Tmpfs(String target, String options) implements MountSpec {}
  }

  /**
   * A config or secret: one read-only file. Exactly one of {@code source} and {@code content} is
   * set.
   *
   * @param uid owner, or -1 when not given: then a file that is shown as it is keeps its owner, and
   *     a copy belongs to the container's user
   * @param gid as {@code uid}
   * @param mode permission bits, or -1 when not given: then a source keeps its mode and content has
   *     0444
   * @param secret true keeps the file in memory and out of every log and listing
   */
  public record FileSpec(
      String name,
      String target,
      @Nullable Path source,
      @Nullable String content,
      long uid,
      long gid,
      int mode,
      boolean secret) {
    /** False for a source that is shown as it lies on the host. */
    public boolean isCopied() {
      return source == null || uid >= 0 || gid >= 0 || mode >= 0;
    }

    /** The same file of another owner. */
    public FileSpec withOwner(long uid, long gid) {
      return new FileSpec(name, target, source, content, uid, gid, mode, secret);
    }
  }

  /**
   * How it ends and comes back.
   *
   * @param restart decides what follows an end that nobody asked for
   * @param stopSignal empty takes the image's, else SIGTERM
   * @param stopTimeout null is 10 s
   * @param autoRemove remove the container when it ends
   */
  @RecordBuilder
  public record Lifecycle(
      RestartPolicy restart, String stopSignal, @Nullable Duration stopTimeout, boolean autoRemove)
      implements LifecycleBuilder.With {
    public static final Lifecycle DEFAULT = new Lifecycle(RestartPolicy.NO, "", null, false);
  }

  /**
   * A restart policy.
   *
   * @param maxRetries for on-failure; 0 is without limit
   */
  public record RestartPolicy(Kind kind, int maxRetries) {
    public static final RestartPolicy NO = new RestartPolicy(Kind.NO, 0);

    /** Docker's four policies. */
    public enum Kind {
      NO,
      ALWAYS,
      ON_FAILURE,
      UNLESS_STOPPED
    }

    /**
     * Whether it starts a container again after such an end.
     *
     * @param manual a person stopped it
     * @param restartCount restarts so far
     */
    public boolean wants(int exitCode, boolean manual, int restartCount) {
      return !manual
          && switch (kind) {
            case NO -> false;
            case ALWAYS, UNLESS_STOPPED -> true;
            case ON_FAILURE -> exitCode != 0 && (maxRetries == 0 || restartCount < maxRetries);
          };
    }
  }

  /**
   * A health check. Null durations and 0 retries take Docker's defaults: 30 s, 30 s, 0 s, 5 s, 3.
   *
   * @param test {@code [CMD, …]}, {@code [CMD-SHELL, line]} or {@code [NONE]}
   */
  public record Health(
      List<String> test,
      @Nullable Duration interval,
      @Nullable Duration timeout,
      @Nullable Duration startPeriod,
      @Nullable Duration startInterval,
      int retries) {
    public Health {
      test = List.copyOf(test);
    }

    /** This check, with what it leaves open from {@code inherited}, the image's. */
    public Health over(@Nullable Health inherited) {
      return inherited == null
          ? this
          : new Health(
              test.isEmpty() ? inherited.test : test,
              interval == null ? inherited.interval : interval,
              timeout == null ? inherited.timeout : timeout,
              startPeriod == null ? inherited.startPeriod : startPeriod,
              startInterval == null ? inherited.startInterval : startInterval,
              retries == 0 ? inherited.retries : retries);
    }
  }

  /**
   * Where output goes.
   *
   * @param driver json-file, local, journald, syslog or none; empty takes the engine's default
   * @param options max-size, max-file
   */
  public record Logging(String driver, Map<String, String> options) {
    public static final Logging DEFAULT = new Logging("json-file", Map.of());

    public Logging {
      options = Map.copyOf(options);
    }
  }
}
