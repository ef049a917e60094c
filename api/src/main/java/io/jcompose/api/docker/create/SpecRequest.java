package io.jcompose.api.docker.create;

import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.model.ContainerCreateRequest;
import io.jcompose.api.docker.model.HostConfig;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ByteSize;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.ContainerSpec.Logging;
import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.Resources;
import io.jcompose.core.Resources.DeviceValue;
import io.jcompose.core.Volumes.VolumeSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What {@code POST /containers/create} asks for, in the engine's words.
 *
 * @param volumes to be there before the container is made, in this order
 * @param warnings what of it is passed over, as sentences for people
 */
public record SpecRequest(ContainerSpec spec, List<VolumeSpec> volumes, List<String> warnings) {
  private static final HostConfig NOTHING =
      JsonText.MAPPER.convertValue(Map.of(), HostConfig.class);
  private static final String CONTAINER = "container:";

  /**
   * Translates.
   *
   * @param name of the container to be
   * @param others finds a container, or throws NotFound
   * @throws Refusal in Docker's words for what cannot be, and 501 for what is not carried out
   */
  public static SpecRequest of(
      String name,
      ContainerCreateRequest asked,
      ImageView image,
      Function<String, ContainerView> others) {
    HostConfig host = Objects.requireNonNullElse(asked.hostConfig(), NOTHING);
    Function<@Nullable String, String> joined = mode -> joined(Given.text(mode), others);
    refuse(asked, host);
    MountRequests mounts = new MountRequests(others);
    mounts.take(asked, host);
    ContainerSpec spec =
        new ContainerSpec(
            name,
            Given.text(asked.image()),
            image.id(),
            Given.pairs(asked.labels()),
            process(asked, host),
            security(host, joined),
            NetworkRequests.of(asked, host, image, joined::apply, others),
            mounts.mounts(),
            List.of(),
            resources(host),
            lifecycle(asked, host),
            health(asked.healthcheck()),
            logging(host.logConfig()));
    return new SpecRequest(spec, mounts.volumes(), warnings(host));
  }

  private static void refuse(ContainerCreateRequest asked, HostConfig host) {
    String folder = Given.text(asked.workingDir());
    if (!folder.isEmpty() && !folder.startsWith("/")) {
      throw new Refusal(
          400,
          "the working directory '" + folder + "' is invalid, it needs to be an absolute path");
    }
    if (!Given.text(asked.hostname()).isEmpty() && Given.text(host.utsMode()).equals("host")) {
      throw new Refusal(400, "conflicting options: hostname and the UTS mode");
    }
  }

  /** A mode with the id of the container that it names. */
  private static String joined(String mode, Function<String, ContainerView> others) {
    return mode.startsWith(CONTAINER)
        ? CONTAINER + others.apply(mode.substring(CONTAINER.length())).id()
        : mode;
  }

  private static ProcessSpec process(ContainerCreateRequest asked, HostConfig host) {
    List<String> entrypoint = asked.entrypoint() == null ? null : Given.texts(asked.entrypoint());
    List<String> command = asked.cmd() == null ? null : Given.texts(asked.cmd());
    return new ProcessSpec(
        entrypoint,
        command,
        Given.texts(asked.env()),
        Given.text(asked.workingDir()),
        Given.text(asked.user()),
        Given.text(asked.hostname()),
        Given.text(asked.domainname()),
        Given.texts(host.groupAdd()),
        Given.is(asked.tty()),
        Given.is(asked.openStdin()),
        Given.is(asked.stdinOnce()),
        Given.is(host.init()));
  }

  private static Security security(HostConfig host, Function<@Nullable String, String> joined) {
    String isolation = Given.text(host.isolation());
    if (!Set.of("", "default").contains(isolation)) {
      throw new Refusal(
          400, "invalid isolation (" + isolation + "): linux only supports 'default'");
    }
    require("IPC mode", host.ipcMode(), Set.of("none", "private", "shareable", "host"));
    require("PID mode", host.pidMode(), Set.of("host"));
    require("UTS mode", host.utsMode(), Set.of("host"));
    require("cgroup namespace mode", host.cgroupnsMode(), Set.of("private", "host"));
    String runtime = Given.text(host.runtime());
    return new Security(
        Given.is(host.privileged()),
        Given.is(host.readonlyRootfs()),
        Given.texts(host.capAdd()),
        Given.texts(host.capDrop()),
        securityOptions(host),
        devices(host),
        Given.texts(host.deviceCgroupRules()),
        Given.pairs(host.sysctls()),
        ulimits(host),
        joined.apply(host.pidMode()),
        joined.apply(host.ipcMode()),
        Given.text(host.utsMode()),
        Given.text(host.usernsMode()),
        Given.text(host.cgroupnsMode()),
        Given.text(host.cgroupParent()),
        runtime.equals("jcompose") ? "" : runtime);
  }

