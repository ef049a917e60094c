package io.jcompose.cli.flags;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The body of Docker's {@code POST /containers/create} for the flags of {@code run} and {@code
 * create}: what docker's own command line sends. Members that nobody asked for are left out.
 * Confined to one thread.
 */
public final class CreateBody {
  private static final String CONTAINER = "container:";

  private final Flags flags;
  private final Map<String, Object> config = new LinkedHashMap<>();
  private final Map<String, Object> host = new LinkedHashMap<>();

  private CreateBody(Flags flags) {
    this.flags = flags;
  }

  /**
   * Translates.
   *
   * @param words the image, and what stands after it
   * @throws InvalidFlag for what docker's command line refuses itself
   */
  public static Map<String, Object> of(Flags flags, List<String> words) {
    CreateBody body = new CreateBody(flags);
    body.process(words);
    body.streams();
    body.health();
    body.namespaces();
    body.rights();
    body.limits();
    body.storage();
    Map<String, Object> endpoints = body.network();
    body.lifecycle();
    body.config.put("HostConfig", body.host);
    if (!endpoints.isEmpty()) {
      body.config.put("NetworkingConfig", Map.of("EndpointsConfig", endpoints));
    }
    return body.config;
  }

  /** The body of {@code POST /containers/x/update}. */
  public static Map<String, Object> changes(Flags flags) {
    CreateBody body = new CreateBody(flags);
    body.processorsAndMemory();
    put(body.host, "BlkioWeight", flags.number("blkio-weight"));
    if (!flags.text("restart").isEmpty()) {
      body.host.put("RestartPolicy", Checked.restart(flags.text("restart")));
    }
    return body.host;
  }

  /** The caller's streams that are joined with the program's, in small letters. */
  public static Set<String> streams(Flags flags) {
    List<String> given = flags.parsedAll("attach", Checked::stream);
    List<String> all = new ArrayList<>(given.isEmpty() ? List.of("stdout", "stderr") : given);
    if (flags.is("interactive")) {
      all.add("stdin");
    }
    return Set.copyOf(all);
  }

  private static void put(Map<String, Object> to, String name, Object value) {
    boolean isNothing =
        switch (value) {
          case String text -> text.isEmpty();
          case List<?> list -> list.isEmpty();
          case Map<?, ?> map -> map.isEmpty();
          case Long number -> number == 0;
          case Boolean truth -> !truth;
          default -> false;
        };
    if (!isNothing) {
      to.put(name, value);
    }
  }

  private void text(Map<String, Object> to, String name, String flag) {
    put(to, name, flags.text(flag));
  }

  private void list(Map<String, Object> to, String name, String flag) {
    put(to, name, flags.all(flag));
  }

  private void process(List<String> words) {
    text(config, "Hostname", "hostname");
    text(config, "Domainname", "domainname");
    text(config, "User", "user");
    put(config, "Tty", flags.is("tty"));
    put(config, "OpenStdin", flags.is("interactive"));
    put(config, "Env", NamedTexts.variables(flags));
    put(config, "Cmd", List.copyOf(words.subList(1, words.size())));
    config.put("Image", words.getFirst());
    text(config, "WorkingDir", "workdir");
    if (flags.isGiven("entrypoint")) {
      config.put("Entrypoint", List.of(flags.text("entrypoint"))); // [""] takes the image's away
    }
    put(config, "Labels", NamedTexts.labels(flags));
    text(config, "StopSignal", "stop-signal");
    if (flags.isGiven("stop-timeout")) {
      config.put("StopTimeout", flags.number("stop-timeout"));
    }
    if (flags.isGiven("init")) {
      host.put("Init", flags.is("init"));
    }
    list(host, "GroupAdd", "group-add");
    put(host, "Annotations", NamedTexts.pairs(flags.all("annotation")));
  }

