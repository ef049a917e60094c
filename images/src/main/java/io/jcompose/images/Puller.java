package io.jcompose.images;

import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.images.layer.Decompressor;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.ImageConfig;
import io.jcompose.images.oci.Manifest;
import io.jcompose.images.oci.Platform;
import io.jcompose.images.registry.RegistryClient;
import io.jcompose.images.registry.RegistryConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings images into the store. Pulls of the same reference at the same time are one; what any pull
 * has finished, the next one uses. Thread-safe; the store closes it.
 */
final class Puller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Puller.class);
  static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final int INDEX_DEPTH = 3;

  private final Path imagesDir;
  private final Catalog catalog;
  private final ContentStore content;
  private final Snapshots snapshots;
  private final Removal removal;
  private final RegistryClient client;
  private final LayerInstaller installer;
  private final BackgroundSync sync;
  private final Decompressor decompressor = new Decompressor();
  private final Map<String, Flight> flights = new ConcurrentHashMap<>();

  Puller(
      Path imagesDir,
      Catalog catalog,
      ContentStore content,
      Snapshots snapshots,
      Removal removal,
      RegistryConfig config) {
    this.imagesDir = imagesDir;
    this.catalog = catalog;
    this.content = content;
    this.snapshots = snapshots;
    this.removal = removal;
    this.client = new RegistryClient(config);
    this.installer = new LayerInstaller(content, snapshots);
    this.sync = new BackgroundSync(imagesDir, catalog, removal);
  }

  /** A pull under way, with all who wait for it. */
  private record Flight(CompletableFuture<StoredImage> result, PullProgress progress) {}

  /** The digest that the registry has for the reference now: of its index or its manifest. */
  Digest digest(ImageReference reference) {
    return client.resolve(reference).descriptor().digest();
  }

  StoredImage pull(ImageReference reference, Platform platform, Progress listener) {
    Flight own = new Flight(new CompletableFuture<>(), new PullProgress(reference.familiar()));
    own.progress.add(listener);
    String key = reference + " " + platform;
    Flight other = flights.putIfAbsent(key, own);
    if (other != null) {
      other.progress.add(listener);
      return await(other);
    }
    try {
      StoredImage image = pull(reference, platform, own.progress);
      own.result.complete(image);
      return image;
    } catch (RuntimeException | Error e) {
      own.result.completeExceptionally(e);
      throw e;
    } finally {
      flights.remove(key);
    }
  }

  /** Makes the disk have what earlier pulls brought, in the background. */
  void syncLater() {
    sync.start();
  }

  @Override
  public void close() {
    sync.close();
    client.close();
  }

  private static StoredImage await(Flight flight) {
    try {
      return flight.result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("the pull was given up");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new CompletionException(e.getCause());
    }
  }

  private StoredImage pull(ImageReference reference, Platform platform, PullProgress progress) {
    progress.image("Pulling");
    try {
      StoredImage image = pullDocuments(reference, platform, progress);
      progress.image("Pulled");
      return image;
    } catch (IOException e) {
      throw new JcomposeException.Unavailable(
          "failed to pull " + reference.familiar() + ": " + e.getMessage(), e);
    } catch (JcomposeException e) {
      throw e;
    } catch (RuntimeException e) {
      throw DiskSpace.explain(e, imagesDir, "pulling " + reference.familiar());
    }
  }

  private StoredImage pullDocuments(
      ImageReference reference, Platform platform, PullProgress progress) throws IOException {
    List<Digest> blobs = new ArrayList<>();
    RegistryClient.Document head =
        reference.digest() != null && content.read(reference.digest()).isPresent()
            ? new RegistryClient.Document(new Descriptor("", reference.digest(), 0), null)
            : client.resolve(reference);
    Digest root = head.descriptor().digest();
    Document document = document(reference, head);
    blobs.add(root);
    Manifest manifest = Manifest.of(document.body);
    for (int depth = 0; manifest instanceof Manifest.Index index; depth++) {
      if (depth == INDEX_DEPTH) {
        throw new JcomposeException.Corrupt(
            "index of " + reference.familiar() + " is nested too deep");
      }
      Descriptor chosen =
          index.choose(platform).orElseThrow(() -> wrongPlatform(reference, platform, index));
      document = document(reference, new RegistryClient.Document(chosen, null));
      blobs.add(chosen.digest());
      manifest = Manifest.of(document.body);
    }
    Names names =
        new Names(
            reference.digest() == null ? reference.toString() : null,
            reference.domain() + "/" + reference.path() + "@" + root);
    return image(reference, names, document, (Manifest.Image) manifest, blobs, platform, progress);
  }

  /**
   * Takes in an image whose documents and new layers are in the content store already.
   *
   * @param reference null leaves it without a name
   */
  StoredImage takeIn(@Nullable ImageReference reference, byte[] manifest) throws IOException {
    Digest digest = ContentStore.digestOf(manifest);
    content.write(digest, manifest);
    Descriptor descriptor = new Descriptor(MANIFEST_TYPE, digest, manifest.length);
    List<Digest> blobs = new ArrayList<>(List.of(digest));
    Names names = new Names(reference == null ? null : reference.toString(), null);
    return image(
        reference == null ? ImageReference.parse("none") : reference,
        names,
        new Document(descriptor, manifest),
        (Manifest.Image) Manifest.of(manifest),
        blobs,
        Platform.parse(""),
        new PullProgress(""));
  }

  /** What an image is found by beside its id. */
  private record Names(@Nullable String reference, @Nullable String repoDigest) {}

  private StoredImage image(
      ImageReference reference,
      Names names,
      Document document,
      Manifest.Image manifest,
      List<Digest> blobs,
      Platform platform,
      PullProgress progress)
      throws IOException {
    blobs.add(manifest.config().digest());
    manifest.layers().forEach(layer -> blobs.add(layer.digest()));
    List<String> leases = new ArrayList<>(blobs.stream().map(Digest::hex).toList());
    removal.lease(leases);
    try {
      ImageConfig config = ImageConfig.of(config(reference, manifest.config()));
      List<Digest> diffIds = config.diffIds();
      if (diffIds.size() != manifest.layers().size()) {
        throw new JcomposeException.Corrupt(
            "layers from manifest don't match image configuration: "
                + manifest.layers().size()
                + " layers, "
                + diffIds.size()
                + " diff_ids");
      }
      if (!platform.runnable().contains(config.platform())) {
        LOG.warn(
            "the image {} is for {}, which does not match {}",
            reference.familiar(),
            config.platform(),
            platform);
      }
      List<String> diffNames = diffIds.stream().map(Digest::hex).toList();
      removal.lease(diffNames);
      leases.addAll(diffNames);
      LayerFetcher fetcher = new LayerFetcher(client, content, snapshots, decompressor, reference);
      DiskSpace.check(imagesDir, missing(manifest), reference.familiar());
      LayerInstaller.Installed installed =
          installer.install(manifest.layers(), diffIds, fetcher, progress);
      return commit(names, document, manifest, blobs, installed);
    } finally {
      removal.release(leases);
    }
  }

  private long missing(Manifest.Image manifest) {
    return manifest.layers().stream()
        .filter(layer -> !content.has(layer.digest(), layer.sizeBytes()))
        .mapToLong(Descriptor::sizeBytes)
        .sum();
  }

  private StoredImage commit(
      Names names,
      Document document,
      Manifest.Image manifest,
      List<Digest> blobs,
      LayerInstaller.Installed installed) {
    StoredImage[] result = new StoredImage[1];
    removal.exclusively(
        () -> {
          Optional<StoredImage> before = catalog.byId(manifest.config().digest());
          boolean synced =
              before.isPresent() && before.get().unsyncedBoot() == null && !installed.anythingNew();
          StoredImage image =
              new StoredImage(
                      manifest.config().digest(),
                      document.descriptor,
                      before.map(StoredImage::references).orElse(List.of()),
                      before.map(StoredImage::repoDigests).orElse(List.of()),
                      union(before.map(StoredImage::blobs).orElse(List.of()), blobs),
                      installed.layers(),
                      synced ? null : Removal.currentBoot())
                  .withReference(names.reference, names.repoDigest);
          if (before.isEmpty() || !before.get().equals(image)) {
            catalog.put(image, synced);
          }
          result[0] = image;
        });
    sync.start();
    return result[0];
  }

  /** A manifest with what the store calls it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Document(Descriptor descriptor, byte[] body) {}

  private Document document(ImageReference reference, RegistryClient.Document known)
      throws IOException {
    Digest digest = known.descriptor().digest();
    Optional<byte[]> stored = content.read(digest);
    String type = known.descriptor().mediaType();
    if (stored.isPresent()) {
      return new Document(new Descriptor(type, digest, stored.get().length), stored.get());
    }
    RegistryClient.Document fetched =
        known.body() != null ? known : client.manifest(reference, digest);
    byte[] body = fetched.body();
    if (body == null || !fetched.descriptor().digest().equals(digest)) {
      throw new JcomposeException.Corrupt(
          "manifest of "
              + reference.familiar()
              + " does not match its digest: expected "
              + digest
              + ", got "
              + fetched.descriptor().digest());
    }
    content.write(digest, body);
    String stated = type.isEmpty() ? fetched.descriptor().mediaType() : type;
    return new Document(new Descriptor(stated, digest, body.length), body);
  }

  private byte[] config(ImageReference reference, Descriptor config) throws IOException {
    Optional<byte[]> stored = content.read(config.digest());
    if (stored.isPresent()) {
      return stored.get();
    }
    if (config.sizeBytes() > 8 << 20) {
      throw new JcomposeException.Corrupt("image config of " + config.sizeBytes() + " bytes");
    }
    try (BlobStream stream = new BlobStream(client, content, reference, config, bytes -> {})) {
      return stream.readAllBytes();
    }
  }

  private static List<Digest> union(List<Digest> some, List<Digest> more) {
    java.util.LinkedHashSet<Digest> all = new java.util.LinkedHashSet<>(some);
    all.addAll(more);
    return List.copyOf(all);
  }

  private static JcomposeException wrongPlatform(
      ImageReference reference, Platform platform, Manifest.Index index) {
    return new JcomposeException.NotFound(
        "no matching manifest for "
            + platform
            + " in the manifest list entries of "
            + reference.familiar()
            + ": it has "
            + index.platforms()
            + "; set platform: to one of them");
  }
}