  private static void require(String what, @Nullable String given, Set<String> known) {
    String mode = Given.text(given);
    boolean joins = mode.startsWith(CONTAINER) && Set.of("IPC mode", "PID mode").contains(what);
    if (!mode.isEmpty() && !known.contains(mode) && !joins) {
      throw new Refusal(400, "invalid " + what + ": " + mode);
    }
  }

  /** Empty lists of hidden paths are how the command line says {@code systempaths=unconfined}. */
  private static List<String> securityOptions(HostConfig host) {
    List<String> options = new ArrayList<>(Given.texts(host.securityOpt()));
    boolean said = host.maskedPaths() != null || host.readonlyPaths() != null;
    if (said) {
      if (!Given.texts(host.maskedPaths()).isEmpty()
          || !Given.texts(host.readonlyPaths()).isEmpty()) {
        throw Refusal.notYet("lists of one's own of masked and read-only paths");
      }
      options.add("systempaths=unconfined");
    }
    return options;
  }

  private static List<String> devices(HostConfig host) {
    List<String> devices = new ArrayList<>();
    for (HostConfig.Device device : Given.all(host.devices())) {
      String path = Given.text(device.pathOnHost());
      String inside = Given.text(device.pathInContainer());
      String permissions = Given.text(device.cgroupPermissions());
      devices.add(
          path
              + ":"
              + (inside.isEmpty() ? path : inside)
              + ":"
              + (permissions.isEmpty() ? "rwm" : permissions));
    }
    for (HostConfig.DeviceRequest request : Given.all(host.deviceRequests())) {
      devices.addAll(requested(request));
    }
    return devices;
  }

  /** By the Container Device Interface. Without ids it is for that many, or for all. */
  private static List<String> requested(HostConfig.DeviceRequest request) {
    String driver = Given.text(request.driver());
    List<String> ids = Given.texts(request.deviceIds());
    if (driver.equals("cdi")) {
      return ids;
    }
    List<List<String>> capabilities = Given.all(request.capabilities());
    boolean gpu = capabilities.stream().anyMatch(all -> all.contains("gpu"));
    if (!gpu || !List.of("", "nvidia", "amd").contains(driver)) {
      throw new Refusal(
          500,
          "could not select device driver "
              + Refusal.shown(driver)
              + " with capabilities: "
              + capabilities.toString().replace(",", ""));
    }
    String kind = driver.equals("amd") ? "amd.com/gpu=" : "nvidia.com/gpu=";
    if (ids.isEmpty() && request.count() > 0) {
      int most = Math.min(request.count(), 1024);
      return java.util.stream.IntStream.range(0, most).mapToObj(i -> kind + i).toList();
    }
    return ids.isEmpty() ? List.of(kind + "all") : ids.stream().map(id -> kind + id).toList();
  }

  private static Map<String, Ulimit> ulimits(HostConfig host) {
    Map<String, Ulimit> limits = new LinkedHashMap<>();
    for (HostConfig.Ulimit limit : Given.all(host.ulimits())) {
      limits.put(Given.text(limit.name()), new Ulimit(limit.soft(), limit.hard()));
    }
    return limits;
  }

  /** Its limits; 0 for what is left out. */
  public static Resources resources(HostConfig host) {
    if (host.cpuRealtimePeriod() != 0 || host.cpuRealtimeRuntime() != 0) {
      throw Refusal.notYet("real-time shares of a processor");
    }
    Map<String, String> storage = Given.pairs(host.storageOpt());
    String size = storage.getOrDefault("size", "");
    if (storage.size() > (size.isEmpty() ? 0 : 1)) {
      throw new Refusal(400, "unknown option in --storage-opt; there is size");
    }
    Long swappiness = host.memorySwappiness();
    return new Resources(
        host.nanoCpus(),
        host.cpuShares(),
        host.cpuPeriod(),
        host.cpuQuota(),
        Given.text(host.cpusetCpus()),
        Given.text(host.cpusetMems()),
        host.memory(),
        host.memorySwap(),
        host.memoryReservation(),
        swappiness == null || swappiness == -1 ? null : swappiness(swappiness),
        Given.is(host.oomKillDisable()),
        host.oomScoreAdj(),
        Objects.requireNonNullElse(host.pidsLimit(), 0L),
        host.shmSize(),
        size.isEmpty() ? 0 : ByteSize.parse(size),
        host.blkioWeight(),
        rates(host.blkioWeightDevice(), HostConfig.Rate::weight),
        rates(host.blkioDeviceReadBps(), HostConfig.Rate::rate),
        rates(host.blkioDeviceWriteBps(), HostConfig.Rate::rate),
        rates(host.blkioDeviceReadIops(), HostConfig.Rate::rate),
        rates(host.blkioDeviceWriteIops(), HostConfig.Rate::rate));
  }

