package io.jcompose.images.store;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.Packing;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.images.archive.TreeReader;
import io.jcompose.images.layer.Decompressor;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.ImageConfig;
import io.jcompose.images.oci.Json;
import io.jcompose.images.oci.Manifest;
import io.jcompose.linux.file.DirectoryFd;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Gives images the packed layers that leave this host. What was pulled has them as they came; a
 * layer that was built here is packed from its snapshot when it is first asked for, and kept: the
 * snapshot's record names the blob, which the image owns from then on. Thread-safe.
 */
public final class PackedLayers {
  private static final String DOCKER = "application/vnd.docker.";
  private static final String DOCKER_CONFIG = DOCKER + "container.image.v1+json";
  private static final String DOCKER_LAYER = DOCKER + "image.rootfs.diff.tar";
  private static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";

  private final Decompressor decompressor = new Decompressor();
  private final ContentStore content;
  private final Snapshots snapshots;
  private final Catalog catalog;
  private final Removal removal;
  private final KeyedLock<String> locks = new KeyedLock<>(); // by snapshot

  public PackedLayers(ContentStore content, Snapshots snapshots, Catalog catalog, Removal removal) {
    this.content = content;
    this.snapshots = snapshots;
    this.catalog = catalog;
    this.removal = removal;
  }

  /**
   * An image all of whose blobs are in the content store.
   *
   * @param manifest of its document
   * @param image config and layers, bottom first
   * @param diffIds of the layers
   */
  public record Packed(Descriptor manifest, Manifest.Image image, List<Digest> diffIds) {
    public Packed {
      diffIds = List.copyOf(diffIds);
    }
  }

  /**
   * A layer that has no blob, or another one than is wanted.
   *
   * @param unpacked its own blob is undone and packed anew
   */
  private record Missing(Descriptor stated, Digest diffId, String snapshot, boolean unpacked) {}

  /**
   * Packs what is missing, several layers at a time. Blocks.
   *
   * @param lease holds the image's blobs and snapshots, and takes those of new blobs
   * @throws JcomposeException.Corrupt when a layer's files are not what was packed once
   * @throws JcomposeException.Cancelled when interrupted
   */
  public Packed of(StoredImage image, Packing wanted, Removal.Lease lease) {
    Digest document = image.manifest().digest();
    if (!(require(content.load(document, Manifest::of), document) instanceof Manifest.Image old)) {
      throw new JcomposeException.Corrupt(document + " is no image's manifest");
    }
    List<Digest> diffIds = require(content.load(image.id(), ImageConfig::of), image.id()).diffIds();
    Map<Digest, Missing> missing = missing(image, old, diffIds, wanted);
    if (missing.isEmpty() && !wanted.dockerTypes()) {
      return new Packed(described(image.manifest()), old, diffIds);
    }
    Map<Digest, Descriptor> packed = packAll(missing, wanted, lease);
    return publish(image, old, diffIds, packed, wanted, lease);
  }

  private static <T> T require(Optional<T> found, Digest digest) {
    return found.orElseThrow(
        () -> new JcomposeException.Corrupt(digest + " is missing in the image store"));
  }

  /** An index may have stated another size or type than there is. */
  private Descriptor described(Descriptor manifest) {
    String type = manifest.mediaType().isEmpty() ? type(manifest.digest()) : manifest.mediaType();
    return new Descriptor(type, manifest.digest(), content.size(manifest.digest()));
  }

  private String type(Digest document) {
    String stated =
        content
            .load(document, text -> Json.foreign(text, "manifest").path("mediaType").asText(""))
            .orElse("");
    return stated.isEmpty() ? "application/vnd.oci.image.manifest.v1+json" : stated;
  }

