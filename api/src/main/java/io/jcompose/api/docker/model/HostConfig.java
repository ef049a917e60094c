package io.jcompose.api.docker.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What of a container is the host's affair, as a client asks for it; null for what is left out.
 *
 * @param binds {@code source:target[:mode]}
 * @param tmpfs options by target
 * @param volumesFrom {@code container[:ro|rw]}
 * @param cpuRealtimePeriod of the kernel's real-time groups, as is {@code cpuRealtimeRuntime}
 * @param annotations for an OCI runtime
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record HostConfig(
    @Nullable List<String> binds,
    @Nullable LogConfig logConfig,
    @Nullable String networkMode,
    @Nullable Map<String, List<PortBinding>> portBindings,
    @Nullable RestartPolicy restartPolicy,
    @Nullable Boolean autoRemove,
    @Nullable String volumeDriver,
    @Nullable List<String> volumesFrom,
    @Nullable Map<String, String> annotations,
    @Nullable List<String> capAdd,
    @Nullable List<String> capDrop,
    @Nullable String cgroupnsMode,
    @Nullable List<String> dns,
    @Nullable List<String> dnsOptions,
    @Nullable List<String> dnsSearch,
    @Nullable List<String> extraHosts,
    @Nullable List<String> groupAdd,
    @Nullable String ipcMode,
    @Nullable List<String> links,
    int oomScoreAdj,
    @Nullable String pidMode,
    @Nullable Boolean privileged,
    @Nullable Boolean publishAllPorts,
    @Nullable Boolean readonlyRootfs,
    @Nullable List<String> securityOpt,
    @Nullable Map<String, String> storageOpt,
    @Nullable Map<String, String> tmpfs,
    @JsonProperty("UTSMode") @Nullable String utsMode,
    @Nullable String usernsMode,
    long shmSize,
    @Nullable Map<String, String> sysctls,
    @Nullable String runtime,
    @Nullable String isolation,
    @Nullable List<Mount> mounts,
    @Nullable List<String> maskedPaths,
    @Nullable List<String> readonlyPaths,
    @Nullable Boolean init,
    long cpuShares,
    long memory,
    long nanoCpus,
    @Nullable String cgroupParent,
    int blkioWeight,
    @Nullable List<Rate> blkioWeightDevice,
    @Nullable List<Rate> blkioDeviceReadBps,
    @Nullable List<Rate> blkioDeviceWriteBps,
    @JsonProperty("BlkioDeviceReadIOps") @Nullable List<Rate> blkioDeviceReadIops,
    @JsonProperty("BlkioDeviceWriteIOps") @Nullable List<Rate> blkioDeviceWriteIops,
    long cpuPeriod,
    long cpuQuota,
    long cpuRealtimePeriod,
    long cpuRealtimeRuntime,
    @Nullable String cpusetCpus,
    @Nullable String cpusetMems,
    @Nullable List<Device> devices,
    @Nullable List<String> deviceCgroupRules,
    @Nullable List<DeviceRequest> deviceRequests,
    @JsonProperty("KernelMemoryTCP") long kernelMemoryTcp,
    long memoryReservation,
    long memorySwap,
    @Nullable Long memorySwappiness,
    @Nullable Boolean oomKillDisable,
    @Nullable Long pidsLimit,
    @Nullable List<Ulimit> ulimits) {

  /** Where output goes. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record LogConfig(@Nullable String type, @Nullable Map<String, String> config) {}

  /** A place of the host for a port; the port is a number, a range {@code 8000-8010}, or empty. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record PortBinding(@Nullable String hostIp, @Nullable String hostPort) {}

  /** By its name; an empty one is {@code no}. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record RestartPolicy(@Nullable String name, int maximumRetryCount) {}

  /** A value for a block device: a weight, bytes or operations a second. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record Rate(@Nullable String path, long weight, long rate) {}

  /** A device node of the host. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record Device(
      @Nullable String pathOnHost,
      @Nullable String pathInContainer,
      @Nullable String cgroupPermissions) {}

  /** Devices by their kind; {@code cdi} is the driver of the Container Device Interface. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record DeviceRequest(
      @Nullable String driver,
      int count,
      @JsonProperty("DeviceIDs") @Nullable List<String> deviceIds,
      @Nullable List<List<String>> capabilities) {}

  /** A limit of man 2 getrlimit. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record Ulimit(@Nullable String name, long hard, long soft) {}

  /** A mount in its long form. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record Mount(
      @Nullable String type,
      @Nullable String source,
      @Nullable String target,
      boolean readOnly,
      @Nullable BindOptions bindOptions,
      @Nullable VolumeOptions volumeOptions,
      @Nullable TmpfsOptions tmpfsOptions) {

    /** Of a path of the host. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record BindOptions(
        @Nullable String propagation,
        boolean nonRecursive,
        boolean createMountpoint,
        boolean readOnlyNonRecursive,
        boolean readOnlyForceRecursive) {}

    /** Of a volume. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record VolumeOptions(
        boolean noCopy,
        @Nullable Map<String, String> labels,
        @Nullable String subpath,
        @Nullable Driver driverConfig) {}

    /** A volume's driver with its options. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Driver(@Nullable String name, @Nullable Map<String, String> options) {}

    /** Of memory; options are lists of a name, or of a name and its value. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record TmpfsOptions(long sizeBytes, int mode, @Nullable List<List<String>> options) {}
  }
}
