package io.jcompose.api;

import com.fasterxml.jackson.databind.ObjectWriter;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code inspect}: containers as JSON in the shape of Docker's API, {@code GET
 * /containers/{id}/json}.
 */
final class InspectCommand {
  private static final String NEVER = "0001-01-01T00:00:00Z";
  private static final ObjectWriter PRETTY =
      JsonText.MAPPER.writer(
          new com.fasterxml.jackson.core.util.DefaultPrettyPrinter()
              .withArrayIndenter(new com.fasterxml.jackson.core.util.DefaultIndenter("    ", "\n"))
              .withObjectIndenter(
                  new com.fasterxml.jackson.core.util.DefaultIndenter("    ", "\n")));

  private final ContainerRefs refs;
  private final Containers containers;
  private final Images images;

  InspectCommand(ContainerRefs refs, Containers containers, Images images) {
    this.refs = refs;
    this.containers = containers;
    this.images = images;
  }

  String render(CommandRequest request) {
    if (request.arguments().isEmpty()) {
      throw new JcomposeException.InvalidArgument("name at least one service or container");
    }
    List<Object> found = new ArrayList<>();
    for (String word : request.arguments()) {
      ContainerView view = refs.any(request, word);
      found.add(object(containers.find(view.id()).orElse(view)));
    }
    try {
      return PRETTY.writeValueAsString(found) + "\n";
    } catch (IOException e) {
      throw new JcomposeException.Internal("failed to write JSON", e);
    }
  }

  private Map<String, Object> object(ContainerView view) {
    Images.ImageView image = images.find(view.imageId()).orElse(null);
    Map<String, Object> object = new LinkedHashMap<>();
    List<String> command = view.command();
    object.put("Id", view.id());
    object.put("Created", view.createdAt().toString());
    object.put("Path", command.isEmpty() ? "" : command.getFirst());
    object.put("Args", command.isEmpty() ? List.of() : command.subList(1, command.size()));
    object.put("State", state(view));
    object.put("Image", view.imageId());
    object.put("Name", "/" + view.name());
    object.put("RestartCount", view.restartCount());
    object.put("Driver", "overlayfs");
    object.put("Platform", "linux");
    object.put("HostConfig", hostConfig(view.spec()));
    object.put("Mounts", mounts(view));
    object.put("Config", config(view, image));
    object.put("NetworkSettings", network(view));
    return object;
  }

  private static Map<String, Object> state(ContainerView view) {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("Status", view.state().name().toLowerCase(Locale.ROOT));
    state.put("Running", view.isRunning());
    state.put("Paused", view.state() == ContainerView.State.PAUSED);
    state.put("Restarting", view.state() == ContainerView.State.RESTARTING);
    state.put("OOMKilled", view.oomKilled());
    state.put("Dead", view.state() == ContainerView.State.DEAD);
    state.put("Pid", view.pid());
    state.put("ExitCode", view.exitCode());
    state.put("Error", view.error());
    state.put("StartedAt", time(view.startedAt()));
    state.put("FinishedAt", time(view.finishedAt()));
    if (view.health() != ContainerView.HealthStatus.NONE) {
      state.put("Health", Map.of("Status", view.health().name().toLowerCase(Locale.ROOT)));
    }
    return state;
  }

  private static String time(@Nullable Instant at) {
    return at == null ? NEVER : at.toString();
  }

