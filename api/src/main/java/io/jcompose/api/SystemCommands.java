package io.jcompose.api;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.FileTrees;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.StateFile;
import io.jcompose.core.Volumes;
import io.jcompose.scheduler.Labels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code system info} and {@code system prune}. */
final class SystemCommands {
  private final Containers containers;
  private final Images images;
  private final Networks networks;
  private final Volumes volumes;
  private final EngineInfo info;
  private final Supplier<List<String>> warnings;
  private final Predicate<String> atWork;

  /**
   * @param warnings what else a person should know, as sentences
   * @param atWork whether a project wants what it does not use at the moment
   */
  SystemCommands(
      Containers containers,
      Images images,
      Networks networks,
      Volumes volumes,
      EngineInfo info,
      Supplier<List<String>> warnings,
      Predicate<String> atWork) {
    this.warnings = warnings;
    this.atWork = atWork;
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

  String prune(CommandRequest request) {
    StringBuilder report = new StringBuilder();
    long reclaimed = 0;
    pruneContainers(report);
    pruneNetworks(report);
    if (request.has("volumes")) {
      pruneVolumes(report);
    }
    reclaimed += pruneImages(request.has("all"), report);
    pruneDamaged(report);
    return report + "Total reclaimed space of images: " + HumanText.size(reclaimed) + "\n";
  }

  /**
   * But for those that are about to start: after a boot, containers and their data wait until what
   * they depend on is healthy.
   */
  private void pruneContainers(StringBuilder report) {
    for (ContainerView view : containers.list(Map.of())) {
      boolean ended =
          switch (view.state()) {
            case CREATED, EXITED, DEAD -> true;
            case RUNNING, PAUSED, RESTARTING, REMOVING -> false;
          };
      if (ended
          && !isWanted(view.labels())
          && tryRemove(() -> containers.remove(view.id(), false, false))) {
        report.append("Deleted Container: ").append(view.id()).append('\n');
      }
    }
  }

  /**
   * A network is in use when a container's specification names it: one that waits for its restart
   * is on none at the moment, and could never start again without it.
   */
  private void pruneNetworks(StringBuilder report) {
    Set<String> used = new HashSet<>();
    containers
        .list(Map.of())
        .forEach(
            view -> view.spec().networking().endpoints().forEach(end -> used.add(end.network())));
    for (Networks.NetworkView network : networks.list(Map.of())) {
      boolean isUsed = used.contains(network.id()) || used.contains(network.name());
      boolean isWanted = isUsed || isWanted(network.spec().labels());
      if (!isWanted && tryRemove(() -> networks.remove(network.id()))) {
        report.append("Deleted Network: ").append(network.name()).append('\n');
      }
    }
  }

  private boolean isWanted(Map<String, String> labels) {
    return atWork.test(labels.getOrDefault(Labels.PROJECT, ""));
  }

  /** With a container's damaged record goes what else there is of the container. */
  private void pruneDamaged(StringBuilder report) {
    Path containers = info.stateRoot().resolve("containers");
    for (Path file : StateFile.setAside(info.stateRoot())) {
      Path folder = file.resolveSibling(".").normalize();
      boolean record = String.valueOf(file.getFileName()).startsWith("container.json");
      boolean whole = record && containers.equals(folder.getParent()) && isGone(folder);
      try {
        FileTrees.delete(whole ? folder : file);
        report.append("Deleted Damaged: ").append(file).append('\n');
      } catch (IOException e) {
        throw new UncheckedIOException("failed to remove " + file, e);
      }
    }
  }

  private boolean isGone(Path folder) {
    return containers.find(String.valueOf(folder.getFileName())).isEmpty();
  }

  /** Named ones may hold what somebody keeps without a container; Docker leaves them, too. */
  private void pruneVolumes(StringBuilder report) {
    for (Volumes.VolumeView volume : volumes.list(Map.of())) {
      if (volume.anonymous() && tryRemove(() -> volumes.remove(volume.name()))) {
        report.append("Deleted Volume: ").append(volume.name()).append('\n');
      }
    }
  }

  /** With them goes what pulls that failed have left. */
  private long pruneImages(boolean all, StringBuilder report) {
    Images.Pruned pruned = images.prune(all);
    pruned.removed().forEach(line -> report.append(line).append('\n'));
    return pruned.reclaimedBytes();
  }

  /** What came into use meanwhile is left alone. */
  private static boolean tryRemove(Runnable removal) {
    try {
      removal.run();
      return true;
    } catch (JcomposeException.Conflict e) {
      return false;
    }
  }
}