  private static int swappiness(long value) {
    if (value < 0 || value > 100) {
      throw new Refusal(
          400, "invalid value: " + value + ", valid memory swappiness range is 0-100");
    }
    return (int) value;
  }

  private static List<DeviceValue> rates(
      @Nullable List<HostConfig.Rate> given, Function<HostConfig.Rate, Long> value) {
    return Given.all(given).stream()
        .map(rate -> new DeviceValue(Given.text(rate.path()), value.apply(rate)))
        .toList();
  }

  private static Lifecycle lifecycle(ContainerCreateRequest asked, HostConfig host) {
    RestartPolicy restart = restart(host.restartPolicy());
    boolean once = Given.is(host.autoRemove());
    if (once && restart.kind() != RestartPolicy.Kind.NO) {
      throw new Refusal(400, "can't create 'AutoRemove' container with restart policy");
    }
    Integer seconds = asked.stopTimeout();
    return new Lifecycle(
        restart,
        Given.text(asked.stopSignal()),
        seconds == null ? null : Duration.ofSeconds(seconds),
        once);
  }

  /** A policy by its name. */
  public static RestartPolicy restart(HostConfig.@Nullable RestartPolicy given) {
    String name = given == null ? "" : Given.text(given.name());
    int retries = given == null ? 0 : given.maximumRetryCount();
    RestartPolicy.Kind kind =
        switch (name) {
          case "", "no" -> RestartPolicy.Kind.NO;
          case "always" -> RestartPolicy.Kind.ALWAYS;
          case "on-failure" -> RestartPolicy.Kind.ON_FAILURE;
          case "unless-stopped" -> RestartPolicy.Kind.UNLESS_STOPPED;
          default ->
              throw new Refusal(
                  400,
                  "invalid restart policy: unknown policy '"
                      + name
                      + "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
        };
    if (retries != 0 && kind != RestartPolicy.Kind.ON_FAILURE) {
      throw new Refusal(
          400,
          "invalid restart policy: maximum retry count can only be used with 'on-failure'"
              + (retries < 0 ? " and cannot be negative" : ""));
    }
    if (retries < 0) {
      throw new Refusal(400, "invalid restart policy: maximum retry count cannot be negative");
    }
    return new RestartPolicy(kind, retries);
  }

  private static @Nullable Health health(ContainerCreateRequest.@Nullable HealthConfig given) {
    if (given == null) {
      return null;
    }
    if (given.retries() < 0) {
      throw new Refusal(400, "Retries in Healthcheck cannot be negative");
    }
    return new Health(
        Given.texts(given.test()),
        duration("Interval", given.interval()),
        duration("Timeout", given.timeout()),
        duration("StartPeriod", given.startPeriod()),
        duration("StartInterval", given.startInterval()),
        given.retries());
  }

  private static @Nullable Duration duration(String what, long nanos) {
    if (nanos == 0) {
      return null;
    }
    if (nanos < 1_000_000) {
      throw new Refusal(400, what + " in Healthcheck cannot be less than 1ms");
    }
    return Duration.ofNanos(nanos);
  }

  private static Logging logging(HostConfig.@Nullable LogConfig given) {
    return given == null
        ? new Logging("", Map.of())
        : new Logging(Given.text(given.type()), Given.pairs(given.config()));
  }

  private static List<String> warnings(HostConfig host) {
    List<String> warnings = new ArrayList<>();
    if (!Given.pairs(host.annotations()).isEmpty()) {
      warnings.add("Annotations are not passed on to a runtime. Annotations discarded.");
    }
    if (!Given.texts(host.links()).isEmpty()) {
      warnings.add("Links give names, and no environment variables.");
    }
    if (host.kernelMemoryTcp() != 0) {
      warnings.add("Your kernel does not support kernel memory TCP limits. Limitation discarded.");
    }
    return warnings;
  }
}
