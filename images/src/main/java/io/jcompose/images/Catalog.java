package io.jcompose.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StateFile;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The list of the images that are complete. Those that the disk has for sure are in {@code
 * images.json} and its copy, which are only ever replaced durably; those that a power cut may take
 * are in {@code images.new.json}, which it may take too. Beside them the same is there as an OCI
 * image layout's {@code index.json} for other tools. Reads never wait; writes are the caller's to
 * serialise ({@link Removal} has the lock).
 */
final class Catalog {
  private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String IMAGE_NAME = "io.containerd.image.name";
  private static final int ID_HEX_LENGTH = 64;

  private static final String LIST = "images.json";
  private static final String COPY = "images.copy.json";
  private static final String NEW = "images.new.json";

  private final Path directory;
  private final boolean complete;
  private final List<StoredImage> lost;
  private volatile Map<String, StoredImage> byId;
  private volatile Map<String, StoredImage> byName;
  private List<StoredImage> listed; // in images.json
  private List<StoredImage> news; // in images.new.json
  private boolean copied = true;

  private Catalog(
      Path directory,
      Optional<Map<String, StoredImage>> images,
      Collection<StoredImage> news,
      String boot,
      boolean fresh) {
    this.directory = directory;
    this.complete = fresh || (images.isPresent() && !isLost(directory));
    Map<String, StoredImage> all = images.orElseGet(LinkedHashMap::new);
    this.listed = List.copyOf(all.values());
    this.news = List.copyOf(news);
    this.lost =
        Stream.concat(listed.stream(), news.stream())
            .filter(image -> !isThere(image, boot))
            .toList();
    all.values().removeIf(image -> !isThere(image, boot));
    news.stream().filter(image -> isThere(image, boot)).forEach(image -> putInto(all, image));
    this.byId = all;
    this.byName = names(all.values());
  }

  /** False for what a power cut may have taken parts of. */
  private static boolean isThere(StoredImage image, String boot) {
    return image.unsyncedBoot() == null || image.unsyncedBoot().equals(boot);
  }

  /**
   * Reads the list, or its copy when the list is damaged or gone.
   *
   * @param boot the present one: images that another one left unwritten are {@link #lost}, and
   *     those that they took a name from have it again
   */
  static Catalog open(Path directory, String boot) {
    boolean fresh =
        !Files.exists(directory.resolve(LIST)) && !Files.exists(directory.resolve(COPY));
    Optional<Map<String, StoredImage>> images =
        StateFile.load(
                directory.resolve(LIST), Catalog::parse, "its copy is taken, if that is sound")
            .or(
                () ->
                    StateFile.load(
                        directory.resolve(COPY), Catalog::parse, "pull the images again"));
    return new Catalog(directory, images, news(directory.resolve(NEW)), boot, fresh);
  }

  /** After a power cut the file may be anything; the images in it are not whole then either. */
  private static Collection<StoredImage> news(Path file) {
    try {
      return StateFile.read(file).map(text -> parse(text).values()).orElse(List.of());
    } catch (JcomposeException | IllegalArgumentException e) {
      LOG.info("{} cannot be read, its images will be pulled again: {}", file, e.getMessage());
      return List.of();
    }
  }

  /** As long as both lie there set aside, which a list made anew does not change. */
  private static boolean isLost(Path directory) {
    return Files.exists(directory.resolve(LIST + ".damaged"))
        && Files.exists(directory.resolve(COPY + ".damaged"));
  }

  private static Map<String, StoredImage> parse(byte[] text) {
    Map<String, StoredImage> images = new LinkedHashMap<>();
    JsonNode list = Json.parse(text, LIST).path("images");
    if (!list.isArray()) {
      throw new JcomposeException.Corrupt("it holds no list of images");
    }
    list.forEach(node -> add(images, image(node)));
    names(images.values());
    return images;
  }

  /** False when it is not known which images there are, so that nothing may count as unowned. */
  boolean isComplete() {
    return complete;
  }

  Collection<StoredImage> images() {
    return byId.values();
  }

  Optional<StoredImage> byId(Digest id) {
    return Optional.ofNullable(byId.get(id.toString()));
  }

  /** The image of a reference, a full id, or a unique prefix of an id's hex digits. */
  Optional<StoredImage> find(String refOrId) {
    StoredImage exact = byId.get(refOrId);
    if (exact == null) {
      exact = byName.get(refOrId);
    }
    if (exact != null) {
      return Optional.of(exact);
    }
    Optional<StoredImage> named = byReference(refOrId);
    return named.isPresent() ? named : byPrefix(refOrId);
  }

  /** Adds or replaces an image; each of its references leaves the image that had it. */
  void put(StoredImage image) {
    Map<String, StoredImage> images = new LinkedHashMap<>(byId);
    putInto(images, image);
    boolean listedBefore = listed.stream().anyMatch(i -> i.id().equals(image.id()));
    if (image.unsyncedBoot() == null) {
      storeList(images);
      storeNews(images);
    } else {
      // What else it changes of the list waits: a power cut that takes it shall take that too.
      storeNews(images);
      if (listedBefore) {
        storeList(images);
      }
    }
    publish(images);
  }

