package io.jcompose.images;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.archive.TarWriter;
import io.jcompose.images.archive.TreeReader;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import io.jcompose.images.oci.Manifest;
import io.jcompose.images.oci.Platform;
import io.jcompose.images.pull.Puller;
import io.jcompose.images.store.Catalog;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.DiskSpace;
import io.jcompose.images.store.Removal;
import io.jcompose.images.store.Snapshots;
import io.jcompose.images.store.StoredImage;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.TreeRemoval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a builder has of the store while it works: layers in the making, the results of steps, and
 * images of them. A layer is the upper directory of the step that made it, named by the digest of
 * its tar form, which nobody writes until the image is pushed or saved. What is used or made here
 * is leased until the close; what a crash leaves is content that nobody owns, which goes in time.
 * Thread-safe; the builder closes it.
 */
public final class BuildLayers implements AutoCloseable {
  private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";
  private static final byte[] WORK = "work".getBytes(StandardCharsets.US_ASCII);

  private final Path imagesDir;
  private final ContentStore content;
  private final Snapshots snapshots;
  private final Catalog catalog;
  private final Removal removal;
  private final Puller puller;
  private final StepResults steps;
  private final Drafts drafts;
  private final Removal.Lease lease;
  private final List<Digest> drafted = new ArrayList<>(); // guarded by itself

  BuildLayers(
      Path imagesDir,
      ContentStore content,
      Snapshots snapshots,
      Catalog catalog,
      Removal removal,
      Puller puller,
      StepResults steps,
      Drafts drafts) {
    this.imagesDir = imagesDir;
    this.content = content;
    this.snapshots = snapshots;
    this.catalog = catalog;
    this.removal = removal;
    this.puller = puller;
    this.steps = steps;
    this.drafts = drafts;
    this.lease = removal.lease();
  }

  /** An image to build on. */
  public record Base(String id, List<BuildLayer> layers, String config) {}

  /**
   * A layer in the making, an overlay's writable part.
   *
   * @param lower topmost first, never empty
   */
  public record Work(List<Path> lower, Path upper, Path work) {
    private Path directory() {
      return upper.resolveSibling(".");
    }
  }

  /** This host's, {@code os/arch[/variant]}. */
  public static String hostPlatform() {
    return Platform.host().toString();
  }

  /**
   * @throws JcomposeException.NotFound without the image
   */
  public Base base(String imageId) {
    StoredImage image =
        catalog
            .find(imageId)
            .orElseThrow(() -> new JcomposeException.NotFound("No such image: " + imageId));
    lease.add(image.layers().stream().map(StoredImage.Layer::snapshot).toList());
    lease.add(image.blobs().stream().map(Digest::hex).toList());
    if (catalog.byId(image.id()).isEmpty()) {
      throw new JcomposeException.NotFound("No such image: " + imageId); // removed just now
    }
    byte[] config = document(image.id());
    Manifest.Image manifest = (Manifest.Image) Manifest.of(document(image.manifest().digest()));
    List<BuildLayer> layers = new ArrayList<>();
    List<String> diffIds =
        Json.texts(Json.foreign(config, imageId).path("rootfs").path("diff_ids"));
    for (int i = 0; i < diffIds.size(); i++) {
      Digest diffId = Digest.parse(diffIds.get(i));
      StoredImage.Layer stored =
          image.layers().stream()
              .filter(layer -> layer.diffId().equals(diffId))
              .findFirst()
              .orElseThrow(() -> new JcomposeException.Corrupt("layer " + diffId + " is missing"));
      layers.add(
          new BuildLayer(diffId, stored.snapshot(), stored.sizeBytes(), manifest.layers().get(i)));
    }
    return new Base(image.id().toString(), layers, new String(config, StandardCharsets.UTF_8));
  }

  private byte[] document(Digest digest) {
    return content
        .load(digest, text -> text)
        .orElseThrow(
            () ->
                new JcomposeException.Corrupt(
                    digest + " is missing in the image store; pull the image again"));
  }

  /** Begins a layer over others, bottom first; {@link #seal} or {@link #discard} it. */
  public Work begin(List<BuildLayer> below) {
    try {
      Path directory = snapshots.begin("build");
      Files.createDirectory(directory.resolve("work"));
      return new Work(lower(below), directory.resolve("fs"), directory.resolve("work"));
    } catch (IOException e) {
      throw DiskSpace.explain(new UncheckedIOException(e), imagesDir, "building");
    }
  }