  private Map<Digest, Missing> missing(
      StoredImage image, Manifest.Image manifest, List<Digest> diffIds, Packing wanted) {
    if (diffIds.size() != manifest.layers().size()) {
      throw new JcomposeException.Corrupt(
          "layers from manifest don't match image configuration of " + image.id());
    }
    Map<Digest, String> names = new LinkedHashMap<>();
    image.layers().forEach(layer -> names.put(layer.diffId(), layer.snapshot()));
    Map<Digest, Missing> missing = new LinkedHashMap<>();
    for (int i = 0; i < diffIds.size(); i++) {
      Descriptor stated = manifest.layers().get(i);
      boolean has = content.has(stated.digest(), stated.sizeBytes());
      if (!has || (wanted.forced() && !isOf(stated, wanted))) {
        Digest diffId = diffIds.get(i);
        String snapshot = names.getOrDefault(diffId, diffId.hex());
        missing.put(stated.digest(), new Missing(stated, diffId, snapshot, has));
      }
    }
    return missing;
  }

  /** Whether a blob is compressed as it is wanted. */
  private static boolean isOf(Descriptor blob, Packing wanted) {
    String type = blob.mediaType();
    boolean same =
        switch (wanted.compression()) {
          case GZIP -> type.endsWith("gzip");
          case ZSTD -> type.endsWith("zstd");
          case UNCOMPRESSED -> type.endsWith("tar");
        };
    return same && wanted.level() == Packing.USUAL_LEVEL;
  }