  private void streams() {
    boolean apart = flags.is("detach");
    if (apart && flags.isGiven("attach")) {
      throw InvalidFlag.conflict("conflicting options: cannot specify both --attach and --detach");
    }
    Set<String> wanted = apart ? Set.of() : streams(flags);
    put(config, "AttachStdin", wanted.contains("stdin"));
    put(config, "AttachStdout", wanted.contains("stdout"));
    put(config, "AttachStderr", wanted.contains("stderr"));
    put(config, "StdinOnce", wanted.contains("stdin") && flags.is("interactive"));
  }

  private void health() {
    Map<String, Object> health = new LinkedHashMap<>();
    String command = flags.text("health-cmd");
    put(health, "Test", command.isEmpty() ? List.of() : List.of("CMD-SHELL", command));
    health(health, "Interval", "health-interval");
    health(health, "Timeout", "health-timeout");
    health(health, "StartPeriod", "health-start-period");
    health(health, "StartInterval", "health-start-interval");
    long retries = flags.number("health-retries");
    requirePositive("health-retries", retries);
    put(health, "Retries", retries);
    if (flags.is("no-healthcheck")) {
      if (!health.isEmpty()) {
        throw InvalidFlag.conflict("--no-healthcheck conflicts with --health-* options");
      }
      health.put("Test", List.of("NONE"));
    }
    put(config, "Healthcheck", health);
  }

  private void health(Map<String, Object> health, String name, String flag) {
    long nanos = flags.nanos(flag);
    requirePositive(flag, nanos);
    put(health, name, nanos);
  }

  private static void requirePositive(String flag, long value) {
    if (value < 0) {
      throw InvalidFlag.conflict("--" + flag + " cannot be negative");
    }
  }

  private void namespaces() {
    text(host, "IpcMode", "ipc");
    mode("PidMode", "pid", "PID", Set.of("", "host"), true);
    mode("UTSMode", "uts", "UTS", Set.of("", "host"), false);
    mode("UsernsMode", "userns", "USER", Set.of("", "host"), false);
    mode("CgroupnsMode", "cgroupns", "CGROUP", Set.of("", "private", "host"), false);
    text(host, "CgroupParent", "cgroup-parent");
    text(host, "Isolation", "isolation");
    text(host, "Runtime", "runtime");
  }

  private void mode(String name, String flag, String shown, Set<String> known, boolean joins) {
    String mode = flags.text(flag);
    boolean joined = joins && mode.startsWith(CONTAINER) && mode.length() > CONTAINER.length();
    if (!known.contains(mode) && !joined) {
      throw InvalidFlag.conflict("--" + flag + ": invalid " + shown + " mode");
    }
    put(host, name, mode);
  }

  private void rights() {
    put(host, "Privileged", flags.is("privileged"));
    put(host, "ReadonlyRootfs", flags.is("read-only"));
    list(host, "CapAdd", "cap-add");
    list(host, "CapDrop", "cap-drop");
    SecurityOptions options = SecurityOptions.of(flags);
    put(host, "SecurityOpt", options.options());
    if (options.showsPaths()) {
      host.put("MaskedPaths", List.of());
      host.put("ReadonlyPaths", List.of());
    }
    put(host, "Devices", Devices.nodes(flags));
    put(host, "DeviceRequests", Devices.requests(flags));
    list(host, "DeviceCgroupRules", "device-cgroup-rule");
    put(host, "Sysctls", NamedTexts.pairs(flags.parsedAll("sysctl", Checked::setting)));
    Map<Object, Map<String, Object>> limits = new LinkedHashMap<>();
    flags
        .parsedAll("ulimit", Checked::limit)
        .forEach(limit -> limits.put(limit.get("Name"), limit));
    put(host, "Ulimits", List.copyOf(limits.values()));
  }

  private void limits() {
    processorsAndMemory();
    swappiness();
    put(host, "OomKillDisable", flags.is("oom-kill-disable"));
    put(host, "OomScoreAdj", flags.number("oom-score-adj"));
    put(host, "ShmSize", flags.bytes("shm-size"));
    put(host, "BlkioWeight", flags.number("blkio-weight"));
    put(host, "BlkioWeightDevice", Devices.weights(flags));
    put(host, "BlkioDeviceReadBps", Devices.bytes(flags, "device-read-bps"));
    put(host, "BlkioDeviceWriteBps", Devices.bytes(flags, "device-write-bps"));
    put(host, "BlkioDeviceReadIOps", Devices.operations(flags, "device-read-iops"));
    put(host, "BlkioDeviceWriteIOps", Devices.operations(flags, "device-write-iops"));
  }