  private static Map<String, Object> hostConfig(ContainerSpec spec) {
    ContainerSpec.Resources limits = spec.resources();
    ContainerSpec.Security security = spec.security();
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("Binds", binds(spec));
    Map<String, Object> log = new LinkedHashMap<>();
    log.put("Type", spec.logging().driver());
    log.put("Config", new TreeMap<>(spec.logging().options()));
    config.put("LogConfig", log);
    config.put("NetworkMode", networkMode(spec));
    config.put("PortBindings", portBindings(spec));
    Map<String, Object> restart = new LinkedHashMap<>();
    restart.put(
        "Name",
        spec.lifecycle().restart().kind().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    restart.put("MaximumRetryCount", spec.lifecycle().restart().maxRetries());
    config.put("RestartPolicy", restart);
    config.put("AutoRemove", spec.lifecycle().autoRemove());
    config.put("CapAdd", orNull(security.capAdd()));
    config.put("CapDrop", orNull(security.capDrop()));
    config.put("CgroupnsMode", security.cgroupnsMode());
    config.put("Dns", spec.networking().dns());
    config.put("DnsOptions", spec.networking().dnsOptions());
    config.put("DnsSearch", spec.networking().dnsSearch());
    config.put("ExtraHosts", orNull(spec.networking().extraHosts()));
    config.put("GroupAdd", orNull(spec.process().groupAdd()));
    config.put("IpcMode", security.ipcMode().isEmpty() ? "private" : security.ipcMode());
    config.put("OomScoreAdj", limits.oomScoreAdj());
    config.put("PidMode", security.pidMode());
    config.put("Privileged", security.privileged());
    config.put("ReadonlyRootfs", security.readOnlyRootfs());
    config.put("SecurityOpt", orNull(security.securityOpt()));
    config.put("UTSMode", security.utsMode());
    config.put("UsernsMode", security.usernsMode());
    config.put("ShmSize", limits.shmBytes() == 0 ? 64L << 20 : limits.shmBytes());
    config.put("Sysctls", new TreeMap<>(security.sysctls()));
    config.put("Init", spec.process().init());
    resources(config, limits);
    config.put("Devices", devices(security.devices()));
    config.put("DeviceCgroupRules", orNull(security.deviceCgroupRules()));
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
    config.put("Ulimits", ulimits);
    return config;
  }

  private static void resources(Map<String, Object> config, ContainerSpec.Resources limits) {
    config.put("CpuShares", limits.cpuShares());
    config.put("Memory", limits.memoryBytes());
    config.put("NanoCpus", limits.nanoCpus());
    config.put("CgroupParent", "");
    config.put("BlkioWeight", limits.blkioWeight());
    config.put("BlkioWeightDevice", rates(limits.blkioWeightDevice(), "Weight"));
    config.put("BlkioDeviceReadBps", rates(limits.blkioReadBps(), "Rate"));
    config.put("BlkioDeviceWriteBps", rates(limits.blkioWriteBps(), "Rate"));
    config.put("BlkioDeviceReadIOps", rates(limits.blkioReadIops(), "Rate"));
    config.put("BlkioDeviceWriteIOps", rates(limits.blkioWriteIops(), "Rate"));
    config.put("CpuPeriod", limits.cpuPeriodMicros());
    config.put("CpuQuota", limits.cpuQuotaMicros());
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

  private static List<Object> rates(List<ContainerSpec.DeviceValue> values, String name) {
    List<Object> rates = new ArrayList<>();
    for (ContainerSpec.DeviceValue value : values) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("Path", value.path());
      one.put(name, value.value());
      rates.add(one);
    }
    return rates;
  }

  private static List<Object> devices(List<String> devices) {
    List<Object> found = new ArrayList<>();
    for (String device : devices) {
      String[] parts = device.split(":");
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("PathOnHost", parts[0]);
      one.put("PathInContainer", parts.length > 1 ? parts[1] : parts[0]);
      one.put("CgroupPermissions", parts.length > 2 ? parts[2] : "rwm");
      found.add(one);
    }
    return found;
  }

  private static @Nullable List<String> orNull(List<String> list) {
    return list.isEmpty() ? null : list;
  }

  private static @Nullable List<String> binds(ContainerSpec spec) {
    List<String> binds = new ArrayList<>();
    for (MountSpec mount : spec.mounts()) {
      if (mount instanceof MountSpec.Bind bind) {
        binds.add(bind.source() + ":" + bind.target() + (bind.readOnly() ? ":ro" : ":rw"));
      }
    }
    return orNull(binds);
  }

  private static String networkMode(ContainerSpec spec) {
    ContainerSpec.Networking networking = spec.networking();
    return networking.mode().equals("networks") && !networking.endpoints().isEmpty()
        ? networking.endpoints().getFirst().network()
        : networking.mode();
  }

  private static Map<String, Object> portBindings(ContainerSpec spec) {
    Map<String, Object> bindings = new TreeMap<>();
    for (ContainerSpec.PortSpec port : spec.networking().ports()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("HostIp", port.hostIp());
      one.put("HostPort", port.hostPort() == 0 ? "" : String.valueOf(port.hostPort()));
      append(bindings, port.containerPort() + "/" + port.protocol(), one);
    }
    return bindings;
  }

  @SuppressWarnings("unchecked") // values of this very method
  private static void append(Map<String, Object> lists, String key, Object value) {
    ((List<Object>) lists.computeIfAbsent(key, k -> new ArrayList<>())).add(value);
  }

  private static List<Object> mounts(ContainerView view) {
    List<Object> mounts = new ArrayList<>();
    for (MountSpec mount : view.spec().mounts()) {
      Map<String, Object> one = new LinkedHashMap<>();
      switch (mount) {
        case MountSpec.Bind bind -> {
          one.put("Type", "bind");
          one.put("Source", bind.source().toString());
          one.put("Destination", bind.target());
          one.put("Mode", bind.readOnly() ? "ro" : "rw");
          one.put("RW", !bind.readOnly());
          one.put("Propagation", bind.propagation().isEmpty() ? "rprivate" : bind.propagation());
        }
        case MountSpec.Volume volume -> {
          one.put("Type", "volume");
          one.put(
              "Name",
              volume.name().isEmpty()
                  ? view.anonymousVolumes().getOrDefault(volume.target(), "")
                  : volume.name());
          one.put("Destination", volume.target());
          one.put("Driver", "local");
          one.put("Mode", volume.readOnly() ? "ro" : "z");
          one.put("RW", !volume.readOnly());
          one.put("Propagation", "");
        }
        case MountSpec.Tmpfs tmpfs -> {
          one.put("Type", "tmpfs");
          one.put("Source", "");
          one.put("Destination", tmpfs.target());
          one.put("Mode", tmpfs.options());
          one.put("RW", true);
          one.put("Propagation", "");
        }
      }
      mounts.add(one);
    }
    return mounts;
  }

  private static Map<String, Object> config(ContainerView view, Images.@Nullable ImageView image) {
    ContainerSpec spec = view.spec();
    ContainerSpec.ProcessSpec process = spec.process();
    Map<String, Object> config = new LinkedHashMap<>();
    config.put(
        "Hostname",
        process.hostname().isEmpty() ? io.jcompose.core.Ids.brief(view.id()) : process.hostname());
    config.put("Domainname", process.domainname());
    config.put("User", process.user().isEmpty() && image != null ? image.user() : process.user());
    config.put("Tty", process.tty());
    config.put("OpenStdin", process.stdinOpen());
    config.put("Env", environment(process.env(), image));
    config.put(
        "Cmd", process.command() == null && image != null ? image.command() : process.command());
    config.put("Image", spec.image());
    config.put(
        "WorkingDir",
        process.workingDir().isEmpty() && image != null
            ? image.workingDir()
            : process.workingDir());
    config.put(
        "Entrypoint",
        process.entrypoint() == null && image != null ? image.entrypoint() : process.entrypoint());
    config.put("Labels", new TreeMap<>(view.labels()));
    if (!spec.lifecycle().stopSignal().isEmpty()) {
      config.put("StopSignal", spec.lifecycle().stopSignal());
    }
    if (spec.lifecycle().stopTimeout() != null) {
      config.put("StopTimeout", spec.lifecycle().stopTimeout().toSeconds());
    }
    ContainerSpec.Health health = spec.health();
    if (health != null) {
      Map<String, Object> check = new LinkedHashMap<>();
      check.put("Test", health.test());
      put(check, "Interval", health.interval());
      put(check, "Timeout", health.timeout());
      put(check, "StartPeriod", health.startPeriod());
      put(check, "StartInterval", health.startInterval());
      if (health.retries() > 0) {
        check.put("Retries", health.retries());
      }
      config.put("Healthcheck", check);
    }
    return config;
  }

  private static void put(Map<String, Object> map, String key, java.time.@Nullable Duration value) {
    if (value != null) {
      map.put(key, value.toNanos());
    }
  }

  private static List<String> environment(List<String> own, Images.@Nullable ImageView image) {
    Map<String, String> all = new LinkedHashMap<>();
    for (List<String> list : List.of(image == null ? List.<String>of() : image.env(), own)) {
      for (String entry : list) {
        int equals = entry.indexOf('=');
        if (equals < 0) {
          all.remove(entry);
        } else {
          all.put(entry.substring(0, equals), entry);
        }
      }
    }
    return List.copyOf(all.values());
  }

  private static Map<String, Object> network(ContainerView view) {
    Map<String, Object> settings = new LinkedHashMap<>();
    Map<String, Object> ports = new TreeMap<>();
    for (ContainerView.PortBinding port : view.ports()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("HostIp", port.hostIp().isEmpty() ? "0.0.0.0" : port.hostIp());
      one.put("HostPort", String.valueOf(port.hostPort()));
      append(ports, port.containerPort() + "/" + port.protocol(), one);
    }
    settings.put("Ports", ports);
    Map<String, Object> networks = new TreeMap<>();
    for (ContainerView.EndpointView endpoint : view.endpoints()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("Aliases", endpoint.aliases());
      one.put("NetworkID", endpoint.networkId());
      one.put("Gateway", endpoint.gateway());
      one.put("IPAddress", endpoint.ipv4Address());
      one.put("GlobalIPv6Address", endpoint.ipv6Address());
      one.put("MacAddress", endpoint.macAddress());
      networks.put(endpoint.networkName(), one);
    }
    settings.put("Networks", networks);
    return settings;
  }
}
