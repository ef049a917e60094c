package io.jcompose.images.pull;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import io.jcompose.images.oci.Manifest;
import io.jcompose.images.oci.MemoryBudget;
import io.jcompose.images.oci.Platform;
import io.jcompose.images.registry.ImageSource;
import io.jcompose.images.registry.RegistryClient;
import io.jcompose.images.registry.RegistryConfig;
import io.jcompose.images.store.BackgroundSync;
import io.jcompose.images.store.Catalog;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.DiskSpace;
import io.jcompose.images.store.Removal;
import io.jcompose.images.store.Snapshots;
import io.jcompose.images.store.StepLayers;
import io.jcompose.images.store.StoredImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings images into the store. Pulls of the same reference at the same time are one; what any pull
 * has finished, the next one uses. Thread-safe; the store closes it.
 */
public final class Puller implements AutoCloseable {
  public static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

  /** OVL_MAX_STACK of the kernel's fs/overlayfs. */
  private static final int STACK_LIMIT = 500;

  private final Path imagesDir;
  private final Catalog catalog;
  private final ContentStore content;
  private final Snapshots snapshots;
  private final Removal removal;
  private final RegistryClient client;
  private final LayerInstaller installer;
  private final BackgroundSync sync;
  private final LayerFetcher.Shared shared;
  private final PullsUnderWay pulls = new PullsUnderWay();

  public Puller(
      Path imagesDir,
      Catalog catalog,
      ContentStore content,
      Snapshots snapshots,
      Removal removal,
      StepLayers steps,
      MemoryBudget budget,
      RegistryConfig config) {
    this.imagesDir = imagesDir;
    this.catalog = catalog;
    this.content = content;
    this.snapshots = snapshots;
    this.removal = removal;
    this.client = new RegistryClient(config, budget);
    this.shared = new LayerFetcher.Shared(budget);
    this.installer = new LayerInstaller(content, snapshots);
    this.sync = new BackgroundSync(imagesDir, catalog, removal, steps);
  }

  /** The digest that the registry has for the reference now: of its index or its manifest. */
  public Digest digest(ImageReference reference, RegistryLogins logins) {
    try (ImageSource.Document document = client.source(reference, logins).resolve()) {
      return document.descriptor().digest();
    }
  }

  /** What the registry has under the reference now. */
  public Images.Published published(ImageReference reference, RegistryLogins logins) {
    ImageSource source = client.source(reference, logins);
    Digest digest = reference.digest();
    if (digest == null) {
      try (ImageSource.Document named = source.resolve()) {
        digest = named.descriptor().digest();
      }
    }
    try (ImageSource.Document document = source.manifest(digest)) {
      byte[] body = Objects.requireNonNull(document.body());
      JsonNode json = Json.foreign(body, reference.familiar());
      String type = json.path("mediaType").asText(document.descriptor().mediaType());
      List<String> platforms = new ArrayList<>();
      json.path("manifests").forEach(each -> addPlatform(each.path("platform"), platforms));
      if (json.path("config").isObject()) {
        addPlatform(config(source, json.path("config"), reference), platforms);
      }
      return new Images.Published(type, digest, body.length, platforms);
    }
  }

  /** Of an image that is there for one platform alone, which its config tells. */
  private static JsonNode config(
      ImageSource source, JsonNode descriptor, ImageReference reference) {
    Digest digest = Digest.parse(descriptor.path("digest").asText(""));
    try (ImageSource.Document config = source.smallBlob(digest)) {
      return Json.foreign(Objects.requireNonNull(config.body()), reference.familiar());
    }
  }

