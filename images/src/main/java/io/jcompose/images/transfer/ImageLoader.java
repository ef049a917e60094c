package io.jcompose.images.transfer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images.Loaded;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.archive.AnyCompression;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.ImageConfig;
import io.jcompose.images.oci.Json;
import io.jcompose.images.oci.Manifest;
import io.jcompose.images.oci.Platform;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.Removal;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes images out of archives: docker's, of its old and new form, and OCI image layouts. All is
 * checked before the first image is taken in. Thread-safe.
 */
public final class ImageLoader {
  private static final int DEPTH = 4;
  private static final int IMAGES = 1000;
  private static final String NAME = "io.containerd.image.name";
  private static final String REF_NAME = "org.opencontainers.image.ref.name";

  private final ContentStore content;
  private final Removal removal;
  private final Arrival arrival;
  private final AnyCompression compression = new AnyCompression();

  /**
   * @param arrival takes the images in
   */
  public ImageLoader(ContentStore content, Removal removal, Arrival arrival) {
    this.content = content;
    this.removal = removal;
    this.arrival = arrival;
  }

  /** An image of an archive, found whole. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Found(byte[] manifest, Digest id, Set<String> names) {}

  /**
   * Loads all images of an archive.
   *
   * @param in plain, or compressed by gzip, bzip2, xz or zstd
   * @return one for each name, and one for each image without a name
   * @throws JcomposeException.Corrupt for what is no archive of images, or a damaged one
   */
  public List<Loaded> load(InputStream in) throws IOException {
    try (InputStream plain = compression.open(in);
        SpooledArchive archive = SpooledArchive.read(plain, content, removal)) {
      List<Found> found = find(archive);
      List<Loaded> loaded = new ArrayList<>();
      for (Found image : found) {
        archive.add(ContentStore.digestOf(image.manifest));
        for (String name : image.names) {
          String id = arrival.takeIn(ImageReference.parse(name), image.manifest);
          loaded.add(new Loaded(ImageReference.parse(name).familiar(), id));
        }
        if (image.names.isEmpty()) {
          loaded.add(new Loaded("", arrival.takeIn(null, image.manifest)));
        }
      }
      return loaded;
    } catch (IOException e) {
      throw told(e);
    }
  }

  static IOException told(IOException e) {
    String text = String.valueOf(e.getMessage());
    if (text.contains("No space left") || text.contains("quota exceeded")) {
      return e;
    }
    throw new JcomposeException.Corrupt("the archive cannot be read: " + text, e);
  }

  private List<Found> find(SpooledArchive archive) throws IOException {
    JsonNode items =
        archive
            .document("manifest.json", text -> Json.foreign(text, "manifest.json"))
            .orElseGet(() -> Json.foreign("[]".getBytes(US_ASCII), "manifest.json"));
    Optional<JsonNode> index =
        archive.document("index.json", text -> Json.foreign(text, "index.json"));
    Map<Digest, Found> found = new LinkedHashMap<>(); // by manifest: one entry has one name
    for (JsonNode entry : index.map(root -> root.path("manifests")).orElse(items)) {
      if (found.size() >= IMAGES) {
        throw new JcomposeException.Corrupt("the archive has more than " + IMAGES + " images");
      }
      if (index.isEmpty()) {
        merge(found, ofDocker(archive, entry));
      } else {
        ofLayout(archive, entry, items).ifPresent(image -> merge(found, image));
      }
    }
    if (found.isEmpty()) {
      throw new JcomposeException.Corrupt(
          "the archive has no images: neither manifest.json nor index.json names any; a root file"
              + " system is made an image by `jcompose import`");
    }
    return List.copyOf(found.values());
  }

  private static void merge(Map<Digest, Found> found, Found image) {
    Digest digest = ContentStore.digestOf(image.manifest);
    found.computeIfAbsent(digest, key -> image).names.addAll(image.names);
  }

