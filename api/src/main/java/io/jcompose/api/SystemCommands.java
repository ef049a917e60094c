package io.jcompose.api;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Images;
import io.jcompose.core.Networks;
import io.jcompose.core.StateFile;
import io.jcompose.core.Volumes;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code system info}. */
final class SystemCommands {
  private final Containers containers;
  private final Images images;
  private final Networks networks;
  private final Volumes volumes;
  private final EngineInfo info;
  private final Supplier<List<String>> warnings;

  /**
   * @param warnings what else a person should know, as sentences
   */
  SystemCommands(
      Containers containers,
      Images images,
      Networks networks,
      Volumes volumes,
      EngineInfo info,
      Supplier<List<String>> warnings) {
    this.warnings = warnings;
    this.containers = containers;
    this.images = images;
    this.networks = networks;
    this.volumes = volumes;
    this.info = info;
  }

  String info() {
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
        + Stream.concat(networks.warnings().stream(), warnings.get().stream())
            .map(text -> "WARNING: " + text + "\n")
            .collect(Collectors.joining())
        + containers.list(Map.of()).stream()
            .filter(view -> view.isRunning() && !view.error().isEmpty())
            .map(view -> "WARNING: container " + view.name() + ": " + view.error() + "\n")
            .collect(Collectors.joining())
        + StateFile.setAside(info.stateRoot()).stream()
            .map(file -> "WARNING: damaged and set aside: " + file + "\n")
            .collect(Collectors.joining());
  }
}
