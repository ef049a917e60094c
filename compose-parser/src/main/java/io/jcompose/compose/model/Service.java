package io.jcompose.compose.model;

import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerSpec.Ulimit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One service, complete: interpolated, merged, with defaults and absolute paths. Empty texts and
 * collections, zero numbers and null are "not given", unless a component says otherwise. Immutable.
 *
 * @param containerName empty lets the project name its containers
 * @param scale the replicas that {@code scale} or {@code deploy.replicas} ask for, else 1
 * @param attach false leaves its output out of an attached {@code up}
 * @param extensions the {@code x-…} keys with plain values: String, Long, Double, Boolean, List,
 *     Map
 */
public record Service(
    String name,
    String containerName,
    ImageSource source,
    Process process,
    Isolation isolation,
    Networking networking,
    Storage storage,
    Resources resources,
    Lifecycle lifecycle,
    Logging logging,
    Map<String, String> labels,
    Map<String, String> annotations,
    int scale,
    boolean attach,
    List<String> profiles,
    @Nullable Deploy deploy,
    List<WatchRule> watch,
    @Nullable Provider provider,
    Map<String, ModelConfig.Use> models,
    Map<String, @Nullable Object> extensions) {
  public Service {
    labels = Copies.ordered(labels);
    annotations = Copies.ordered(annotations);
    profiles = List.copyOf(profiles);
    watch = List.copyOf(watch);
    models = Copies.ordered(models);
    extensions = Copies.ordered(extensions);
  }

  /** The services that this one depends on; explicit ones in the file's order. */
  public Map<String, Dependency> dependsOn() {
    return lifecycle.dependsOn();
  }

  /**
   * Where the file system comes from.
   *
   * @param image empty when only {@code build} is given
   * @param pullPolicy empty when not given; else always, never, missing, build, refresh, daily,
   *     weekly, every
   * @param pullInterval the refresh time of every, daily and weekly
   */
  public record ImageSource(
      String image,
      @Nullable Build build,
      String platform,
      String pullPolicy,
      @Nullable Duration pullInterval) {}

  /**
   * The program and its surroundings.
   *
   * @param entrypoint null takes the image's; an empty list is explicitly none
   * @param command null takes the image's
   * @param environment with env files and the project's environment resolved
   * @param unsetEnvironment variables that are removed although the image sets them
   */
  public record Process(
      @Nullable List<String> entrypoint,
      @Nullable List<String> command,
      Map<String, String> environment,
      List<String> unsetEnvironment,
      String workingDir,
      String user,
      List<String> groupAdd,
      String hostname,
      String domainname,
      boolean tty,
      boolean stdinOpen,
      @Nullable Boolean init) {
    public Process {
      entrypoint = entrypoint == null ? null : List.copyOf(entrypoint);
      command = command == null ? null : List.copyOf(command);
      environment = Copies.ordered(environment);
      unsetEnvironment = List.copyOf(unsetEnvironment);
      groupAdd = List.copyOf(groupAdd);
    }
  }

  /** What separates the container from the host; modes are the compose file's words. */
  public record Isolation(
      boolean privileged,
      boolean readOnlyRootfs,
      List<String> capAdd,
      List<String> capDrop,
      List<String> securityOpt,
      List<Device> devices,
      List<String> deviceCgroupRules,
      List<DeviceRequest> gpus,
      Map<String, String> sysctls,
      Map<String, Ulimit> ulimits,
      String pid,
      String ipc,
      String uts,
      String usernsMode,
      String cgroup,
      String cgroupParent,
      String runtime,
      String windowsIsolation,
      Map<String, String> credentialSpec,
      boolean useApiSocket) {
    public Isolation {
      capAdd = List.copyOf(capAdd);
      capDrop = List.copyOf(capDrop);
      securityOpt = List.copyOf(securityOpt);
      devices = List.copyOf(devices);
      deviceCgroupRules = List.copyOf(deviceCgroupRules);
      gpus = List.copyOf(gpus);
      sysctls = Copies.ordered(sysctls);
      ulimits = Copies.ordered(ulimits);
      credentialSpec = Copies.ordered(credentialSpec);
    }
  }

  /**
   * A device of the host, or a CDI name in {@code source} and {@code target} alike.
   *
   * @param permissions of {@code rwm}
   */
  public record Device(String source, String target, String permissions) {}

  /**
   * Networks, names and ports.
   *
   * @param mode empty, or {@code none}, {@code host}, {@code bridge}, {@code service:x}, {@code
   *     container:x} or a network's name
   * @param attachments by the key of the top-level network; empty when {@code mode} is given
   * @param expose metadata only
   * @param extraHosts name to addresses; {@code host-gateway} stands for the gateway
   * @param links service or container to alias
   */
  public record Networking(
      String mode,
      Map<String, Attachment> attachments,
      List<PortConfig> ports,
      List<String> expose,
      List<String> dns,
      List<String> dnsSearch,
      List<String> dnsOptions,
      Map<String, List<String>> extraHosts,
      List<Link> links,
      List<Link> externalLinks,
      String macAddress) {
    public Networking {
      attachments = Copies.ordered(attachments);
      ports = List.copyOf(ports);
      expose = List.copyOf(expose);
      dns = List.copyOf(dns);
      dnsSearch = List.copyOf(dnsSearch);
      dnsOptions = List.copyOf(dnsOptions);
      extraHosts = Copies.ordered(extraHosts);
      links = List.copyOf(links);
      externalLinks = List.copyOf(externalLinks);
    }
  }

  /** Another name for a container. */
  public record Link(String target, String alias) {}

  /**
   * The service on one network. Networks are attached by priority, highest first, then by name.
   *
   * @param gatewayPriority the highest one gives the default route
   */
  public record Attachment(
      List<String> aliases,
      String interfaceName,
      String ipv4Address,
      String ipv6Address,
      List<String> linkLocalIps,
      String macAddress,
      Map<String, String> driverOptions,
      int gatewayPriority,
      int priority) {
    public static final Attachment DEFAULT =
        new Attachment(List.of(), "", "", "", List.of(), "", Map.of(), 0, 0);

    public Attachment {
      aliases = List.copyOf(aliases);
      linkLocalIps = List.copyOf(linkLocalIps);
      driverOptions = Copies.ordered(driverOptions);
    }
  }

  /**
   * Mounts and files.
   *
   * @param tmpfs path to mount options, which may be empty
   * @param volumesFrom {@code [container:]name[:ro|rw]}
   */
  public record Storage(
      List<MountConfig> mounts,
      Map<String, String> tmpfs,
      List<String> volumesFrom,
      List<FileReference> configs,
      List<FileReference> secrets,
      Map<String, String> storageOptions,
      String volumeDriver) {
    public Storage {
      mounts = List.copyOf(mounts);
      tmpfs = Copies.ordered(tmpfs);
      volumesFrom = List.copyOf(volumesFrom);
      configs = List.copyOf(configs);
      secrets = List.copyOf(secrets);
      storageOptions = Copies.ordered(storageOptions);
    }
  }

  /**
   * Limits of the service-level keys, with {@code deploy.resources} worked in where those are not
   * given.
   *
   * @param nanoCpus 1e9 is one CPU
   * @param memorySwapBytes memory plus swap, -1 is unlimited
   * @param pidsLimit -1 is unlimited
   */
  public record Resources(
      long nanoCpus,
      long cpuShares,
      long cpuPeriodMicros,
      long cpuQuotaMicros,
      long cpuRealtimePeriodMicros,
      long cpuRealtimeRuntimeMicros,
      long cpuCount,
      double cpuPercent,
      String cpuset,
      long memoryBytes,
      long memorySwapBytes,
      long memoryReservationBytes,
      @Nullable Integer memorySwappiness,
      boolean oomKillDisable,
      int oomScoreAdj,
      long pidsLimit,
      long shmBytes,
      Blkio blkio) {}

  /** Block I/O: a weight of 10 to 1000, and values by device path. */
  public record Blkio(
      int weight,
      Map<String, Long> weightDevice,
      Map<String, Long> readBytesPerSecond,
      Map<String, Long> writeBytesPerSecond,
      Map<String, Long> readOperationsPerSecond,
      Map<String, Long> writeOperationsPerSecond) {
    public static final Blkio NONE = new Blkio(0, Map.of(), Map.of(), Map.of(), Map.of(), Map.of());

    public Blkio {
      weightDevice = Copies.ordered(weightDevice);
      readBytesPerSecond = Copies.ordered(readBytesPerSecond);
      writeBytesPerSecond = Copies.ordered(writeBytesPerSecond);
      readOperationsPerSecond = Copies.ordered(readOperationsPerSecond);
      writeOperationsPerSecond = Copies.ordered(writeOperationsPerSecond);
    }
  }

  /**
   * How it starts, ends and comes back.
   *
   * @param restart of {@code restart}, or {@code deploy.restart_policy}, which wins
   * @param stopGracePeriod null is 10 s
   */
  public record Lifecycle(
      RestartPolicy restart,
      String stopSignal,
      @Nullable Duration stopGracePeriod,
      @Nullable Healthcheck healthcheck,
      Map<String, Dependency> dependsOn,
      List<Hook> preStart,
      List<Hook> postStart,
      List<Hook> preStop) {
    public Lifecycle {
      dependsOn = Copies.ordered(dependsOn);
      preStart = List.copyOf(preStart);
      postStart = List.copyOf(postStart);
      preStop = List.copyOf(preStop);
    }
  }

  /** Where output goes; an empty driver is the engine's default. */
  public record Logging(String driver, Map<String, String> options) {
    public static final Logging DEFAULT = new Logging("", Map.of());

    public Logging {
      options = Copies.ordered(options);
    }
  }
}
