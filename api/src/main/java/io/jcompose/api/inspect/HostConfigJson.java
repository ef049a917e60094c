package io.jcompose.api.inspect;

import io.jcompose.core.ContainerDetails;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.core.Resources;
import io.jcompose.core.Resources.DeviceValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The {@code HostConfig} of {@code inspect}: what of a container is the host's affair, with
 * Docker's keys. Keys of what this engine does not have are there with Docker's values for none.
 */
public final class HostConfigJson {
  private HostConfigJson() {}

  /** Of one container. */
  static Map<String, Object> of(ContainerSpec spec, ContainerDetails details) {
    Resources limits = spec.resources();
    ContainerSpec.Security security = spec.security();
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("Binds", binds(spec));
    config.put("LogConfig", logging(spec.logging()));
    config.put("NetworkMode", networkMode(spec));
    config.put("PortBindings", portBindings(spec));
    config.put("RestartPolicy", restart(spec.lifecycle().restart()));
    config.put("ContainerIDFile", "");
    config.put("VolumeDriver", "");
    config.put("VolumesFrom", null);
    config.put("ConsoleSize", List.of(0, 0));
    config.put("AutoRemove", spec.lifecycle().autoRemove());
    unix(config, spec);
    boolean hides = !security.privileged();
    config.put("MaskedPaths", hides ? details.maskedPaths() : null);
    config.put("ReadonlyPaths", hides ? details.readOnlyPaths() : null);
    resources(config, limits, security.cgroupParent());
    config.put("Devices", devices(security.devices()));
    config.put("DeviceCgroupRules", orNull(security.deviceCgroupRules()));
    config.put("Ulimits", orNull(ulimits(security)));
    config.put("DeviceRequests", null);
    for (String windows :
        List.of("CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth")) {
      config.put(windows, 0);
    }
    return config;
  }