  private static void addPlatform(JsonNode platform, List<String> platforms) {
    String os = platform.path("os").asText("");
    String architecture = platform.path("architecture").asText("");
    String variant = platform.path("variant").asText("");
    if (!os.isEmpty() || !architecture.isEmpty()) {
      platforms.add(os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant));
    }
  }

  /**
   * Pulls an image, or waits for who does with the same logins. The caller may be interrupted; when
   * the last one that waits is, the pull ends.
   *
   * @param platform empty for this machine's
   */
  public StoredImage pull(ImageReference reference, String platform, Progress listener) {
    RegistryLogins logins = client.of(reference, listener.logins());
    return pulls.join(
        new PullsUnderWay.Key(reference + " " + platform, logins),
        reference.familiar(),
        listener,
        progress -> pull(reference, platform, logins, progress));
  }

  public RegistryClient client() {
    return client;
  }

  /** Makes the disk have what earlier pulls brought, in the background. */
  public void syncLater() {
    sync.start();
  }

  @Override
  public void close() {
    pulls.close();
    sync.close();
    client.close();
  }

  private StoredImage pull(
      ImageReference reference, String platform, RegistryLogins logins, PullProgress progress) {
    progress.image("Pulling");
    try (Removal.Lease lease = removal.lease()) {
      ImageSource source = client.source(reference, logins);
      Platform wanted = Platform.parse(platform);
      checkRepository(reference, source);
      ManifestSearch.Found found =
          new ManifestSearch(content, source, lease, reference, wanted).find();
      checkPlatform(reference, platform, found, progress);
      Names names =
          new Names(
              reference.digest() == null ? reference.toString() : null,
              reference.domain() + "/" + reference.path() + "@" + found.root());
      StoredImage image = image(reference, names, found, source, lease, progress);
      progress.image("Pulled");
      return image;
    } catch (IOException e) {
      throw DiskSpace.explain(e, imagesDir, reference.familiar());
    } catch (JcomposeException e) {
      throw e;
    } catch (RuntimeException e) {
      throw DiskSpace.explain(e, imagesDir, "pulling " + reference.familiar());
    }
  }

  /**
   * Content that is here for another name would be found by its digest without asking anybody: the
   * registry has to say that its repository has it, and that these logins may have it.
   */
  private void checkRepository(ImageReference reference, ImageSource source) {
    Digest digest = reference.digest();
    String name = reference.domain() + "/" + reference.path() + "@" + digest;
    if (digest != null && content.size(digest) >= 0 && catalog.find(name).isEmpty()) {
      source.resolve().close();
    }
  }

  /** An image without an index may be for any machine; what was asked for must be what comes. */
  private static void checkPlatform(
      ImageReference reference,
      String platform,
      ManifestSearch.Found found,
      PullProgress progress) {
    Platform has = found.platform();
    Platform wanted = Platform.parse(platform);
    if (!found.isAlone() || wanted.runnable().contains(has)) {
      return;
    }
    if (!platform.isEmpty()) {
      throw new JcomposeException.NotFound(
          "image with reference %s was found but its platform (%s) does not match the specified platform (%s)"
              .formatted(reference.familiar(), has, wanted));
    }
    progress.warning(
        "The requested image's platform (%s) does not match the detected host platform (%s) and no specific platform was requested"
            .formatted(has, wanted));
  }

  /**
   * Takes in an image whose documents and new layers are in the content store already.
   *
   * @param reference null leaves it without a name
   */
  public StoredImage takeIn(@Nullable ImageReference reference, byte[] manifest)
      throws IOException {
    ImageReference name = reference == null ? ImageReference.parse("none") : reference;
    Digest digest = ContentStore.digestOf(manifest);
    try (Removal.Lease lease = removal.lease()) {
      lease.add(digest);
      content.write(digest, manifest);
      ImageSource source = client.source(name, RegistryLogins.OF_ENGINE);
      ManifestSearch.Found found =
          new ManifestSearch(content, source, lease, name, Platform.host())
              .find(new Descriptor(type(manifest), digest, manifest.length));
      Names names = new Names(reference == null ? null : reference.toString(), null);
      return image(name, names, found, source, lease, new PullProgress(""));
    }
  }

  private static String type(byte[] manifest) {
    return Json.foreign(manifest, "manifest").path("mediaType").asText(MANIFEST_TYPE);
  }

  /** The documents of an image elsewhere, which are in the store then. */
  public ManifestSearch.Found documents(
      ImageReference reference, RegistryLogins logins, String platform, Removal.Lease lease)
      throws IOException {
    ImageSource source = client.source(reference, logins);
    checkRepository(reference, source);
    return new ManifestSearch(content, source, lease, reference, Platform.parse(platform)).find();
  }

  /** The same of one that is in the store. */
  public ManifestSearch.Found documents(Descriptor manifest, Removal.Lease lease)
      throws IOException {
    ImageReference name = ImageReference.parse("none");
    ImageSource source = client.source(name, RegistryLogins.OF_ENGINE);
    return new ManifestSearch(content, source, lease, name, Platform.host()).find(manifest);
  }

  /** Brings one layer. */
  public StoredImage.Layer layer(
      ImageReference reference,
      RegistryLogins logins,
      Descriptor blob,
      Digest diffId,
      Removal.Lease lease)
      throws IOException {
    DiskSpace.check(imagesDir, blob.sizeBytes(), reference.familiar());
    LayerFetcher fetcher =
        new LayerFetcher(client.source(reference, logins), content, snapshots, shared, reference);
    return installer
        .install(List.of(blob), List.of(diffId), fetcher, lease, new PullProgress(""))
        .layers()
        .getFirst();
  }

  /** What an image is found by beside its id. */
  private record Names(@Nullable String reference, @Nullable String repoDigest) {}

  private StoredImage image(
      ImageReference reference,
      Names names,
      ManifestSearch.Found found,
      ImageSource source,
      Removal.Lease lease,
      PullProgress progress)
      throws IOException {
    Manifest.Image manifest = found.manifest();
    List<Digest> diffIds = found.diffIds();
    check(reference, manifest, diffIds);
    catalog.requireRoom(manifest.config().digest(), (int) diffIds.stream().distinct().count());
    lease.add(manifest.layers().stream().map(layer -> layer.digest().hex()).toList());
    lease.add(diffIds.stream().map(Digest::hex).toList());
    DiskSpace.check(imagesDir, missing(manifest), reference.familiar());
    LayerFetcher fetcher = new LayerFetcher(source, content, snapshots, shared, reference);
    return commit(
        names, found, installer.install(manifest.layers(), diffIds, fetcher, lease, progress));
  }

  private static void check(
      ImageReference reference, Manifest.Image manifest, List<Digest> diffIds) {
    if (diffIds.size() != manifest.layers().size()) {
      throw new JcomposeException.Corrupt(
          "layers from manifest don't match image configuration: "
              + manifest.layers().size()
              + " layers, "
              + diffIds.size()
              + " diff_ids");
    }
    long different =
        Math.max(
            diffIds.stream().distinct().count(), manifest.layers().stream().distinct().count());
    if (different > STACK_LIMIT) {
      throw new JcomposeException.NotSupported(
          reference.familiar()
              + " has "
              + different
              + " different layers, and Linux stacks at most "
              + STACK_LIMIT
              + " (overlayfs); build it with fewer instructions or squash it");
    }
  }

  private long missing(Manifest.Image manifest) {
    return manifest.layers().stream()
        .distinct()
        .filter(layer -> !content.has(layer.digest(), layer.sizeBytes()))
        .mapToLong(Descriptor::sizeBytes)
        .reduce(0, (sum, size) -> sum + size < 0 ? Long.MAX_VALUE : sum + size);
  }

  private StoredImage commit(
      Names names, ManifestSearch.Found found, LayerInstaller.Installed installed) {
    Manifest.Image manifest = found.manifest();
    Digest id = manifest.config().digest();
    List<Digest> blobs =
        Stream.of(
                found.path().stream(),
                Stream.of(id),
                manifest.layers().stream().map(Descriptor::digest))
            .flatMap(some -> some)
            .toList();
    StoredImage[] result = new StoredImage[1];
    removal.exclusively(
        () -> {
          Optional<StoredImage> before = catalog.byId(id);
          boolean synced =
              before.isPresent() && before.get().unsyncedBoot() == null && !installed.anythingNew();
          StoredImage image =
              new StoredImage(
                      id,
                      found.descriptor(),
                      before.map(StoredImage::references).orElse(List.of()),
                      before.map(StoredImage::repoDigests).orElse(List.of()),
                      union(before.map(StoredImage::blobs).orElse(List.of()), blobs),
                      installed.layers(),
                      synced ? null : Removal.currentBoot(),
                      before.map(StoredImage::taggedAt).orElse(null))
                  .withReference(names.reference, names.repoDigest);
          if (before.isEmpty() || !before.get().equals(image)) {
            catalog.put(image);
          }
          result[0] = image;
        });
    sync.start();
    return result[0];
  }

  private static List<Digest> union(List<Digest> some, List<Digest> more) {
    return Stream.concat(some.stream(), more.stream()).distinct().toList();
  }
}