  /** The layers' directories as overlayfs stacks them. */
  public List<Path> lower(List<BuildLayer> below) {
    List<Path> lower =
        below.reversed().stream()
            .map(BuildLayer::snapshot)
            .distinct()
            .map(snapshots::link)
            .toList();
    return lower.isEmpty() ? List.of(snapshots.empty()) : lower;
  }

  /** Makes what a container has written a layer in the making; the container has none then. */
  public Work take(Path containerUpper, List<BuildLayer> below) {
    Work work = begin(below);
    try {
      Files.move(containerUpper, work.upper, StandardCopyOption.ATOMIC_MOVE);
      return work;
    } catch (IOException e) {
      discard(work);
      throw DiskSpace.explain(new UncheckedIOException(e), imagesDir, "building");
    }
  }

  /** Gives a layer up. */
  public void discard(Work work) {
    snapshots.delete(work.directory().normalize());
  }

  /**
   * Names a layer by what is in it; from now on nothing writes to it. It is gone from {@code work},
   * also when this throws.
   *
   * @param latest files that are younger get this time; null leaves them theirs
   * @throws JcomposeException.Cancelled when it was given up
   */
  public BuildLayer seal(Work work, @Nullable Instant latest, BooleanSupplier isGivenUp) {
    Path directory = work.directory().normalize();
    boolean published = false;
    try {
      try (DirectoryFd fd = DirectoryFd.open(directory)) {
        TreeRemoval.remove(fd, WORK);
      }
      HashedTar tar = new HashedTar(isGivenUp);
      try (DirectoryFd root = DirectoryFd.open(work.upper)) {
        if (latest != null) {
          LatestTime.set(root, latest.getEpochSecond());
        }
        TarWriter writer = new TarWriter(tar);
        TreeReader.ofLayer(writer, (path, status) -> false).children(root, "");
        writer.finish();
        tar.flush();
      }
      Digest diffId = tar.digest();
      lease.add(diffId);
      published = publish(directory, diffId.hex(), tar.bytes());
      Descriptor blob = new Descriptor(LAYER_TYPE, diffId, tar.bytes());
      return new BuildLayer(diffId, diffId.hex(), tar.bytes(), blob);
    } catch (IOException e) {
      throw DiskSpace.explain(new UncheckedIOException(e), imagesDir, "building");
    } finally {
      if (!published) {
        snapshots.delete(directory);
      }
    }
  }

  /** False when the same layer is there. */
  private boolean publish(Path directory, String name, long bytes) throws IOException {
    if (snapshots.exists(name)) {
      return false;
    }
    try {
      snapshots.publish(
          directory, name, new Snapshots.Details(bytes, false, List.of(), Removal.currentBoot()));
      return true;
    } catch (FileSystemException e) {
      if (!snapshots.exists(name)) {
        throw e;
      }
      return false;
    }
  }

  /** What a step gave before; empty when it is not known, or gone. */
  public Optional<BuildLayer.Known> known(String key) {
    return steps
        .find(key)
        .filter(
            known -> {
              lease.add(List.of(known.layer().snapshot()));
              return snapshots.exists(known.layer().snapshot());
            });
  }

  /**
   * Remembers what a step gave.
   *
   * @return when it was
   */
  public Instant remember(String key, BuildLayer layer, String description) {
    return steps.put(key, layer, description, Instant.now());
  }

  /** The same of a step that somebody else carried out. */
  public void remember(String key, BuildLayer layer, String description, Instant at) {
    Instant _ = steps.put(key, layer, description, at);
  }

  /**
   * An image that only this engine's builds know, for the container of a step.
   *
   * @return its id, until the close
   */
  public String draft(List<BuildLayer> layers, byte[] config) {
    try {
      Digest id = ContentStore.digestOf(config);
      lease.add(id);
      drafts.put(stored(id, layers, new Descriptor(Puller.MANIFEST_TYPE, id, 0), List.of(id)));
      synchronized (drafted) {
        drafted.add(id);
      }
      content.write(id, config); // after it, so that no close of another build takes it away
      return id.toString();
    } catch (IOException e) {
      throw DiskSpace.explain(new UncheckedIOException(e), imagesDir, "building");
    }
  }

