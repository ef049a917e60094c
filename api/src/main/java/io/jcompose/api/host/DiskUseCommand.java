package io.jcompose.api.host;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.answer.ListFormat;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.template.Template;
import io.jcompose.api.text.HumanText;
import io.jcompose.api.text.JsonText;
import io.jcompose.api.text.TextTable;
import io.jcompose.core.Activity;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Ids;
import io.jcompose.core.Images;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.Images.LayerSize;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Volumes;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.core.build.Builds;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * {@code system df [-v]}: what images, containers, volumes and builds take on the disk, and how
 * much of it nothing uses.
 */
final class DiskUseCommand {
  private static final Map<String, String> COLUMNS =
      columns(
          "Type",
          "TYPE",
          "TotalCount",
          "TOTAL",
          "Active",
          "ACTIVE",
          "Size",
          "SIZE",
          "Reclaimable",
          "RECLAIMABLE");

  private final Containers containers;
  private final Images images;
  private final Builds builds;
  private final Volumes volumes;
  private final Activity activity;
  private final Clock clock;

  DiskUseCommand(ApiPorts ports, Clock clock) {
    this.containers = ports.containers();
    this.images = ports.images();
    this.builds = ports.builds();
    this.volumes = ports.volumes();
    this.activity = ports.activity();
    this.clock = clock;
  }

  private static Map<String, String> columns(String... words) {
    return ListFormat.of("Type", 10, words).columns();
  }

  String render(CommandRequest request) {
    Facts facts = facts();
    String format = request.text("format");
    if (request.has("verbose") && format.isEmpty()) {
      return verbose(facts);
    }
    List<Map<String, Object>> rows =
        List.of(
            row("Images", facts.images.size(), used(facts), facts.layerBytes, facts.unusedLayers()),
            row(
                "Packed layers",
                facts.images.size(),
                used(facts),
                facts.blobBytes,
                facts.unusedBlobs()),
            row(
                "Containers",
                facts.containers.size(),
                running(facts),
                sum(facts.containerBytes),
                facts.ended()),
            row(
                "Local Volumes",
                facts.volumes.size(),
                mounted(facts),
                sum(facts.volumeBytes),
                facts.unmounted()),
            row(
                "Build Cache",
                facts.cache.size(),
                facts.cache.stream().filter(Builds.CacheEntry::inUse).count(),
                bytes(facts.cache, true),
                bytes(facts.cache, false)));
    if (format.equals("json")) {
      return ListFormat.lines(rows.stream().map(JsonText::of).toList());
    }
    return format.isEmpty() || format.equals("table")
        ? new ListFormat("Type", 10, COLUMNS).render(request, rows)
        : Template.ofList(format).renderList(rows, COLUMNS);
  }

