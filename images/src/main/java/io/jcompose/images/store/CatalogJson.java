package io.jcompose.images.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.Digest;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The {@link Catalog}'s files as text, one image at a time: as trees, all of them are many times
 * their text.
 */
final class CatalogJson {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String IMAGE_NAME = "io.containerd.image.name";
  private static final String IMAGES = "images";

  private CatalogJson() {}

  static byte[] list(Collection<StoredImage> images) {
    ObjectNode head = JsonNodeFactory.instance.objectNode().put("version", 1);
    return Json.bytes(head, IMAGES, images.stream().map(CatalogJson::json));
  }

  /** Reads a list; Corrupt when it is none. */
  static void read(byte[] text, String what, Consumer<StoredImage> use) {
    Json.each(text, what, IMAGES, node -> use.accept(image(node)));
  }

  /** An OCI image layout's index of images. */
  static byte[] layoutIndex(Collection<StoredImage> images) {
    ObjectNode head = JsonNodeFactory.instance.objectNode();
    head.put("schemaVersion", 2).put("mediaType", "application/vnd.oci.image.index.v1+json");
    return Json.bytes(head, "manifests", images.stream().flatMap(CatalogJson::manifests));
  }

  /** One for each name, or one without a name. */
  private static Stream<ObjectNode> manifests(StoredImage image) {
    return image.references().isEmpty()
        ? Stream.of(image.manifest().toJson())
        : image.references().stream().map(name -> manifest(image, name));
  }

  private static ObjectNode manifest(StoredImage image, String name) {
    ObjectNode descriptor = image.manifest().toJson();
    String tag = name.substring(name.lastIndexOf(':') + 1);
    descriptor.putObject("annotations").put(IMAGE_NAME, name).put(REF_NAME, tag);
    return descriptor;
  }

  private static ObjectNode json(StoredImage image) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("id", image.id().toString());
    node.set("manifest", image.manifest().toJson());
    image.references().forEach(node.putArray("references")::add);
    image.repoDigests().forEach(node.putArray("repoDigests")::add);
    ArrayNode blobs = node.putArray("blobs");
    image.blobs().forEach(blob -> blobs.add(blob.toString()));
    ArrayNode layers = node.putArray("layers");
    for (StoredImage.Layer layer : image.layers()) {
      layers
          .addObject()
          .put("diffId", layer.diffId().toString())
          .put("snapshot", layer.snapshot())
          .put("size", layer.sizeBytes());
    }
    if (image.unsyncedBoot() != null) {
      node.put("unsyncedBoot", image.unsyncedBoot());
    }
    if (image.taggedAt() != null) {
      node.put("taggedAt", image.taggedAt().toString());
    }
    return node;
  }

  private static StoredImage image(JsonNode node) {
    List<StoredImage.Layer> layers = new ArrayList<>();
    node.path("layers")
        .forEach(
            layer ->
                layers.add(
                    new StoredImage.Layer(
                        Digest.parse(layer.path("diffId").asText()),
                        layer.path("snapshot").asText(),
                        layer.path("size").asLong())));
    return new StoredImage(
        Digest.parse(node.path("id").asText()),
        Descriptor.of(node.path("manifest")),
        Json.texts(node.path("references")),
        Json.texts(node.path("repoDigests")),
        Json.texts(node.path("blobs")).stream().map(Digest::parse).toList(),
        layers,
        node.hasNonNull("unsyncedBoot") ? node.get("unsyncedBoot").asText() : null,
        node.hasNonNull("taggedAt") ? Instant.parse(node.get("taggedAt").asText()) : null);
  }
}