  /** An image of {@code docker save} before it wrote image layouts, and of other programs. */
  private Found ofDocker(SpooledArchive archive, JsonNode item) {
    String configName = item.path("Config").asText("");
    SpooledArchive.File config = require(archive.file(configName), configName);
    String stated = configName.replaceFirst(".*/", "").replaceFirst("\\.json$", "");
    if (stated.matches("[0-9a-f]{64}") && !stated.equals(config.plain().hex())) {
      throw new JcomposeException.Corrupt(
          "%s of the archive does not match its digest: it is %s"
              .formatted(Json.shown(configName), config.plain()));
    }
    List<Digest> diffIds = config(config.blob()).diffIds();
    List<String> layers = Json.texts(item.path("Layers"));
    if (layers.size() != diffIds.size()) {
      throw new JcomposeException.Corrupt(
          "the archive's image %s has %d layers, and its config %d"
              .formatted(config.plain(), layers.size(), diffIds.size()));
    }
    List<Descriptor> blobs = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      SpooledArchive.File layer = require(archive.file(layers.get(i)), layers.get(i));
      if (layer.isPacked() && !layer.plain().equals(diffIds.get(i))) {
        throw new JcomposeException.Corrupt(
            "layer %s of the archive does not match its digest: expected %s, got %s"
                .formatted(Json.shown(layers.get(i)), diffIds.get(i), layer.plain()));
      }
      blobs.add(layer(layer, MadeManifest.LAYER_TYPE));
    }
    byte[] manifest =
        MadeManifest.of(
            new Descriptor(MadeManifest.CONFIG_TYPE, config.blob(), config.sizeBytes()), blobs);
    return new Found(manifest, config.plain(), names(Json.texts(item.path("RepoTags"))));
  }

  private static Descriptor layer(SpooledArchive.File file, String type) {
    return new Descriptor(type, file.blob(), file.sizeBytes());
  }

  /** An image of an image layout; empty for what is none, or is not in the archive. */
  private Optional<Found> ofLayout(SpooledArchive archive, JsonNode entry, JsonNode items) {
    Descriptor stated = Descriptor.of(entry);
    Optional<Descriptor> chosen = choose(archive, stated, 0);
    if (chosen.isEmpty()) {
      return Optional.empty();
    }
    Digest digest = chosen.get().digest();
    byte[] document = document(archive, digest);
    if (!(Manifest.of(document) instanceof Manifest.Image image)) {
      return Optional.empty();
    }
    Digest id = image.config().digest();
    SpooledArchive.File config = require(archive.blob(id), "blob " + id);
    config(config.blob());
    byte[] manifest = packed(archive, document, image);
    Set<String> names = names(annotations(entry));
    for (JsonNode item : items) {
      if (item.path("Config").asText("").endsWith(id.hex())) {
        names.addAll(names(Json.texts(item.path("RepoTags"))));
      }
    }
    return Optional.of(new Found(manifest, id, names));
  }

  private Optional<Descriptor> choose(SpooledArchive archive, Descriptor descriptor, int depth) {
    if (archive.blob(descriptor.digest()).isEmpty() || depth > DEPTH) {
      return Optional.empty();
    }
    return switch (Manifest.of(document(archive, descriptor.digest()))) {
      case Manifest.Image image -> Optional.of(descriptor);
      case Manifest.Index index -> {
        List<Descriptor> there = new ArrayList<>();
        index.choose(Platform.host()).ifPresent(there::add);
        index.entries().forEach(entry -> there.add(entry.descriptor()));
        yield there.stream()
            .map(one -> choose(archive, one, depth + 1))
            .flatMap(Optional::stream)
            .filter(one -> isImage(archive, one))
            .findFirst();
      }
    };
  }

  /** What is attested of an image has a manifest too, and a config of another kind. */
  private boolean isImage(SpooledArchive archive, Descriptor manifest) {
    if (!(Manifest.of(document(archive, manifest.digest())) instanceof Manifest.Image image)) {
      return false;
    }
    return archive
        .blob(image.config().digest())
        .flatMap(file -> content.load(file.blob(), ImageLoader::hasPlatform))
        .orElse(false);
  }

  private static boolean hasPlatform(byte[] config) {
    String architecture = Json.foreign(config, "config").path("architecture").asText("");
    return !architecture.isEmpty() && !architecture.equals("unknown");
  }

  /** The manifest as it is, or with what is packed in the place of plain layers. */
  private byte[] packed(SpooledArchive archive, byte[] document, Manifest.Image image) {
    List<Descriptor> layers = new ArrayList<>();
    boolean same = true;
    for (Descriptor stated : image.layers()) {
      SpooledArchive.File file = require(archive.blob(stated.digest()), "layer " + stated.digest());
      if (!file.isPacked() && file.sizeBytes() != stated.sizeBytes()) {
        throw new JcomposeException.Corrupt(
            "layer %s has %d bytes in the archive, and %d in its manifest"
                .formatted(stated.digest(), file.sizeBytes(), stated.sizeBytes()));
      }
      same &= !file.isPacked();
      layers.add(file.isPacked() ? layer(file, MadeManifest.LAYER_TYPE) : stated);
    }
    if (same) {
      return document;
    }
    ObjectNode root = (ObjectNode) Json.foreign(document, "manifest");
    ArrayNode array = root.putArray("layers");
    layers.forEach(layer -> array.add(layer.toJson()));
    return Json.bytes(root);
  }

  private byte[] document(SpooledArchive archive, Digest digest) {
    SpooledArchive.File file = require(archive.blob(digest), "blob " + digest);
    return require(content.load(file.blob(), text -> text), "document " + digest);
  }

  private ImageConfig config(Digest digest) {
    return require(content.load(digest, ImageConfig::of), "config " + digest);
  }

  private static <T> T require(Optional<T> found, String what) {
    return found.orElseThrow(
        () -> new JcomposeException.Corrupt("the archive lacks " + Json.shown(what)));
  }

  /** A bare tag, as image layouts of one repository have it, is no name. */
  private static List<String> annotations(JsonNode entry) {
    JsonNode annotations = entry.path("annotations");
    String name = annotations.path(NAME).asText("");
    String ref = annotations.path(REF_NAME).asText("");
    return name.isEmpty() ? (ref.matches(".*[:/].*") ? List.of(ref) : List.of()) : List.of(name);
  }

  private static Set<String> names(List<String> names) {
    Set<String> checked = new LinkedHashSet<>();
    for (String name : names) {
      ImageReference reference = ImageReference.parse(name);
      if (reference.digest() == null) {
        checked.add(reference.toString());
      }
    }
    return checked;
  }
}