  private static void putInto(Map<String, StoredImage> images, StoredImage image) {
    for (StoredImage other : List.copyOf(images.values())) {
      if (!other.id().equals(image.id())
          && other.references().stream().anyMatch(image.references()::contains)) {
        List<String> rest =
            other.references().stream().filter(r -> !image.references().contains(r)).toList();
        add(images, other.withReferences(rest, other.repoDigests()));
      }
    }
    add(images, image);
  }

  void remove(Digest id) {
    Map<String, StoredImage> images = new LinkedHashMap<>(byId);
    images.remove(id.toString());
    storeAll(images);
  }

  /** Images that were not on disk yet when the power went. */
  List<StoredImage> lost() {
    return lost;
  }

  /** Takes the lost ones off the disk's list. */
  void forgetLost() {
    storeAll(byId);
  }

  private void storeAll(Map<String, StoredImage> images) {
    storeList(images);
    storeNews(images);
    publish(images);
  }

  private Optional<StoredImage> byReference(String text) {
    try {
      ImageReference reference = ImageReference.parse(text);
      String name =
          reference.digest() == null
              ? reference.toString()
              : reference.domain() + "/" + reference.path() + "@" + reference.digest();
      return Optional.ofNullable(byName.get(name));
    } catch (JcomposeException.InvalidArgument e) {
      return Optional.empty();
    }
  }

  private Optional<StoredImage> byPrefix(String text) {
    String hex = text.startsWith("sha256:") ? text.substring(7) : text;
    if (hex.isEmpty() || hex.length() > ID_HEX_LENGTH || !hex.matches("[0-9a-f]+")) {
      return Optional.empty();
    }
    List<StoredImage> found =
        byId.values().stream().filter(image -> image.id().hex().startsWith(hex)).toList();
    return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
  }

  private void storeList(Map<String, StoredImage> images) {
    List<StoredImage> sure =
        images.values().stream().filter(image -> image.unsyncedBoot() == null).toList();
    if (sure.equals(listed) && copied) {
      return;
    }
    byte[] content = content(sure);
    StateFile.write(directory.resolve(LIST), content);
    listed = sure;
    byId = images; // that is so from here on, whatever becomes of the rest
    byName = names(images.values());
    copied = false;
    try {
      StateFile.write(directory.resolve(COPY), content);
      copied = true;
    } catch (JcomposeException.Unavailable | UncheckedIOException e) {
      LOG.warn("failed to write the copy of the list of images; the next change tries again", e);
    }
  }

  private void storeNews(Map<String, StoredImage> images) {
    List<StoredImage> unsure =
        images.values().stream().filter(image -> image.unsyncedBoot() != null).toList();
    if (!unsure.equals(news)) {
      StateFile.writeVolatile(directory.resolve(NEW), content(unsure));
      news = unsure;
    }
  }

  private static byte[] content(List<StoredImage> images) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    images.forEach(image -> array.add(json(image)));
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("version", 1).set("images", array);
    return Json.bytes(root);
  }

  private void publish(Map<String, StoredImage> images) {
    byId = images;
    byName = names(images.values());
    try {
      StateFile.writeVolatile(directory.resolve("index.json"), Json.bytes(layoutIndex(images)));
    } catch (JcomposeException.Unavailable | UncheckedIOException e) {
      LOG.warn(
          "failed to write index.json, which other tools read; the next change tries again", e);
    }
  }

  private static ObjectNode layoutIndex(Map<String, StoredImage> images) {
    ArrayNode manifests = JsonNodeFactory.instance.arrayNode();
    for (StoredImage image : images.values()) {
      List<@Nullable String> references = new ArrayList<>(image.references());
      if (references.isEmpty()) {
        references.add(null);
      }
      for (String reference : references) {
        ObjectNode descriptor = image.manifest().toJson();
        if (reference != null) {
          String tag = reference.substring(reference.lastIndexOf(':') + 1);
          descriptor.putObject("annotations").put(IMAGE_NAME, reference).put(REF_NAME, tag);
        }
        manifests.add(descriptor);
      }
    }
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.put("schemaVersion", 2).put("mediaType", "application/vnd.oci.image.index.v1+json");
    index.set("manifests", manifests);
    return index;
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
        node.hasNonNull("unsyncedBoot") ? node.get("unsyncedBoot").asText() : null);
  }

  private static void add(Map<String, StoredImage> images, StoredImage image) {
    images.put(image.id().toString(), image);
  }

  private static Map<String, StoredImage> names(Collection<StoredImage> images) {
    Map<String, StoredImage> names = new HashMap<>();
    for (StoredImage image : images) {
      image.repoDigests().forEach(name -> names.put(name, image));
      for (String reference : image.references()) {
        names.put(reference, image);
        names.put(ImageReference.parse(reference).familiar(), image);
      }
    }
    return names;
  }
}
