package io.jcompose.images.oci;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A manifest or an index of manifests, checked (OCI image-spec, manifest.md and image-index.md).
 */
public sealed interface Manifest {
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

    /** The entry that the platform runs best, the first among equals. */
    public Optional<Descriptor> choose(Platform wanted) {
      for (Platform candidate : wanted.runnable()) {
        for (Entry entry : entries) {
          if (entry.platform().equals(candidate)) {
            return Optional.of(entry.descriptor());
          }
        }
      }
      return Optional.empty();
    }

    /** The platforms, for a message. */
    public String platforms() {
      return entries.stream()
          .map(entry -> entry.platform().toString())
          .filter(text -> !text.startsWith("unknown/"))
          .distinct()
          .collect(Collectors.joining(", "));
    }
  }

  /** One manifest of an index. */
  record Entry(Descriptor descriptor, Platform platform) {}

  /** Reads a document; Corrupt when it is neither, or both. */
  static Manifest of(byte[] document) {
    JsonNode root = Json.parse(document, "manifest");
    boolean index = root.has("manifests");
    boolean image = root.has("config") || root.has("layers");
    if (root.path("schemaVersion").asInt() != 2) {
      throw new JcomposeException.NotSupported(
          "manifest of schema version " + root.path("schemaVersion") + "; only 2 is supported");
    }
    if (index == image) {
      throw new JcomposeException.Corrupt("manifest is neither an image's nor an index");
    }
    return index ? index(root) : image(root);
  }

  private static Index index(JsonNode root) {
    List<Entry> entries = new ArrayList<>();
    for (JsonNode node : root.path("manifests")) {
      JsonNode platform = node.path("platform");
      entries.add(
          new Entry(
              Descriptor.of(node),
              new Platform(
                  platform.path("os").asText("linux"),
                  platform.path("architecture").asText("unknown"),
                  platform.path("variant").asText(""))));
    }
    return new Index(entries);
  }

  private static Image image(JsonNode root) {
    Descriptor config = Descriptor.of(root.path("config"));
    String type = config.mediaType();
    if (!type.equals("application/vnd.oci.image.config.v1+json")
        && !type.equals("application/vnd.docker.container.image.v1+json")) {
      throw new JcomposeException.NotSupported(
          "unsupported media type \"" + type + "\": this is an artifact, not a container image");
    }
    List<Descriptor> layers = new ArrayList<>();
    root.path("layers").forEach(layer -> layers.add(Descriptor.of(layer)));
    return new Image(config, layers);
  }
}