  /**
   * Makes an image of layers and gives it names, which others lose that had them.
   *
   * @param annotations of its manifest
   * @return its id
   */
  public String image(
      List<BuildLayer> layers,
      byte[] config,
      List<ImageReference> names,
      Map<String, String> annotations) {
    try {
      Digest id = ContentStore.digestOf(config);
      byte[] manifest = manifest(layers, id, config.length, annotations);
      Digest manifestId = ContentStore.digestOf(manifest);
      lease.add(List.of(id.hex(), manifestId.hex()));
      content.write(id, config);
      content.write(manifestId, manifest);
      List<Digest> blobs =
          Stream.concat(
                  Stream.of(manifestId, id), layers.stream().map(layer -> layer.blob().digest()))
              .distinct()
              .toList();
      Descriptor described = new Descriptor(Puller.MANIFEST_TYPE, manifestId, manifest.length);
      catalog.requireRoom(id, layers.size());
      removal.exclusively(() -> name(stored(id, layers, described, blobs), names));
      puller.syncLater();
      return id.toString();
    } catch (IOException e) {
      throw DiskSpace.explain(new UncheckedIOException(e), imagesDir, "building");
    }
  }

  /** An image that is in no list: its documents are leased, and go in time. */
  StoredImage unnamed(List<BuildLayer> layers, byte[] config) throws IOException {
    Digest id = ContentStore.digestOf(config);
    byte[] manifest = manifest(layers, id, config.length, Map.of());
    Digest manifestId = ContentStore.digestOf(manifest);
    lease.add(List.of(id.hex(), manifestId.hex()));
    content.write(id, config);
    content.write(manifestId, manifest);
    List<Digest> blobs =
        Stream.concat(Stream.of(manifestId, id), layers.stream().map(one -> one.blob().digest()))
            .distinct()
            .toList();
    return stored(
        id, layers, new Descriptor(Puller.MANIFEST_TYPE, manifestId, manifest.length), blobs);
  }

  private void name(StoredImage made, List<ImageReference> names) {
    StoredImage image = catalog.byId(made.id()).map(old -> merged(old, made)).orElse(made);
    for (ImageReference name : names) {
      image = image.tagged(name.toString(), Instant.now());
    }
    if (!catalog.byId(made.id()).equals(Optional.of(image))) {
      catalog.put(image);
    }
  }

  /** One that is here already keeps its manifest, unless that says something else of the image. */
  private StoredImage merged(StoredImage old, StoredImage made) {
    if (annotations(old).equals(annotations(made))) {
      return old;
    }
    List<Digest> blobs =
        Stream.concat(made.blobs().stream(), old.blobs().stream()).distinct().toList();
    return old.with().manifest(made.manifest()).blobs(blobs).build();
  }

  private Map<String, String> annotations(StoredImage image) {
    Digest manifest = image.manifest().digest();
    return content
        .load(
            manifest,
            text -> Json.textMap(Json.foreign(text, manifest.toString()).path("annotations")))
        .orElse(Map.of());
  }

  private static StoredImage stored(
      Digest id, List<BuildLayer> layers, Descriptor manifest, List<Digest> blobs) {
    return new StoredImage(
        id,
        manifest,
        List.of(),
        List.of(),
        blobs,
        layers.stream()
            .map(
                layer -> new StoredImage.Layer(layer.diffId(), layer.snapshot(), layer.sizeBytes()))
            .toList(),
        Removal.currentBoot(),
        null);
  }

  private static byte[] manifest(
      List<BuildLayer> layers, Digest config, int configBytes, Map<String, String> annotations) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("schemaVersion", 2).put("mediaType", Puller.MANIFEST_TYPE);
    root.set("config", new Descriptor(CONFIG_TYPE, config, configBytes).toJson());
    ArrayNode array = root.putArray("layers");
    layers.forEach(layer -> array.add(layer.blob().toJson()));
    if (!annotations.isEmpty()) {
      ObjectNode all = root.putObject("annotations");
      new TreeMap<>(annotations).forEach(all::put);
    }
    return Json.bytes(root);
  }

  @Override
  public void close() {
    synchronized (drafted) {
      removal.exclusively(() -> drafted.forEach(this::forget));
      drafted.clear();
    }
    lease.close();
  }

  /** A draft's document goes with it, but where an image has the same. */
  private void forget(Digest id) {
    if (drafts.remove(id) && catalog.byId(id).isEmpty()) {
      content.remove(id);
    }
  }
}
