package io.jcompose.api.host;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.answer.ListFormat;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.Moments;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.api.text.HumanText;
import io.jcompose.core.Activity;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Images;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Volumes;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.core.build.Builds;
import io.jcompose.core.file.FileTrees;
import io.jcompose.core.file.StateFile;
import io.jcompose.scheduler.Labels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code prune} of containers, networks, volumes, images and what builds keep, together or each:
 * what would go, as long as nothing changes, and its removal. What comes into use meanwhile is left
 * alone.
 */
public final class Pruning {
  private static final List<String> FILTERS = List.of("label", "label!", "until");
  private static final List<String> WITHOUT_TIME = List.of("label", "label!");
  private static final int MOST_SHOWN = 50;

  private final Containers containers;
  private final Images images;
  private final Builds builds;
  private final Networks networks;
  private final Volumes volumes;
  private final Activity activity;
  private final Path stateRoot;
  private final Predicate<String> atWork;
  private final Moments moments;
  private final Clock clock;
  private final ImageCommands imageCommands;
  private final VolumeCommands volumeCommands;
  private final NetworkCommands networkCommands;

  /**
   * @param atWork whether a project wants what it does not use at the moment: after a boot,
   *     containers and their data wait until what they depend on is healthy
   */
  public Pruning(ApiPorts ports, Path stateRoot, Predicate<String> atWork, Clock clock) {
    this.containers = ports.containers();
    this.images = ports.images();
    this.builds = ports.builds();
    this.networks = ports.networks();
    this.volumes = ports.volumes();
    this.activity = ports.activity();
    this.stateRoot = stateRoot;
    this.atWork = atWork;
    this.moments = new Moments(clock);
    this.clock = clock;
    this.imageCommands = new ImageCommands(containers, images, clock);
    this.volumeCommands = new VolumeCommands(containers, volumes);
    this.networkCommands = new NetworkCommands(containers, networks);
  }

  public Moments moments() {
    return moments;
  }

  /** What a request's prune is about; its name is {@code system}, {@code volume} and so on. */
  private record Scope(
      boolean containers,
      boolean networks,
      boolean volumes,
      boolean images,
      boolean builds,
      boolean damaged) {
    static Scope of(String kind, CommandRequest request) {
      return switch (kind) {
        case "container" -> new Scope(true, false, false, false, false, false);
        case "network" -> new Scope(false, true, false, false, false, false);
        case "volume" -> new Scope(false, false, true, false, false, false);
        case "image" -> new Scope(false, false, false, true, false, false);
        case "builder" -> new Scope(false, false, false, false, true, false);
        default -> {
          boolean all = request.list("filter").isEmpty();
          yield new Scope(true, true, request.has("volumes"), true, all, all);
        }
      };
    }
  }

  /** A line for each object that would go, and nothing when there is none. */
  String candidates(String kind, CommandRequest request) {
    Scope scope = Scope.of(kind, request);
    NamedFilters filters = filters(scope, request);
    List<String> lines = new ArrayList<>();
    if (scope.containers) {
      stopped(filters)
          .forEach(
              view ->
                  lines.add(
                      "container " + view.name() + ", " + HumanText.status(view, clock.instant())));
    }
    if (scope.networks) {
      // of containers that go, the networks go too
      unusedNetworks(filters, scope.containers ? names(stopped(filters)) : Set.of())
          .forEach(network -> lines.add("network " + network.name()));
    }
    if (scope.volumes) {
      unusedVolumes(filters, kind.equals("volume") && request.has("all"))
          .forEach(volume -> lines.add(described(volume)));
    }
    if (scope.images) {
      imageCommands
          .unused(request.has("all"), filters)
          .forEach(image -> lines.add(described(image)));
    }
    if (scope.builds) {
      Builds.Prune what = CachePrune.of(request, moments);
      builds.cache().stream()
          .filter(entry -> !entry.inUse() && what.steps().test(entry))
          .forEach(entry -> lines.add(described(entry)));
    }
    if (scope.damaged) {
      StateFile.setAside(stateRoot).forEach(file -> lines.add("damaged file " + file));
    }
    return shown(lines);
  }

  private static Set<String> names(List<ContainerView> views) {
    return views.stream().map(ContainerView::name).collect(Collectors.toSet());
  }

