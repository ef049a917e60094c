package io.jcompose.api.docker;

import io.jcompose.api.EngineInfo;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.model.VersionInfo;
import io.jcompose.api.host.SystemCommands;
import io.jcompose.api.http.Exchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** {@code /_ping}, {@code /version} and {@code /info}. */
final class SystemRoutes {
  private static final List<String> YES =
      List.of(
          "MemoryLimit",
          "SwapLimit",
          "CpuCfsPeriod",
          "CpuCfsQuota",
          "CPUShares",
          "CPUSet",
          "PidsLimit",
          "IPv4Forwarding",
          "OomKillDisable");

  private final EngineInfo info;
  private final SystemCommands system;

  SystemRoutes(EngineInfo info, SystemCommands system) {
    this.info = info;
    this.system = system;
  }

  void addTo(Routes routes) {
    routes.get("/_ping", this::ping).add("HEAD", "/_ping", this::ping);
    routes.get("/version", call -> call.json(version()));
    routes.get("/info", call -> call.json(OlderInfo.shaped(info(), call.minor())));
  }

  /** Without BuildKit's sessions, so clients take the classic builder for what there is. */
  private void ping(Call call) throws IOException {
    Exchange exchange = call.exchange();
    exchange.header("Builder-Version", "2");
    exchange.header("Swarm", "inactive");
    exchange.header("Cache-Control", "no-cache, no-store, must-revalidate");
    exchange.header("Pragma", "no-cache");
    boolean head = exchange.head().method().equals("HEAD");
    exchange.respond(200, "text/plain; charset=utf-8", head ? "" : "OK");
  }

  private VersionInfo version() {
    Map<String, Object> host = system.version();
    String last = "1." + DockerApi.LAST_MINOR;
    String first = "1." + DockerApi.FIRST_MINOR;
    String os = String.valueOf(host.get("Os"));
    String arch = String.valueOf(host.get("Arch"));
    String kernel = String.valueOf(host.get("KernelVersion"));
    Map<String, String> details = new TreeMap<>();
    details.put("ApiVersion", last);
    details.put("MinAPIVersion", first);
    details.put("Os", os);
    details.put("Arch", arch);
    details.put("KernelVersion", kernel);
    details.put("Experimental", "false");
    return new VersionInfo(
        new VersionInfo.Named("jcompose"),
        List.of(new VersionInfo.Component("Engine", info.version(), details)),
        info.version(),
        last,
        first,
        "",
        "",
        os,
        arch,
        kernel,
        "");
  }

  private Map<String, Object> info() {
    Map<String, Object> all = new LinkedHashMap<>();
    String place = info.stateRoot().toString();
    all.put("ID", UUID.nameUUIDFromBytes(place.getBytes(StandardCharsets.UTF_8)).toString());
    all.putAll(system.object());
    all.put("DriverStatus", driverStatus());
    if (all.get("Warnings") instanceof List<?> warnings && warnings.isEmpty()) {
      all.put("Warnings", null);
    }
    all.put("FirewallBackend", Map.of("Driver", "nftables"));
    all.put("Plugins", plugins());
    YES.forEach(name -> all.put(name, true));
    all.put("KernelMemoryTCP", false);
    all.put("Debug", false);
    all.put("NFd", 0);
    all.put("NGoroutines", 0);
    all.put("NEventsListener", 0);
    all.put("OSVersion", "");
    all.put("IndexServerAddress", "https://index.docker.io/v1/");
    all.put("RegistryConfig", registries());
    all.put("GenericResources", null);
    List.of("HttpProxy", "HttpsProxy", "NoProxy").forEach(name -> all.put(name, ""));
    all.put("ExperimentalBuild", false);
    all.put("Runtimes", Map.of("jcompose", Map.of("path", "jcompose-shim")));
    all.put("DefaultRuntime", "jcompose");
    all.put("Swarm", swarm());
    all.put("LiveRestoreEnabled", true);
    all.put("Isolation", "");
    all.put("InitBinary", "jcompose-shim");
    for (String name : List.of("ContainerdCommit", "RuncCommit", "InitCommit")) {
      all.put(name, Map.of("ID", ""));
    }
    all.put("SecurityOptions", List.of("name=seccomp,profile=builtin"));
    all.put("CDISpecDirs", List.of("/etc/cdi", "/var/run/cdi"));
    return all;
  }

  private List<List<String>> driverStatus() {
    try {
      return List.of(List.of("Backing Filesystem", Files.getFileStore(info.stateRoot()).type()));
    } catch (IOException e) {
      return List.of(); // not made yet
    }
  }

  private static Map<String, Object> plugins() {
    Map<String, Object> plugins = new LinkedHashMap<>();
    plugins.put("Volume", List.of("local"));
    plugins.put("Network", List.of("bridge", "host", "macvlan", "null"));
    plugins.put("Authorization", null);
    plugins.put("Log", List.of("journald", "json-file", "local", "syslog"));
    return plugins;
  }

  private static Map<String, Object> registries() {
    Map<String, Object> hub = new LinkedHashMap<>();
    hub.put("Name", "docker.io");
    hub.put("Mirrors", List.of());
    hub.put("Secure", true);
    hub.put("Official", true);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("IndexConfigs", Map.of("docker.io", hub));
    all.put("InsecureRegistryCIDRs", List.of("::1/128", "127.0.0.0/8"));
    all.put("Mirrors", null);
    return all;
  }

  private static Map<String, Object> swarm() {
    Map<String, Object> swarm = new LinkedHashMap<>();
    swarm.put("NodeID", "");
    swarm.put("NodeAddr", "");
    swarm.put("LocalNodeState", "inactive");
    swarm.put("ControlAvailable", false);
    swarm.put("Error", "");
    swarm.put("RemoteManagers", null);
    return swarm;
  }
}