  private Map<Digest, Descriptor> packAll(
      Map<Digest, Missing> missing, Packing wanted, Removal.Lease lease) {
    int threads = Math.clamp(missing.size(), 1, Runtime.getRuntime().availableProcessors());
    try (ExecutorService pool =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().name("layer-pack-", 0).daemon().factory())) {
      Map<Digest, Future<Descriptor>> work = new LinkedHashMap<>();
      missing.forEach(
          (digest, layer) -> {
            Callable<Descriptor> one =
                () -> locks.interruptibly(layer.snapshot, () -> pack(layer, wanted, lease));
            work.put(digest, pool.submit(one));
          });
      try {
        Map<Digest, Descriptor> packed = new LinkedHashMap<>();
        for (Map.Entry<Digest, Future<Descriptor>> one : work.entrySet()) {
          packed.put(one.getKey(), one.getValue().get());
        }
        return packed;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new JcomposeException.Cancelled("packing layers was given up");
      } catch (ExecutionException e) {
        throw told(Objects.requireNonNullElse(e.getCause(), e));
      } finally {
        pool.shutdownNow();
      }
    }
  }

  private static RuntimeException told(Throwable cause) {
    return switch (cause) {
      case RuntimeException e -> e;
      case IOException e -> new UncheckedIOException(e);
      case Error e -> throw e;
      default -> new JcomposeException.Internal("failed to pack a layer", cause);
    };
  }

  private Descriptor pack(Missing layer, Packing wanted, Removal.Lease lease) throws IOException {
    boolean plain = wanted.compression() == Packing.Compression.UNCOMPRESSED;
    if (plain && content.size(layer.diffId) < 0) {
      // As large as its files, which the image has; by its name the image would keep it, too.
      lease.removeAfterwards(layer.diffId);
    }
    if (layer.unpacked) {
      return repack(layer, wanted, lease);
    }
    Optional<Descriptor> before = snapshots.packed(layer.snapshot);
    if (before.isPresent() && isOf(before.get(), wanted)) {
      lease.add(before.get().digest());
      if (content.has(before.get().digest(), before.get().sizeBytes())) {
        return before.get();
      }
    }
    LayerPacker.Packed packed =
        LayerPacker.pack(
            content,
            lease,
            wanted,
            tar -> {
              try (DirectoryFd root = DirectoryFd.open(snapshots.files(layer.snapshot))) {
                TreeReader.ofLayer(tar, (path, status) -> false).children(root, "");
              }
              return layer.diffId;
            });
    Descriptor blob = new Descriptor(type(layer, wanted), packed.digest(), packed.sizeBytes());
    if (isKept(wanted)) {
      snapshots.packed(layer.snapshot, blob);
    }
    return blob;
  }

  /** Other forms than the usual one are for one use. */
  private static boolean isKept(Packing packing) {
    return packing.equals(Packing.DEFAULT);
  }

  /** The same archive, compressed otherwise: made of its files it would be another one. */
  private Descriptor repack(Missing layer, Packing wanted, Removal.Lease lease) throws IOException {
    try (InputStream blob = Files.newInputStream(content.blob(layer.stated.digest()));
        InputStream tar = decompressor.open(blob)) {
      LayerPacker.Layer packed = LayerPacker.pack(content, lease, wanted, tar, digest -> {});
      if (!packed.diffId().equals(layer.diffId)) {
        throw new JcomposeException.Corrupt(
            "layer " + layer.diffId + " is damaged: it is " + packed.diffId() + "; pull it again");
      }
      return new Descriptor(type(layer, wanted), packed.blob(), packed.sizeBytes());
    }
  }

  private static String type(Missing layer, Packing wanted) {
    boolean docker = layer.stated.mediaType().startsWith(DOCKER);
    return switch (wanted.compression()) {
      case GZIP -> docker ? DOCKER_LAYER + ".gzip" : OCI_LAYER + "+gzip";
      case ZSTD -> OCI_LAYER + "+zstd";
      case UNCOMPRESSED -> docker ? DOCKER_LAYER : OCI_LAYER;
    };
  }

  private Packed publish(
      StoredImage image,
      Manifest.Image old,
      List<Digest> diffIds,
      Map<Digest, Descriptor> packed,
      Packing wanted,
      Removal.Lease lease) {
    boolean docker = wanted.dockerTypes();
    List<Descriptor> layers =
        old.layers().stream()
            .map(layer -> packed.getOrDefault(layer.digest(), layer))
            .map(layer -> docker ? typed(layer, dockers(layer.mediaType())) : layer)
            .toList();
    Descriptor config = docker ? typed(old.config(), DOCKER_CONFIG) : old.config();
    Digest before = image.manifest().digest();
    byte[] document =
        require(
            content.load(before, text -> rewritten(text, before, config, layers, docker)), before);
    Digest digest = ContentStore.digestOf(document);
    lease.add(digest);
    try {
      content.write(digest, document);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to write the manifest of " + image.id(), e);
    }
    if (isKept(wanted)) {
      List<Digest> blobs = new ArrayList<>();
      packed.values().forEach(blob -> blobs.add(blob.digest()));
      blobs.add(digest);
      own(image, blobs);
    }
    Descriptor manifest = new Descriptor(type(digest), digest, document.length);
    return new Packed(manifest, new Manifest.Image(config, layers), diffIds);
  }

  private static Descriptor typed(Descriptor blob, String type) {
    return new Descriptor(type, blob.digest(), blob.sizeBytes());
  }

  /** Docker's type of a layer that has OCI's. */
  private static String dockers(String type) {
    return type.startsWith(OCI_LAYER)
        ? DOCKER_LAYER + type.substring(OCI_LAYER.length()).replace('+', '.')
        : type;
  }

  /** All that the document says beside its layers stays. */
  private static byte[] rewritten(
      byte[] text, Digest digest, Descriptor config, List<Descriptor> layers, boolean docker) {
    ObjectNode root = (ObjectNode) Json.foreign(text, digest.toString());
    if (docker) {
      root.put("mediaType", DOCKER + "distribution.manifest.v2+json");
      root.set("config", config.toJson());
    }
    ArrayNode array = root.putArray("layers");
    layers.forEach(layer -> array.add(layer.toJson()));
    return Json.bytes(root);
  }

  /** What is packed goes with the image, and not with the next prune. */
  private void own(StoredImage image, List<Digest> blobs) {
    removal.exclusively(
        () ->
            catalog
                .byId(image.id())
                .filter(now -> !now.blobs().containsAll(blobs))
                .ifPresent(
                    now ->
                        catalog.put(
                            now.withBlobs(
                                Stream.concat(now.blobs().stream(), blobs.stream())
                                    .distinct()
                                    .toList()))));
  }
}
