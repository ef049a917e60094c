package io.jcompose.api.inspect;

import io.jcompose.api.ApiPorts;
import io.jcompose.core.Activity;
import io.jcompose.core.ContainerDetails;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Ids;
import io.jcompose.core.Images;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks;
import io.jcompose.core.Volumes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A container as {@code GET /containers/{id}/json} of Docker's API shows it. Thread-safe. */
public final class ContainerJson {
  private static final String NEVER = "0001-01-01T00:00:00Z";

  private final Containers containers;
  private final Activity activity;
  private final Images images;
  private final Volumes volumes;
  private final Networks networks;

  public ContainerJson(ApiPorts ports) {
    this.containers = ports.containers();
    this.activity = ports.activity();
    this.images = ports.images();
    this.volumes = ports.volumes();
    this.networks = ports.networks();
  }

  /**
   * A container as it is now.
   *
   * @param size with what its files take, which takes long
   */
  public Map<String, Object> object(ContainerView known, boolean size) {
    Images.ImageView image = images.find(known.imageId()).orElse(null);
    ContainerView view = containers.find(known.id()).orElse(known);
    Map<String, Object> object = object(view, activity.details(view.id()), image);
    if (size) {
      long own = activity.layerBytes(view.id());
      object.put("SizeRw", own);
      object.put("SizeRootFs", own + (image == null ? 0 : image.sizeBytes()));
    }
    return object;
  }

  private Map<String, Object> object(
      ContainerView view, ContainerDetails details, Images.@Nullable ImageView image) {
    Map<String, Object> object = new LinkedHashMap<>();
    List<String> command = view.command();
    object.put("Id", view.id());
    object.put("Created", view.createdAt().toString());
    object.put("Path", command.isEmpty() ? "" : command.getFirst());
    object.put("Args", command.isEmpty() ? List.of() : command.subList(1, command.size()));
    object.put("State", state(view, details));
    object.put("Image", view.imageId());
    boolean started = view.startedAt() != null; // its files are made at its first start
    object.put("ResolvConfPath", started ? details.resolvConfPath() : "");
    object.put("HostnamePath", started ? details.hostnamePath() : "");
    object.put("HostsPath", started ? details.hostsPath() : "");
    object.put("LogPath", started ? details.logPath() : "");
    object.put("Name", "/" + view.name());
    object.put("RestartCount", view.restartCount());
    object.put("Driver", "overlayfs");
    object.put("Platform", "linux");
    object.put("MountLabel", details.filesLabel());
    object.put("ProcessLabel", details.processLabel());
    object.put("AppArmorProfile", "");
    object.put("ExecIDs", details.execIds().isEmpty() ? null : details.execIds());
    object.put("HostConfig", HostConfigJson.of(view.spec(), details));
    object.put("GraphDriver", graphDriver());
    object.put("Mounts", MountsJson.of(view, volumes));
    object.put("Config", config(view, image));
    object.put(
        "NetworkSettings", NetworkSettingsJson.of(view, exposed(view.spec(), image), networks));
    return object;
  }

  /** The layers are the engine's own affair, as with Docker's image store of containerd. */
  private static Map<String, Object> graphDriver() {
    Map<String, Object> driver = new LinkedHashMap<>();
    driver.put("Data", null);
    driver.put("Name", "overlayfs");
    return driver;
  }

  private static Map<String, Object> state(ContainerView view, ContainerDetails details) {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("Status", view.state().name().toLowerCase(Locale.ROOT));
    state.put("Running", view.isActive()); // as Docker says it, also while it waits
    state.put("Paused", view.state() == ContainerView.State.PAUSED);
    state.put("Restarting", view.state() == ContainerView.State.RESTARTING);
    state.put("OOMKilled", view.oomKilled());
    state.put("Dead", view.state() == ContainerView.State.DEAD);
    state.put("Pid", view.pid());
    state.put("ExitCode", view.exitCode());
    state.put("Error", view.error());
    state.put("StartedAt", time(view.startedAt()));
    state.put("FinishedAt", time(view.finishedAt()));
    boolean probed = view.health() != ContainerView.HealthStatus.NONE;
    if (probed || !details.probes().isEmpty()) {
      state.put(
          "Health", health(probed ? view.health() : ContainerView.HealthStatus.UNHEALTHY, details));
    }
    return state;
  }

  /** What has ended is unhealthy, as with Docker. */
  private static Map<String, Object> health(
      ContainerView.HealthStatus status, ContainerDetails details) {
    List<Object> log = new ArrayList<>();
    for (ContainerDetails.Probe probe : details.probes()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("Start", probe.start().toString());
      one.put("End", probe.end().toString());
      one.put("ExitCode", probe.exitCode());
      one.put("Output", probe.output());
      log.add(one);
    }
    Map<String, Object> health = new LinkedHashMap<>();
    health.put("Status", status.name().toLowerCase(Locale.ROOT));
    health.put("FailingStreak", details.failingStreak());
    health.put("Log", log);
    return health;
  }

  private static String time(@Nullable Instant at) {
    return at == null ? NEVER : at.toString();
  }