  private static String shown(List<String> lines) {
    Stream<String> first = lines.stream().limit(MOST_SHOWN);
    int more = lines.size() - MOST_SHOWN;
    Stream<String> rest = more > 0 ? Stream.of("… and " + more + " more") : Stream.empty();
    return ListFormat.lines(Stream.concat(first, rest).map(line -> "  " + line).toList());
  }

  private static String described(VolumeView volume) {
    String project = volume.spec().labels().getOrDefault(Labels.PROJECT, "");
    return "volume " + volume.name() + (project.isEmpty() ? "" : " of project " + project);
  }

  private static String described(ImageView image) {
    String name = image.references().isEmpty() ? image.id() : image.references().getFirst();
    return "image " + name + ", " + HumanText.size(image.sizeBytes());
  }

  private static String described(Builds.CacheEntry entry) {
    return "build cache " + BuildCache.described(entry) + ", " + HumanText.size(entry.bytes());
  }

  /** Removes it, and tells what is gone in Docker's words. */
  String prune(String kind, CommandRequest request) {
    Scope scope = Scope.of(kind, request);
    NamedFilters filters = filters(scope, request);
    StringBuilder report = new StringBuilder();
    long reclaimed = 0;
    if (scope.containers) {
      reclaimed += told(report, "Deleted Containers:", containers(filters));
    }
    if (scope.networks) {
      tell(report, "Deleted Networks:", networks(filters, true));
    }
    if (scope.volumes) {
      boolean named = kind.equals("volume") && request.has("all");
      reclaimed += told(report, "Deleted Volumes:", volumes(filters, named));
    }
    if (scope.images) {
      reclaimed += told(report, "Deleted Images:", images(filters, request.has("all")));
    }
    if (scope.builds) {
      reclaimed +=
          told(
              report,
              "Deleted build cache objects:",
              builds.prune(CachePrune.of(request, moments)));
    }
    if (scope.damaged) {
      pruneDamaged(report);
    }
    return report
        + (scope.containers || scope.images || scope.volumes || scope.builds
            ? "Total reclaimed space: " + HumanText.size(reclaimed) + "\n"
            : "");
  }

  /** Lines below what they are, and an empty one; nothing without lines. */
  private static void tell(StringBuilder report, String heading, List<String> lines) {
    if (!lines.isEmpty()) {
      report.append(heading).append('\n').append(ListFormat.lines(lines)).append('\n');
    }
  }

  private static long told(StringBuilder report, String heading, Images.Pruned pruned) {
    tell(report, heading, pruned.removed());
    return pruned.reclaimedBytes();
  }

  private static NamedFilters filters(Scope scope, CommandRequest request) {
    if (scope.builds && !scope.containers) {
      return new NamedFilters(Map.of()); // it has its own
    }
    NamedFilters filters =
        NamedFilters.parse(request, scope.volumes && !scope.containers ? WITHOUT_TIME : FILTERS);
    if (scope.volumes && filters.has("until")) {
      throw new JcomposeException.InvalidArgument(
          "the \"until\" filter is not supported with volumes: how long one is unused is not known");
    }
    return filters;
  }

  private List<ContainerView> stopped(NamedFilters filters) {
    return containers.list(Map.of()).stream()
        .filter(Pruning::hasEnded)
        .filter(view -> !isWanted(view.labels()))
        .filter(view -> filters.labels(view.labels()))
        .filter(view -> filters.until(moments, view.createdAt()))
        .toList();
  }

  private static boolean hasEnded(ContainerView view) {
    return switch (view.state()) {
      case CREATED, EXITED, DEAD -> true;
      case RUNNING, PAUSED, RESTARTING, REMOVING -> false;
    };
  }

  /**
   * A network is in use when a container's specification names it: one that waits for its restart
   * is on none at the moment, and could never start again without it.
   *
   * @param leaving names of containers that count as gone
   */
  private List<NetworkView> unusedNetworks(NamedFilters filters, Set<String> leaving) {
    Set<String> used =
        leaving.isEmpty() ? networkCommands.used() : networkCommands.usedBeside(leaving);
    return networks.list(Map.of()).stream()
        .filter(network -> !used.contains(network.id()) && !used.contains(network.name()))
        .filter(network -> !isWanted(network.spec().labels()))
        .filter(network -> filters.labels(network.spec().labels()))
        .filter(network -> filters.until(moments, network.createdAt()))
        .toList();
  }

