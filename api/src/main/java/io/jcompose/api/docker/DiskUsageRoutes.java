package io.jcompose.api.docker;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.container.ContainerFilters;
import io.jcompose.api.docker.container.ContainerSummaries;
import io.jcompose.api.docker.image.ImageRoutes;
import io.jcompose.api.docker.model.DiskUsage;
import io.jcompose.api.docker.model.ImageSummary;
import io.jcompose.api.host.VolumeCommands;
import io.jcompose.core.Containers;
import io.jcompose.core.Images;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.Images.LayerSize;
import io.jcompose.core.Volumes;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.core.build.Builds;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** {@code GET /system/df}: what all of it takes on the disk. */
final class DiskUsageRoutes {
  private static final Set<String> TYPES = Set.of("container", "image", "volume", "build-cache");

  private final Containers containers;
  private final Images images;
  private final Volumes volumes;
  private final Builds builds;
  private final ContainerSummaries summaries;

  DiskUsageRoutes(ApiPorts ports, ContainerSummaries summaries) {
    this.containers = ports.containers();
    this.images = ports.images();
    this.volumes = ports.volumes();
    this.builds = ports.builds();
    this.summaries = summaries;
  }

  void addTo(Routes routes) {
    routes.get("/system/df", this::answer);
  }

  private void answer(Call call) throws IOException {
    List<String> asked = call.queries("type");
    for (String type : asked) {
      if (!TYPES.contains(type)) {
        throw new Refusal(400, "unknown object type: " + type);
      }
    }
    boolean all = asked.isEmpty();
    boolean ofImages = all || asked.contains("image");
    call.json(
        new DiskUsage(
            ofImages ? images.diskUse().layerBytes() : 0,
            ofImages ? images() : null,
            all || asked.contains("container") ? summaries.list(ContainerFilters.NONE, true) : null,
            all || asked.contains("volume") ? volumes() : null,
            all || asked.contains("build-cache") ? cache() : null));
  }

  private List<ImageSummary> images() {
    List<ImageView> all = images.list();
    Map<String, List<LayerSize>> layers = new HashMap<>();
    Map<String, Integer> owners = new HashMap<>();
    for (ImageView image : all) {
      List<LayerSize> own =
          images.details(image.id()).map(Images.ImageDetails::layers).orElse(List.of());
      layers.put(image.id(), own);
      own.stream()
          .map(LayerSize::name)
          .distinct()
          .forEach(name -> owners.merge(name, 1, Integer::sum));
    }
    Map<String, Long> users = ImageRoutes.users(containers);
    return all.stream()
        .map(
            image ->
                ImageRoutes.summary(
                    image, users, shared(layers.getOrDefault(image.id(), List.of()), owners)))
        .toList();
  }

  /** The layers that another image has, too. */
  private static long shared(List<LayerSize> layers, Map<String, Integer> owners) {
    return layers.stream()
        .filter(layer -> owners.getOrDefault(layer.name(), 0) > 1)
        .mapToLong(LayerSize::bytes)
        .sum();
  }

  private List<Map<String, Object>> volumes() {
    Map<String, Integer> users = new HashMap<>();
    containers
        .list(Map.of())
        .forEach(
            view ->
                VolumeCommands.volumesOf(view).forEach(name -> users.merge(name, 1, Integer::sum)));
    return volumes.list(Map.of()).stream().map(volume -> volume(volume, users)).toList();
  }

  private Map<String, Object> volume(VolumeView volume, Map<String, Integer> users) {
    Map<String, Object> usage = new TreeMap<>();
    usage.put("RefCount", users.getOrDefault(volume.name(), 0));
    usage.put("Size", volumes.bytes(volume.name()));
    Map<String, Object> object = new LinkedHashMap<>(VolumeCommands.object(volume));
    object.put("UsageData", usage);
    return object;
  }

  private List<DiskUsage.CacheRecord> cache() {
    return builds.cache().stream()
        .map(
            entry ->
                new DiskUsage.CacheRecord(
                    entry.id(),
                    "regular",
                    entry.description(),
                    entry.inUse(),
                    false,
                    entry.bytes(),
                    entry.lastUsed().toString(), // when it was made is not kept
                    entry.lastUsed().toString(),
                    1))
        .toList();
  }
}