  private static Map<String, Object> config(ContainerView view, Images.@Nullable ImageView image) {
    ContainerSpec spec = view.spec();
    ContainerSpec.ProcessSpec process = spec.process();
    Map<String, Object> config = new LinkedHashMap<>();
    config.put(
        "Hostname", process.hostname().isEmpty() ? Ids.brief(view.id()) : process.hostname());
    config.put("Domainname", process.domainname());
    config.put("User", process.user().isEmpty() && image != null ? image.user() : process.user());
    config.put("AttachStdin", false);
    config.put("AttachStdout", true);
    config.put("AttachStderr", true);
    List<String> ports = exposed(spec, image);
    if (!ports.isEmpty()) {
      config.put("ExposedPorts", set(ports));
    }
    config.put("Tty", process.tty());
    config.put("OpenStdin", process.stdinOpen());
    config.put("StdinOnce", process.stdinOnce());
    config.put("Env", environment(process.env(), image));
    config.put("Cmd", command(process, image));
    config.put("Image", spec.image());
    List<String> volumes = volumes(spec, image);
    config.put("Volumes", volumes.isEmpty() ? null : set(volumes));
    config.put(
        "WorkingDir",
        process.workingDir().isEmpty() && image != null
            ? image.workingDir()
            : process.workingDir());
    List<String> entrypoint =
        process.entrypoint() == null && image != null ? image.entrypoint() : process.entrypoint();
    boolean none = process.entrypoint() == null && (entrypoint == null || entrypoint.isEmpty());
    config.put("Entrypoint", none ? null : entrypoint);
    String mac = macAddress(spec);
    if (!mac.isEmpty()) {
      config.put("MacAddress", mac);
    }
    config.put("OnBuild", null);
    config.put("Labels", labels(view, image));
    String inherited = image == null ? "" : image.stopSignal();
    String signal = spec.lifecycle().stopSignal();
    if (!signal.isEmpty() || !inherited.isEmpty()) {
      config.put("StopSignal", signal.isEmpty() ? inherited : signal);
    }
    if (spec.lifecycle().stopTimeout() != null) {
      config.put("StopTimeout", spec.lifecycle().stopTimeout().toSeconds());
    }
    ContainerSpec.Health health = health(spec, image);
    if (health != null) {
      config.put("Healthcheck", healthcheck(health));
    }
    return config;
  }

  /** Its own and its image's that have no name. */
  private static List<String> volumes(ContainerSpec spec, Images.@Nullable ImageView image) {
    List<String> targets = new ArrayList<>(image == null ? List.of() : image.volumes());
    for (ContainerSpec.MountSpec mount : spec.mounts()) {
      if (mount instanceof ContainerSpec.MountSpec.Volume volume && volume.name().isEmpty()) {
        targets.add(volume.target());
      }
    }
    return targets;
  }

  /** As clients before 1.44 ask for it: on its first network. */
  private static String macAddress(ContainerSpec spec) {
    return spec.networking().endpoints().stream()
        .findFirst()
        .map(EndpointSpec::macAddress)
        .orElse("");
  }

  private static Map<String, Object> healthcheck(ContainerSpec.Health health) {
    Map<String, Object> check = new LinkedHashMap<>();
    check.put("Test", health.test());
    put(check, "Interval", health.interval());
    put(check, "Timeout", health.timeout());
    put(check, "StartPeriod", health.startPeriod());
    put(check, "StartInterval", health.startInterval());
    if (health.retries() > 0) {
      check.put("Retries", health.retries());
    }
    return check;
  }

  /** The image's command, unless there is one, or an entrypoint sets it aside. */
  static @Nullable List<String> command(
      ContainerSpec.ProcessSpec process, Images.@Nullable ImageView image) {
    List<String> own = process.command();
    List<String> entrypoint = process.entrypoint();
    boolean aside = entrypoint != null && !entrypoint.isEmpty();
    return image != null && !aside && (own == null || own.isEmpty()) ? image.command() : own;
  }

  private static ContainerSpec.@Nullable Health health(
      ContainerSpec spec, Images.@Nullable ImageView image) {
    ContainerSpec.Health own = spec.health();
    ContainerSpec.Health inherited = image == null ? null : image.health();
    return own == null ? inherited : own.over(inherited);
  }

  /** The image's, and the container's over them, as Docker keeps them. */
  public static Map<String, String> labels(ContainerView view, Images.@Nullable ImageView image) {
    Map<String, String> labels = new TreeMap<>(image == null ? Map.of() : image.labels());
    labels.putAll(view.labels());
    return labels;
  }

  private static List<String> exposed(ContainerSpec spec, Images.@Nullable ImageView image) {
    List<String> ports = new ArrayList<>();
    ExposedPorts.of(spec, image).forEach(port -> ports.add(port.number() + "/" + port.protocol()));
    spec.networking().ports().forEach(p -> ports.add(p.containerPort() + "/" + p.protocol()));
    return ports;
  }

  /** As Go writes a set: the words are keys. */
  private static Map<String, Object> set(List<String> words) {
    Map<String, Object> set = new TreeMap<>();
    words.forEach(word -> set.put(word, Map.of()));
    return set;
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
}
