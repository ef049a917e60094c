package io.jcompose.images.oci;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A manifest or an index of manifests, checked (OCI image-spec, manifest.md and image-index.md).
 */
public sealed interface Manifest {
  /** The same layer may come many times; of different ones the kernel stacks 500. */
  int LAYER_LIMIT = 2000;

  /** An image for one platform; layers bottom first. */
  record Image(Descriptor config, List<Descriptor> layers) implements Manifest {
    public Image {
      layers = List.copyOf(layers);
    }
  }

  /** Manifests of several platforms. */
  record Index(List<Entry> entries) implements Manifest {
    public Index {
      entries = List.copyOf(entries);
    }

    /** The entry that the platform runs best of those that state one, the first among equals. */
    public Optional<Descriptor> choose(Platform wanted) {
      for (Platform candidate : wanted.runnable()) {
        for (Entry entry : entries) {
          if (candidate.equals(entry.platform())) {
            return Optional.of(entry.descriptor());
          }
        }
      }
      return Optional.empty();
    }

    /** The entries that state no platform: only what they name tells. */
    public List<Descriptor> unstated() {
      return entries.stream()
          .filter(entry -> entry.platform() == null)
          .map(Entry::descriptor)
          .toList();
    }

    /** The platforms, for a message. */
    public String platforms() {
      return Json.shown(
          entries.stream()
              .map(entry -> String.valueOf(entry.platform()))
              .filter(text -> !text.equals("null") && !text.startsWith("unknown/"))
              .distinct()
              .collect(Collectors.joining(", ")));
    }
  }

  /**
   * One manifest of an index.
   *
   * @param platform null when the index states none
   */
  record Entry(Descriptor descriptor, @Nullable Platform platform) {}

  /** Reads a document; Corrupt when it is neither, or both. */
  static Manifest of(byte[] document) {
    JsonNode root = Json.foreign(document, "manifest");
    boolean index = root.has("manifests");
    boolean image = root.has("config") || root.has("layers");
    if (root.path("schemaVersion").asInt() != 2) {
      throw new JcomposeException.NotSupported(
          "manifest of schema version "
              + Json.shown(root.path("schemaVersion").toString())
              + "; only 2 is supported");
    }
    if (index == image) {
      throw new JcomposeException.Corrupt("manifest is neither an image's nor an index");
    }
    return index ? index(root) : image(root);
  }

  private static Index index(JsonNode root) {
    List<Entry> entries = new ArrayList<>();
    for (JsonNode node : root.path("manifests")) {
      entries.add(new Entry(Descriptor.of(node), platform(node.path("platform"))));
    }
    return new Index(entries);
  }

  private static @Nullable Platform platform(JsonNode platform) {
    String architecture = platform.path("architecture").asText("");
    return architecture.isEmpty()
        ? null
        : new Platform(
            platform.path("os").asText("linux"), architecture, platform.path("variant").asText(""));
  }

  // The config's media type is not looked at: registries have images under many, and what the
  // config holds tells an image from another artifact.
  private static Image image(JsonNode root) {
    JsonNode layers = root.path("layers");
    if (layers.size() > LAYER_LIMIT) {
      throw new JcomposeException.Corrupt(
          "manifest of " + layers.size() + " layers, limit " + LAYER_LIMIT);
    }
    List<Descriptor> descriptors = new ArrayList<>();
    Map<Descriptor, Descriptor> seen = new HashMap<>(); // kept as long as the pull lasts
    for (JsonNode layer : layers) {
      Descriptor descriptor = Descriptor.of(layer);
      descriptors.add(seen.computeIfAbsent(descriptor, same -> same));
    }
    return new Image(Descriptor.of(root.path("config")), descriptors);
  }
}