  private void processorsAndMemory() {
    put(host, "NanoCpus", flags.billionths("cpus"));
    put(host, "CpuShares", flags.number("cpu-shares"));
    put(host, "CpuPeriod", flags.number("cpu-period"));
    put(host, "CpuQuota", flags.number("cpu-quota"));
    put(host, "CpuRealtimePeriod", flags.number("cpu-rt-period"));
    put(host, "CpuRealtimeRuntime", flags.number("cpu-rt-runtime"));
    text(host, "CpusetCpus", "cpuset-cpus");
    text(host, "CpusetMems", "cpuset-mems");
    put(host, "Memory", flags.bytes("memory"));
    put(host, "MemoryReservation", flags.bytes("memory-reservation"));
    put(host, "MemorySwap", flags.bytesOrAny("memory-swap"));
    put(host, "PidsLimit", flags.number("pids-limit"));
  }

  private void swappiness() {
    long swappiness = flags.isGiven("memory-swappiness") ? flags.number("memory-swappiness") : -1;
    if (swappiness < -1 || swappiness > 100) {
      throw InvalidFlag.conflict(
          "invalid value: " + swappiness + ". Valid memory swappiness range is 0-100");
    }
    if (swappiness >= 0) {
      host.put("MemorySwappiness", swappiness);
    }
  }

  private void storage() {
    put(config, "Volumes", Mounts.anonymous(flags));
    put(host, "Binds", Mounts.binds(flags));
    put(host, "Mounts", Mounts.mounts(flags));
    put(host, "Tmpfs", Mounts.tmpfs(flags));
    list(host, "VolumesFrom", "volumes-from");
    text(host, "VolumeDriver", "volume-driver");
    List<String> options = flags.all("storage-opt");
    if (options.stream().anyMatch(option -> !option.contains("="))) {
      throw InvalidFlag.conflict("invalid storage option");
    }
    put(host, "StorageOpt", NamedTexts.pairs(options));
  }

  /** What is asked for on each network is returned. */
  private Map<String, Object> network() {
    String mac = flags.text("mac-address").strip();
    if (!mac.matches("|([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}")) {
      throw InvalidFlag.conflict(mac + " is not a valid mac address");
    }
    Ports ports = Ports.of(flags);
    put(config, "ExposedPorts", ports.exposed());
    put(host, "PortBindings", ports.bindings());
    put(host, "PublishAllPorts", flags.is("publish-all"));
    put(host, "Dns", flags.parsedAll("dns", Checked::address));
    put(host, "DnsSearch", flags.parsedAll("dns-search", Checked::domain));
    list(host, "DnsOptions", "dns-option");
    put(host, "ExtraHosts", flags.parsedAll("add-host", Checked::extraHost));
    put(host, "Links", flags.parsedAll("link", Checked::link));
    Attachments attachments = Attachments.of(flags);
    put(host, "NetworkMode", attachments.mode());
    return attachments.endpoints();
  }

  private void lifecycle() {
    put(host, "AutoRemove", flags.is("rm"));
    Map<String, Object> restart =
        flags.text("restart").isEmpty() ? Map.of() : Checked.restart(flags.text("restart"));
    if (flags.is("rm") && !Set.of("", "no").contains(restart.getOrDefault("Name", ""))) {
      throw InvalidFlag.conflict("conflicting options: cannot specify both --restart and --rm");
    }
    put(host, "RestartPolicy", restart);
    Map<String, Object> log = new LinkedHashMap<>();
    text(log, "Type", "log-driver");
    put(log, "Config", NamedTexts.pairs(flags.all("log-opt")));
    if ("none".equals(log.get("Type")) && log.containsKey("Config")) {
      throw InvalidFlag.conflict("invalid logging opts for driver none");
    }
    put(host, "LogConfig", log);
  }
}
