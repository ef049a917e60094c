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
    object.put("MountLabel", "");
    object.put("ProcessLabel", "");
    object.put("AppArmorProfile", "");
    object.put("ExecIDs", null);
    object.put("HostConfig", HostConfigJson.of(view.spec()));
    object.put("GraphDriver", graphDriver());
    object.put("Mounts", mounts(view));
    object.put("Config", config(view, image));
    object.put("NetworkSettings", network(view));
    return object;
  }

  /** The layers are the engine's own affair, as with Docker's image store of containerd. */
  private static Map<String, Object> graphDriver() {
    Map<String, Object> driver = new LinkedHashMap<>();
    driver.put("Data", null);
    driver.put("Name", "overlayfs");
    return driver;
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
    config.put("AttachStdin", false);
    config.put("AttachStdout", true);
    config.put("AttachStderr", true);
    config.put("ExposedPorts", exposed(spec, image));
    config.put("Tty", process.tty());
    config.put("OpenStdin", process.stdinOpen());
    config.put("StdinOnce", false);
    config.put("Env", environment(process.env(), image));
    config.put(
        "Cmd", process.command() == null && image != null ? image.command() : process.command());
    config.put("Image", spec.image());
    config.put("Volumes", image == null || image.volumes().isEmpty() ? null : set(image.volumes()));
    config.put(
        "WorkingDir",
        process.workingDir().isEmpty() && image != null
            ? image.workingDir()
            : process.workingDir());
    config.put(
        "Entrypoint",
        process.entrypoint() == null && image != null ? image.entrypoint() : process.entrypoint());
    config.put("OnBuild", null);
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

  private static @Nullable Map<String, Object> exposed(
      ContainerSpec spec, Images.@Nullable ImageView image) {
    List<String> ports = new ArrayList<>(image == null ? List.of() : image.ports());
    spec.networking().ports().forEach(p -> ports.add(p.containerPort() + "/" + p.protocol()));
    return ports.isEmpty() ? null : set(ports);
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

  private static Map<String, Object> network(ContainerView view) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("Bridge", "");
    settings.put("SandboxID", "");
    settings.put("SandboxKey", view.pid() == 0 ? "" : "/proc/" + view.pid() + "/ns/net");
    Map<String, Object> ports = new TreeMap<>();
    for (ContainerView.PortBinding port : view.ports()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("HostIp", port.hostIp().isEmpty() ? "0.0.0.0" : port.hostIp());
      one.put("HostPort", String.valueOf(port.hostPort()));
      HostConfigJson.append(ports, port.containerPort() + "/" + port.protocol(), one);
    }
    settings.put("Ports", ports);
    Map<String, Object> networks = new TreeMap<>();
    for (ContainerView.EndpointView endpoint : view.endpoints()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("IPAMConfig", null);
      one.put("Links", null);
      one.put("Aliases", endpoint.aliases());
      one.put("DriverOpts", null);
      one.put("NetworkID", endpoint.networkId());
      one.put("Gateway", endpoint.gateway());
      one.put("IPAddress", endpoint.ipv4Address());
      one.put("GlobalIPv6Address", endpoint.ipv6Address());
      one.put("MacAddress", endpoint.macAddress());
      List<String> names = new ArrayList<>(List.of(view.name()));
      names.addAll(endpoint.aliases());
      names.add(io.jcompose.core.Ids.brief(view.id()));
      one.put("DNSNames", names.stream().distinct().toList());
      networks.put(endpoint.networkName(), one);
    }
    settings.put("Networks", networks);
    return settings;
  }
}