  /** Named ones may hold what somebody keeps without a container; Docker leaves them, too. */
  private List<VolumeView> unusedVolumes(NamedFilters filters, boolean named) {
    Set<String> used = volumeCommands.used();
    return volumes.list(Map.of()).stream()
        .filter(volume -> named || volume.anonymous())
        .filter(volume -> !used.contains(volume.name()))
        .filter(volume -> !isWanted(volume.spec().labels()))
        .filter(volume -> filters.labels(volume.spec().labels()))
        .toList();
  }

  /** Removes those that do not run; their ids. */
  public Images.Pruned containers(NamedFilters filters) {
    long reclaimed = 0;
    List<String> gone = new ArrayList<>();
    for (ContainerView view : stopped(filters)) {
      long bytes = bytes(view);
      if (isRemoved(gone, view.id(), () -> containers.remove(view.id(), false, false))) {
        reclaimed += bytes;
      }
    }
    return new Images.Pruned(gone, reclaimed);
  }

  /**
   * Removes those that no container has; their names.
   *
   * @param predefined also the one that all share, which is made anew when somebody wants it
   */
  public List<String> networks(NamedFilters filters, boolean predefined) {
    List<String> gone = new ArrayList<>();
    for (NetworkView network : unusedNetworks(filters, Set.of())) {
      if (predefined || !network.spec().isPredefined()) {
        isRemoved(gone, network.name(), () -> networks.remove(network.id()));
      }
    }
    return gone;
  }

  private long bytes(ContainerView view) {
    try {
      return activity.layerBytes(view.id());
    } catch (JcomposeException.NotFound e) {
      return 0; // somebody else removes it
    }
  }

  /**
   * Removes those that no container has; their names.
   *
   * @param named also those with a name
   */
  public Images.Pruned volumes(NamedFilters filters, boolean named) {
    long reclaimed = 0;
    List<String> gone = new ArrayList<>();
    for (VolumeView volume : unusedVolumes(filters, named)) {
      long bytes = volumes.bytes(volume.name());
      if (isRemoved(gone, volume.name(), () -> volumes.remove(volume.name()))) {
        reclaimed += bytes;
      }
    }
    return new Images.Pruned(gone, reclaimed);
  }

  /**
   * Removes those that no container has; lines as {@link Images#remove} has them. Without filters
   * what pulls that failed have left goes with them.
   *
   * @param all also those with a name
   */
  public Images.Pruned images(NamedFilters filters, boolean all) {
    if (filters.isEmpty()) {
      return images.prune(all);
    }
    long before = bytes(images.diskUse());
    List<String> gone = new ArrayList<>();
    for (ImageView image : imageCommands.unused(all, filters)) {
      try {
        gone.addAll(images.remove(image.id(), true));
      } catch (JcomposeException.Conflict | JcomposeException.NotFound e) {
        gone.add(String.valueOf(e.getMessage())); // in use by now, or gone
      }
    }
    return new Images.Pruned(gone, Math.max(0, before - bytes(images.diskUse())));
  }

  private static long bytes(Images.DiskUse use) {
    return use.layerBytes() + use.blobBytes();
  }

  /** With a container's damaged record goes what else there is of the container. */
  private void pruneDamaged(StringBuilder report) {
    Path all = stateRoot.resolve("containers");
    List<String> gone = new ArrayList<>();
    for (Path file : StateFile.setAside(stateRoot)) {
      Path folder = file.resolveSibling(".").normalize();
      boolean record = String.valueOf(file.getFileName()).startsWith("container.json");
      boolean whole = record && all.equals(folder.getParent()) && isGone(folder);
      try {
        FileTrees.delete(whole ? folder : file);
        gone.add(file.toString());
      } catch (IOException e) {
        throw new UncheckedIOException("failed to remove " + file, e);
      }
    }
    tell(report, "Deleted Damaged Files:", gone);
  }

  private boolean isGone(Path folder) {
    return containers.find(String.valueOf(folder.getFileName())).isEmpty();
  }

  private boolean isWanted(Map<String, String> labels) {
    return atWork.test(labels.getOrDefault(Labels.PROJECT, ""));
  }

  private static boolean isRemoved(List<String> gone, String name, Runnable removal) {
    try {
      removal.run();
    } catch (JcomposeException.Conflict e) {
      return false; // what came into use meanwhile is left alone
    }
    gone.add(name);
    return true;
  }
}
