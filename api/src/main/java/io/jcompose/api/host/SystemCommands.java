package io.jcompose.api.host;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.EngineInfo;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.template.Template;
import io.jcompose.api.text.HumanText;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Images;
import io.jcompose.core.Networks;
import io.jcompose.core.Volumes;
import io.jcompose.core.file.StateFile;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** {@code system info}, and what {@code version} tells of the engine. */
public final class SystemCommands {
  private final Containers containers;
  private final Images images;
  private final Networks networks;
  private final Volumes volumes;
  private final EngineInfo info;
  private final Clock clock;
  private final Supplier<List<String>> warnings;

  /**
   * @param warnings what else a person should know, as sentences
   */
  public SystemCommands(
      ApiPorts ports, EngineInfo info, Supplier<List<String>> warnings, Clock clock) {
    this.clock = clock;
    this.warnings = warnings;
    this.containers = ports.containers();
    this.images = ports.images();
    this.networks = ports.networks();
    this.volumes = ports.volumes();
    this.info = info;
  }

  public String info(CommandRequest request) {
    String format = request.text("format");
    if (format.equals("json")) {
      return JsonText.of(object()) + "\n";
    }
    return format.isEmpty() ? text() : Template.of(format).render(object()) + "\n";
  }

  private String text() {
    List<ContainerView> all = containers.list(Map.of());
    long running = all.stream().filter(ContainerView::isRunning).count();
    long paused = all.stream().filter(v -> v.state() == ContainerView.State.PAUSED).count();
    return "Server:\n Containers: "
        + all.size()
        + "\n  Running: "
        + (running - paused)
        + "\n  Paused: "
        + paused
        + "\n  Stopped: "
        + (all.size() - running)
        + "\n Images: "
        + images.list().size()
        + "\n Networks: "
        + networks.list(Map.of()).size()
        + "\n Volumes: "
        + volumes.list(Map.of()).size()
        + "\n Server Version: "
        + info.version()
        + "\n Storage Driver: overlayfs\n Logging Driver: json-file\n Kernel Version: "
        + System.getProperty("os.version")
        + "\n Architecture: "
        + System.getProperty("os.arch")
        + "\n CPUs: "
        + Runtime.getRuntime().availableProcessors()
        + "\n State Root: "
        + info.stateRoot()
        + "\n Run Root: "
        + info.runRoot()
        + "\n Engine Pid: "
        + ProcessHandle.current().pid()
        + "\n"
        + (info.labels().isEmpty() ? "" : " Labels:\n")
        + info.labels().stream().map(label -> "  " + label + "\n").collect(Collectors.joining())
        + warnings().stream()
            .map(text -> "WARNING: " + HumanText.visible(text) + "\n")
            .collect(Collectors.joining());
  }

  private List<String> warnings() {
    List<String> lines = new ArrayList<>(networks.warnings());
    lines.addAll(warnings.get());
    containers.list(Map.of()).stream()
        .filter(view -> view.isRunning() && !view.error().isEmpty())
        .forEach(view -> lines.add("container " + view.name() + ": " + view.error()));
    StateFile.setAside(info.stateRoot())
        .forEach(file -> lines.add("damaged and set aside: " + file));
    return lines;
  }

  /** The same with docker's names of its members, for {@code --format}. */
  public Map<String, Object> object() {
    List<ContainerView> all = containers.list(Map.of());
    long running = all.stream().filter(ContainerView::isRunning).count();
    long paused = all.stream().filter(v -> v.state() == ContainerView.State.PAUSED).count();
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("Containers", all.size());
    members.put("ContainersRunning", running - paused);
    members.put("ContainersPaused", paused);
    members.put("ContainersStopped", all.size() - running);
    members.put("Images", images.list().size());
    members.put("Driver", "overlayfs");
    members.put("LoggingDriver", "json-file");
    members.putAll(HostInfo.host());
    members.put("DockerRootDir", info.stateRoot().toString());
    members.put("Labels", info.labels());
    members.put("ServerVersion", info.version());
    members.put("Swarm", Map.of("LocalNodeState", "inactive"));
    members.put("SystemTime", clock.instant().toString());
    members.put("Warnings", warnings());
    return members;
  }

  /** The members of docker's {@code version} that are about the engine. */
  public Map<String, Object> version() {
    return HostInfo.version(info.version());
  }

  /** {@code version --format} with what the client tells of itself, and of Docker's API here. */
  public String version(CommandRequest request) {
    Map<String, Object> client = new LinkedHashMap<>(request.texts("client"));
    Map<String, Object> both = new LinkedHashMap<>();
    both.put("Client", client);
    Map<String, Object> server = new LinkedHashMap<>(request.texts("server"));
    server.putAll(version());
    both.put("Server", server);
    return Template.of(request.text("format")).render(both) + "\n";
  }
}