  private static Map<String, Object> logging(ContainerSpec.Logging logging) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("Type", logging.driver());
    object.put("Config", new TreeMap<>(logging.options()));
    return object;
  }

  private static Map<String, Object> restart(ContainerSpec.RestartPolicy policy) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("Name", policy.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    object.put("MaximumRetryCount", policy.maxRetries());
    return object;
  }

  /** Docker's section for Unix, in its order. */
  private static void unix(Map<String, Object> config, ContainerSpec spec) {
    ContainerSpec.Security security = spec.security();
    Resources limits = spec.resources();
    config.put("CapAdd", capabilities(security.capAdd()));
    config.put("CapDrop", capabilities(security.capDrop()));
    config.put(
        "CgroupnsMode", security.cgroupnsMode().isEmpty() ? "private" : security.cgroupnsMode());
    config.put("Dns", orNull(spec.networking().dns()));
    config.put("DnsOptions", orNull(spec.networking().dnsOptions()));
    config.put("DnsSearch", orNull(spec.networking().dnsSearch()));
    config.put("ExtraHosts", orNull(spec.networking().extraHosts()));
    config.put("GroupAdd", orNull(spec.process().groupAdd()));
    config.put("IpcMode", security.ipcMode().isEmpty() ? "private" : security.ipcMode());
    config.put("Cgroup", "");
    config.put("Links", links(spec));
    config.put("OomScoreAdj", limits.oomScoreAdj());
    config.put("PidMode", security.pidMode());
    config.put("Privileged", security.privileged());
    config.put("PublishAllPorts", false);
    config.put("ReadonlyRootfs", security.readOnlyRootfs());
    config.put("SecurityOpt", orNull(securityOpt(security)));
    config.put("UTSMode", security.utsMode());
    config.put("UsernsMode", security.usernsMode());
    if (limits.layerBytes() > 0) {
      config.put("StorageOpt", Map.of("size", Long.toString(limits.layerBytes())));
    }
    config.put("ShmSize", limits.shmBytes() == 0 ? 64L << 20 : limits.shmBytes());
    config.put("Runtime", security.runtime().isEmpty() ? "jcompose" : security.runtime());
    config.put("Isolation", "");
    if (!security.sysctls().isEmpty()) {
      config.put("Sysctls", new TreeMap<>(security.sysctls()));
    }
    if (spec.process().init()) {
      config.put("Init", true);
    }
    List<Object> mounts = MountsJson.longForms(spec);
    if (!mounts.isEmpty()) {
      config.put("Mounts", mounts);
    }
    Map<String, Object> tmpfs = tmpfs(spec);
    if (!tmpfs.isEmpty()) {
      config.put("Tmpfs", tmpfs);
    }
  }

  private static List<Object> ulimits(ContainerSpec.Security security) {
    List<Object> ulimits = new ArrayList<>();
    new TreeMap<>(security.ulimits())
        .forEach(
            (name, limit) -> {
              Map<String, Object> one = new LinkedHashMap<>();
              one.put("Name", name);
              one.put("Hard", limit.hard());
              one.put("Soft", limit.soft());
              ulimits.add(one);
            });
    return ulimits;
  }

  private static void resources(Map<String, Object> config, Resources limits, String parent) {
    config.put("CpuShares", limits.cpuShares());
    config.put("Memory", limits.memoryBytes());
    config.put("NanoCpus", limits.nanoCpus());
    config.put("CgroupParent", parent);
    config.put("BlkioWeight", limits.blkioWeight());
    config.put("BlkioWeightDevice", rates(limits.blkioWeightDevice(), "Weight"));
    config.put("BlkioDeviceReadBps", rates(limits.blkioReadBps(), "Rate"));
    config.put("BlkioDeviceWriteBps", rates(limits.blkioWriteBps(), "Rate"));
    config.put("BlkioDeviceReadIOps", rates(limits.blkioReadIops(), "Rate"));
    config.put("BlkioDeviceWriteIOps", rates(limits.blkioWriteIops(), "Rate"));
    config.put("CpuPeriod", limits.cpuPeriodMicros());
    config.put("CpuQuota", limits.cpuQuotaMicros());
    config.put("CpuRealtimePeriod", 0);
    config.put("CpuRealtimeRuntime", 0);
    config.put("CpusetCpus", limits.cpusetCpus());
    config.put("CpusetMems", limits.cpusetMems());
    config.put("MemoryReservation", limits.memoryReservationBytes());
    config.put(
        "MemorySwap",
        limits.memorySwapBytes() == 0 ? 2 * limits.memoryBytes() : limits.memorySwapBytes());
    config.put("MemorySwappiness", limits.memorySwappiness());
    config.put("OomKillDisable", limits.oomKillDisable());
    config.put("PidsLimit", limits.pidsLimit() <= 0 ? null : limits.pidsLimit());
  }

  private static @Nullable List<String> capabilities(List<String> names) {
    return orNull(
        names.stream()
            .map(name -> name.toUpperCase(Locale.ROOT))
            .map(name -> name.equals("ALL") || name.startsWith("CAP_") ? name : "CAP_" + name)
            .toList());
  }

  private static Map<String, Object> tmpfs(ContainerSpec spec) {
    Map<String, Object> tmpfs = new TreeMap<>();
    for (MountSpec mount : spec.mounts()) {
      if (mount instanceof MountSpec.Tmpfs one) {
        tmpfs.put(one.target(), one.options());
      }
    }
    return tmpfs;
  }

  private static @Nullable List<Object> rates(List<DeviceValue> values, String name) {
    List<Object> rates = new ArrayList<>();
    for (DeviceValue value : values) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("Path", value.path());
      one.put(name, value.value());
      rates.add(one);
    }
    return orNull(rates);
  }

  private static @Nullable List<Object> devices(List<String> devices) {
    List<Object> found = new ArrayList<>();
    for (String device : devices) {
      String[] parts = device.split(":");
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("PathOnHost", parts[0]);
      one.put("PathInContainer", parts.length > 1 ? parts[1] : parts[0]);
      one.put("CgroupPermissions", parts.length > 2 ? parts[2] : "rwm");
      found.add(one);
    }
    return orNull(found);
  }

  private static <T> @Nullable List<T> orNull(List<T> list) {
    return list.isEmpty() ? null : list;
  }

  /** With what Docker adds, so that who shares the host's processes is not kept from them. */
  private static List<String> securityOpt(ContainerSpec.Security security) {
    List<String> options = new ArrayList<>(security.securityOpt());
    boolean free =
        security.privileged()
            || security.pidMode().equals("host")
            || security.ipcMode().equals("host");
    if (free && options.stream().noneMatch(option -> option.startsWith("label="))) {
      options.add("label=disable");
    }
    return options;
  }

  private static @Nullable List<String> binds(ContainerSpec spec) {
    List<String> binds = new ArrayList<>();
    for (MountSpec mount : spec.mounts()) {
      if (MountsJson.isLong(mount)) {
        continue;
      }
      if (mount instanceof MountSpec.Bind bind) {
        binds.add(bind.source() + ":" + bind.target() + ":" + MountsJson.mode(bind));
      } else if (mount instanceof MountSpec.Volume volume && !volume.name().isEmpty()) {
        String mode = (volume.readOnly() ? ":ro" : ":rw") + (volume.noCopy() ? ",nocopy" : "");
        binds.add(volume.name() + ":" + volume.target() + mode);
      }
    }
    return orNull(binds);
  }

  /** Those of the network that all share; others are told with their networks. */
  private static @Nullable List<String> links(ContainerSpec spec) {
    List<String> links = new ArrayList<>();
    spec.networking().endpoints().stream()
        .filter(endpoint -> endpoint.network().equals(NetworkSettingsJson.BRIDGE))
        .forEach(
            endpoint ->
                new TreeMap<>(endpoint.options().links())
                    .forEach(
                        (alias, target) ->
                            links.add("/" + target + ":/" + spec.name() + "/" + alias)));
    return orNull(links);
  }

  /** The first network, or what there is instead of one. */
  public static String networkMode(ContainerSpec spec) {
    Networking networking = spec.networking();
    return networking.mode().equals("networks") && !networking.endpoints().isEmpty()
        ? networking.endpoints().getFirst().network()
        : networking.mode();
  }

  private static Map<String, Object> portBindings(ContainerSpec spec) {
    Map<String, Object> bindings = new TreeMap<>();
    for (PortSpec port : spec.networking().ports()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("HostIp", port.hostIp());
      one.put("HostPort", port.hostPort() == 0 ? "" : String.valueOf(port.hostPort()));
      append(bindings, port.containerPort() + "/" + port.protocol(), one);
    }
    return bindings;
  }

  @SuppressWarnings("unchecked") // values of this very method
  static void append(Map<String, Object> lists, String key, Object value) {
    ((List<Object>) lists.computeIfAbsent(key, k -> new ArrayList<>())).add(value);
  }
}