  private static Map<String, Object> row(
      String type, long total, long active, long bytes, long reclaimable) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("Active", String.valueOf(active));
    row.put(
        "Reclaimable",
        HumanText.size(reclaimable)
            + (bytes == 0 ? "" : " (" + Math.min(100, reclaimable * 100 / bytes) + "%)"));
    row.put("Size", HumanText.size(bytes));
    row.put("TotalCount", String.valueOf(total));
    row.put("Type", type);
    return row;
  }

  /** Looked up once, so that all numbers are of about one moment. */
  private record Facts(
      List<ImageView> images,
      List<ContainerView> containers,
      List<VolumeView> volumes,
      List<Builds.CacheEntry> cache,
      Set<String> usedVolumes,
      Map<String, Images.ImageDetails> details,
      long layerBytes,
      long blobBytes,
      Map<String, Long> containerBytes,
      Map<String, Long> volumeBytes) {

    boolean isUsed(ImageView image) {
      return containers.stream().anyMatch(view -> view.imageId().equals(image.id()));
    }

    long unusedLayers() {
      return unused(Images.ImageDetails::layers);
    }

    long unusedBlobs() {
      return unused(Images.ImageDetails::blobs);
    }

    /** Of parts that no used image has, each once. */
    private long unused(Function<Images.ImageDetails, List<LayerSize>> parts) {
      Map<String, Long> unused = new HashMap<>();
      images.stream()
          .filter(i -> !isUsed(i))
          .forEach(i -> parts(i, parts).forEach(part -> unused.put(part.name(), part.bytes())));
      images.stream()
          .filter(this::isUsed)
          .forEach(i -> parts(i, parts).forEach(part -> unused.remove(part.name())));
      return sum(unused);
    }

    List<LayerSize> layers(ImageView image) {
      return parts(image, Images.ImageDetails::layers);
    }

    private List<LayerSize> parts(
        ImageView image, Function<Images.ImageDetails, List<LayerSize>> parts) {
      Images.ImageDetails found = details.get(image.id());
      return found == null ? List.of() : parts.apply(found);
    }

    long ended() {
      return containers.stream()
          .filter(view -> !view.isRunning())
          .mapToLong(view -> containerBytes.getOrDefault(view.id(), 0L))
          .sum();
    }

    long unmounted() {
      return volumes.stream()
          .filter(v -> !usedVolumes.contains(v.name()))
          .mapToLong(v -> volumeBytes.getOrDefault(v.name(), 0L))
          .sum();
    }
  }

  private Facts facts() {
    List<ContainerView> all = containers.list(Map.of());
    List<ImageView> allImages = images.list();
    Map<String, Images.ImageDetails> details = new HashMap<>();
    allImages.forEach(i -> images.details(i.id()).ifPresent(found -> details.put(i.id(), found)));
    Map<String, Long> containerBytes = new HashMap<>();
    for (ContainerView view : all) {
      try {
        containerBytes.put(view.id(), activity.layerBytes(view.id()));
      } catch (JcomposeException.NotFound e) {
        containerBytes.remove(view.id()); // removed in between
      }
    }
    List<VolumeView> allVolumes = volumes.list(Map.of());
    Map<String, Long> volumeBytes = new HashMap<>();
    allVolumes.forEach(v -> volumeBytes.put(v.name(), volumes.bytes(v.name())));
    Images.DiskUse use = images.diskUse();
    return new Facts(
        allImages,
        all,
        allVolumes,
        builds.cache(),
        new VolumeCommands(containers, volumes).used(),
        details,
        use.layerBytes(),
        use.blobBytes(),
        containerBytes,
        volumeBytes);
  }

  private static long used(Facts facts) {
    return facts.images.stream().filter(facts::isUsed).count();
  }

  private static long running(Facts facts) {
    return facts.containers.stream().filter(ContainerView::isRunning).count();
  }

  private static long mounted(Facts facts) {
    return facts.volumes.stream().filter(v -> facts.usedVolumes.contains(v.name())).count();
  }

  private static long bytes(List<Builds.CacheEntry> cache, boolean all) {
    return cache.stream()
        .filter(entry -> all || !entry.inUse())
        .mapToLong(Builds.CacheEntry::bytes)
        .sum();
  }

  private static long sum(Map<String, Long> bytes) {
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }

  private String verbose(Facts facts) {
    return "Images space usage:\n\n"
        + imageTable(facts)
        + "\nPacked layers, manifests and unfinished downloads kept beside them: "
        + HumanText.size(facts.blobBytes)
        + "\n\nContainers space usage:\n\n"
        + containerTable(facts)
        + "\nLocal Volumes space usage:\n\n"
        + volumeTable(facts)
        + "\nBuild cache usage: "
        + HumanText.size(bytes(facts.cache, true))
        + "\n\n"
        + new BuildCache(builds, clock).table(facts.cache, false);
  }

  private static TextTable imageTable(Facts facts) {
    Map<String, Integer> owners = new HashMap<>();
    facts.images.forEach(
        image -> names(facts, image).forEach(name -> owners.merge(name, 1, Integer::sum)));
    TextTable table =
        new TextTable(
            10,
            "REPOSITORY:TAG",
            "IMAGE ID",
            "SIZE",
            "SHARED SIZE",
            "UNIQUE SIZE",
            "PACKED",
            "CONTAINERS");
    for (ImageView image : facts.images) {
      long shared =
          facts.layers(image).stream()
              .filter(layer -> owners.getOrDefault(layer.name(), 0) > 1)
              .mapToLong(LayerSize::bytes)
              .sum();
      Images.ImageDetails details = facts.details.get(image.id());
      table.add(
          image.references().isEmpty() ? "<none>" : String.join(", ", image.references()),
          Ids.brief(image.id().substring(image.id().indexOf(':') + 1)),
          HumanText.size(image.sizeBytes()),
          HumanText.size(shared),
          HumanText.size(image.sizeBytes() - shared),
          HumanText.size(details == null ? 0 : details.blobBytes()),
          String.valueOf(
              facts.containers.stream().filter(v -> v.imageId().equals(image.id())).count()));
    }
    return table;
  }

  private static Set<String> names(Facts facts, ImageView image) {
    Set<String> names = new HashSet<>();
    facts.layers(image).forEach(layer -> names.add(layer.name()));
    return names;
  }

  private TextTable containerTable(Facts facts) {
    TextTable table = new TextTable(10, "CONTAINER ID", "IMAGE", "SIZE", "STATUS", "NAMES");
    for (ContainerView view : facts.containers) {
      table.add(
          Ids.brief(view.id()),
          view.spec().image(),
          HumanText.size(facts.containerBytes.getOrDefault(view.id(), 0L)),
          HumanText.status(view, clock.instant()),
          view.name());
    }
    return table;
  }

  private TextTable volumeTable(Facts facts) {
    TextTable table = new TextTable(10, "VOLUME NAME", "USED BY", "SIZE");
    for (VolumeView volume : facts.volumes) {
      List<String> users = new ArrayList<>();
      facts.containers.stream()
          .filter(view -> VolumeCommands.volumesOf(view).contains(volume.name()))
          .forEach(view -> users.add(view.name()));
      table.add(
          volume.name(),
          users.isEmpty() ? "-" : String.join(", ", users),
          HumanText.size(facts.volumeBytes.getOrDefault(volume.name(), 0L)));
    }
    return table;
  }
}
