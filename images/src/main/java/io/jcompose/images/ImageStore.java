package io.jcompose.images;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.Packing;
import io.jcompose.core.file.FileTrees;
import io.jcompose.core.file.StateFile;
import io.jcompose.images.oci.ImageConfig;
import io.jcompose.images.oci.MemoryBudget;
import io.jcompose.images.oci.Platform;
import io.jcompose.images.pull.Puller;
import io.jcompose.images.push.Pusher;
import io.jcompose.images.registry.RegistryConfig;
import io.jcompose.images.registry.WebClient;
import io.jcompose.images.repository.Repositories;
import io.jcompose.images.repository.RepositoryRecords;
import io.jcompose.images.store.Catalog;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.DiskSpace;
import io.jcompose.images.store.ImageConfigs;
import io.jcompose.images.store.PackedLayers;
import io.jcompose.images.store.Removal;
import io.jcompose.images.store.Snapshots;
import io.jcompose.images.store.StoredImage;
import io.jcompose.images.transfer.Arrival;
import io.jcompose.images.transfer.ImageImporter;
import io.jcompose.images.transfer.ImageLoader;
import io.jcompose.images.transfer.ImageSaver;
import io.jcompose.linux.file.DirectoryFd;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images of one engine, on disk, and the read-write layers of its containers. One process opens
 * a directory at a time (the engine's lock sees to that); the engine closes it. Thread-safe.
 */
public final class ImageStore implements Images, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImageStore.class);

  /** What the configs of a list of images may have together before the rest is shortened. */
  private static final long LIST_BYTES = 4 << 20;

  private static final String LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}";

  private final Path imagesDir;
  private final ContainerLayers containers;
  private final ContentStore content;
  private final Snapshots snapshots;
  private final Catalog catalog;
  private final Removal removal;
  private final Puller puller;
  private final ImageConfigs configs;
  private final PackedLayers packing;
  private final Pusher pusher;
  private final ImageSaver saver;
  private final ImageLoader loader;
  private final ImageImporter importer;
  private final StepResults steps;
  private final Repositories repositories;
  private final Drafts drafts = new Drafts();

  private ImageStore(
      Path imagesDir,
      Path containersDir,
      RegistryConfig config,
      int mostDownloads,
      Function<String, List<String>> users) {
    this.imagesDir = imagesDir;
    this.containers = new ContainerLayers(containersDir);
    MemoryBudget budget = mostDownloads > 0 ? new MemoryBudget(mostDownloads) : new MemoryBudget();
    this.content = new ContentStore(imagesDir, budget);
    this.configs = new ImageConfigs(content);
    this.snapshots = new Snapshots(imagesDir);
    this.catalog = Catalog.open(imagesDir, Removal.currentBoot());
    this.steps = new StepResults(imagesDir, Removal.currentBoot());
    RepositoryRecords served = RepositoryRecords.open(imagesDir);
    this.removal = new Removal(imagesDir, catalog, content, snapshots, steps, served, users);
    this.puller =
        new Puller(imagesDir, catalog, content, snapshots, removal, steps, budget, config);
    this.repositories =
        new Repositories(imagesDir, content, removal, served, budget, puller.client());
    this.packing = new PackedLayers(content, snapshots, catalog, removal);
    this.pusher = new Pusher(catalog, content, packing, removal, puller.client(), repositories);
    this.saver = new ImageSaver(catalog, content, packing, removal);
    Arrival arrival = (name, manifest) -> puller.takeIn(name, manifest).id().toString();
    this.loader = new ImageLoader(content, removal, arrival);
    this.importer = new ImageImporter(content, removal, arrival);
  }

  /**
   * Opens the store and repairs what a crash or power cut left. Takes milliseconds: what must be
   * deleted goes in the background.
   *
   * @param imagesDir {@code <state root>/images}; made when missing
   * @param containersDir {@code <state root>/containers}; made when missing
   * @param users names of the containers, running or not, that use an image id; asked by removals
   */
  public static ImageStore open(
      Path imagesDir,
      Path containersDir,
      RegistryConfig config,
      Function<String, List<String>> users) {
    return open(imagesDir, containersDir, config, 0, users);
  }

  /**
   * @param mostDownloads layers that are fetched at once, of all pulls; 0 leaves it to the store
   */
  public static ImageStore open(
      Path imagesDir,
      Path containersDir,
      RegistryConfig config,
      int mostDownloads,
      Function<String, List<String>> users) {
    try {
      for (String directory : List.of("blobs/sha256", "ingest", "snapshots", "l")) {
        Files.createDirectories(imagesDir.resolve(directory));
      }
      try (DirectoryFd layers = DirectoryFd.open(imagesDir.resolve("snapshots"))) {
        layers.keepDirectoriesApart();
      }
      // Layers hold device nodes and setuid programs, which are no business of local users.
      Files.setPosixFilePermissions(imagesDir, PosixFilePermissions.fromString("rwx------"));
      Files.createDirectories(containersDir);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to make the image store at " + imagesDir, e);
    }
    writeLayout(imagesDir.resolve("oci-layout"));
    ImageStore store = new ImageStore(imagesDir, containersDir, config, mostDownloads, users);
    store.removal.repair();
    store.puller.syncLater();
    return store;
  }

  private static void writeLayout(Path file) {
    Optional<String> present =
        StateFile.load(file, text -> new String(text, StandardCharsets.UTF_8), "it is made anew");
    if (!present.equals(Optional.of(LAYOUT))) {
      StateFile.writeVolatile(file, LAYOUT.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Empty too for an image whose configuration is damaged, so that a pull makes it whole. */
  @Override
  public Optional<ImageView> find(String refOrId) {
    return catalog.find(refOrId).or(() -> drafts.find(refOrId)).flatMap(this::view);
  }

  @Override
  public Optional<ImageView> find(String refOrId, String platform) {
    if (platform.isEmpty()) {
      return find(refOrId);
    }
    List<Platform> fitting = Platform.parse(platform).runnable();
    return find(refOrId).filter(image -> fitting.contains(Platform.parse(image.platform())));
  }

  @Override
  public List<ImageView> list() {
    List<ImageView> views = new ArrayList<>();
    long left = LIST_BYTES;
    for (StoredImage image : catalog.images()) {
      Optional<ImageConfigs.Sized> config = configs.find(image.id());
      if (config.isPresent()) {
        left -= config.get().bytes();
        views.add(view(image, config.get().config(), left > 0));
      }
    }
    views.sort(
        Comparator.comparing(
            image -> image.references().isEmpty() ? "~" : image.references().getFirst()));
    return views;
  }

  @Override
  public ImageView pull(String reference, String platform, Progress progress) {
    Platform.parse(platform); // so that what is none is told before anything is asked for
    StoredImage image = puller.pull(ImageReference.parse(reference), platform, progress);
    LOG.info("image {} pulled: {}", reference, image.id());
    return view(image)
        .orElseThrow(
            () ->
                new JcomposeException.Corrupt(
                    "the config of image "
                        + image.id()
                        + " is missing or damaged; remove the image and pull it again"));
  }

  @Override
  public Pushed push(String reference, Progress progress) {
    return push(reference, Packing.DEFAULT, progress);
  }

  @Override
  public Pushed push(String reference, Packing packing, Progress progress) {
    ImageReference name = ImageReference.parse(reference);
    Pushed pushed = explained("pushing " + reference, () -> pusher.push(name, packing, progress));
    LOG.info("image {} pushed: {}", reference, pushed.digest());
    return pushed;
  }

  @Override
  public void save(List<String> refsOrIds, OutputStream out) throws IOException {
    saver.save(refsOrIds, out);
    LOG.info("images saved: {}", refsOrIds);
  }

  @Override
  public void export(Export what, OutputStream out) throws IOException {
    saver.export(what, out);
    LOG.info("image {} exported", what.imageId());
  }

  @Override
  public List<Loaded> load(InputStream in) {
    List<Loaded> loaded = explained("loading images", () -> loader.load(in));
    LOG.info("images loaded: {}", loaded);
    return loaded;
  }

  @Override
  public String importRoot(InputStream in, Import options) {
    String name = options.reference();
    String id =
        explained(
            "importing an image",
            () ->
                importer.make(
                    in,
                    options.platform(),
                    options.message(),
                    config -> ConfigChanges.apply(config, options.changes()),
                    name.isEmpty() ? null : ImageReference.parse(name)));
    LOG.info("image {} imported: {}", name, id);
    return id;
  }

  private <T> T explained(String work, Callable<T> action) {
    try {
      return action.call();
    } catch (JcomposeException e) {
      throw e;
    } catch (IOException e) {
      throw DiskSpace.explain(new UncheckedIOException(e), imagesDir, work);
    } catch (RuntimeException e) {
      throw DiskSpace.explain(e, imagesDir, work);
    } catch (Exception e) {
      throw new JcomposeException.Internal(work + " failed", e);
    }
  }

  @Override
  public String pinned(String reference, RegistryLogins logins) {
    ImageReference image = ImageReference.parse(reference);
    return image.digest() != null ? reference : image + "@" + puller.digest(image, logins);
  }

  @Override
  public Published published(String reference, RegistryLogins logins) {
    return puller.published(ImageReference.parse(reference), logins);
  }

  @Override
  public List<SearchResult> search(String term, int limit, RegistryLogins logins) {
    return puller.client().search(term, limit, logins);
  }

  @Override
  public List<String> registries(String reference) {
    return puller.client().registries(ImageReference.parse(reference).domain());
  }

  @Override
  public RegistryLogins.Login checkLogin(String registry, RegistryLogins.Login login) {
    return puller.client().checkLogin(registry, login);
  }

  @Override
  public List<String> remove(String refOrId, boolean force) {
    List<String> lines = removal.remove(refOrId, force);
    LOG.info("image {} removed: {}", refOrId, lines);
    return lines;
  }

  @Override
  public void tag(String refOrId, String reference) {
    removal.tag(refOrId, ImageReference.parse(reference));
    LOG.info("image {} is also called {}", refOrId, reference);
  }

  @Override
  public Optional<ImageDetails> details(String refOrId) {
    return catalog.find(refOrId).flatMap(this::details);
  }

  private Optional<ImageDetails> details(StoredImage image) {
    List<LayerSize> layers =
        image.layers().stream()
            .map(layer -> new LayerSize(layer.snapshot(), layer.sizeBytes()))
            .toList();
    List<LayerSize> blobs =
        image.blobs().stream()
            .distinct()
            .map(blob -> new LayerSize(blob.toString(), Math.max(0, content.size(blob))))
            .toList();
    return content
        .load(image.id(), text -> new String(text, StandardCharsets.UTF_8))
        .map(config -> new ImageDetails(config, layers, blobs, image.taggedAt()));
  }

  @Override
  public DiskUse diskUse() {
    long layers =
        catalog.images().stream()
            .flatMap(image -> image.layers().stream())
            .collect(
                Collectors.toMap(
                    StoredImage.Layer::snapshot, StoredImage.Layer::sizeBytes, (a, b) -> a))
            .values()
            .stream()
            .mapToLong(Long::longValue)
            .sum();
    long blobs =
        FileTrees.bytes(imagesDir.resolve("blobs")) + FileTrees.bytes(imagesDir.resolve("ingest"));
    return new DiskUse(layers, blobs);
  }

  @Override
  public Pruned prune(boolean all) {
    Pruned pruned = removal.prune(all);
    LOG.info("images pruned, {} bytes: {}", pruned.reclaimedBytes(), pruned.removed());
    return pruned;
  }

  /**
   * Makes a container's read-write layer on an image. The engine has recorded that the container
   * uses the image before, so that {@code users} knows it. Doing it again succeeds.
   *
   * @param limitBytes what the layer may hold; 0 is no limit
   * @return the root file system, target {@code /}
   * @throws JcomposeException.NotFound when there is no such image
   */
  public Mount.Overlay createLayer(String containerId, String imageId, long limitBytes) {
    List<Path> lower = lower(imageId);
    containers.create(containerId, limitBytes);
    return containers.mount(containerId, lower);
  }

  /**
   * Asks whether layers can be limited here.
   *
   * @throws JcomposeException.NotSupported when not, saying what is missing
   */
  public void checkLayerLimit() {
    containers.checkLimit();
  }

  /** The root file system of a container made before. */
  public Mount.Overlay layer(String containerId, String imageId) {
    return containers.mount(containerId, lower(imageId));
  }

  /**
   * Makes an image of another one and a layer on it. The layer's directory must not change
   * meanwhile.
   *
   * @param edit changes the parent's config (its {@code config} member, with Docker's keys)
   * @param name null leaves the image without one
   * @return the image's id
   * @throws JcomposeException.NotFound when there is no such parent
   * @throws JcomposeException.Cancelled when it was given up
   */
  public String commit(
      String parentId,
      LayerFiles files,
      Authorship authorship,
      Consumer<ObjectNode> edit,
      @Nullable ImageReference name) {
    return new Commit(imagesDir, content, packing, removal, puller)
        .make(image(parentId), files, authorship, edit, name)
        .id()
        .toString();
  }

  /** Files of the web, by the way that images come. */
  public WebClient web() {
    return puller.client().web();
  }

  /** What a builder works with; the caller closes it. */
  public BuildLayers building() {
    return new BuildLayers(imagesDir, content, snapshots, catalog, removal, puller, steps, drafts);
  }

  /** Results of steps outside of this engine. */
  public StepCaches stepCaches() {
    return new StepCaches(content, removal, puller, pusher, saver);
  }

  /** What this engine's own registry serves. */
  public Repositories repositories() {
    return repositories;
  }

  /** The steps of builds whose results are kept. */
  public List<Builds.CacheEntry> steps() {
    return steps.entries(removal.ofImages());
  }

  /**
   * Forgets steps of builds, the least recently used first.
   *
   * @param keepBytes what those that no image has may take
   * @param which may go
   */
  public Pruned pruneSteps(long keepBytes, Predicate<Builds.CacheEntry> which) {
    return removal.pruneSteps(keepBytes, which);
  }

  /** Removes a container's read-write layer; removing what is gone succeeds. */
  public void removeLayer(String containerId) {
    containers.remove(containerId);
  }

  /**
   * The directories of an image's layers, topmost first, each once, real paths without links; as
   * {@link StoredImage#stack} has them.
   */
  public List<Path> layers(String imageId) {
    return image(imageId).stack().stream().map(snapshots::files).toList();
  }

  @Override
  public void close() {
    repositories.close();
    puller.close();
  }

  private List<Path> lower(String imageId) {
    List<Path> lower = image(imageId).stack().stream().map(snapshots::link).toList();
    return lower.isEmpty() ? List.of(snapshots.empty()) : lower;
  }

  private StoredImage image(String imageId) {
    return catalog
        .find(imageId)
        .or(() -> drafts.find(imageId))
        .orElseThrow(() -> new JcomposeException.NotFound("No such image: " + imageId));
  }

  private Optional<ImageView> view(StoredImage image) {
    return configs.find(image.id()).map(sized -> view(image, sized.config(), true));
  }

  // NullAway does not see the @Nullable of a nested type in a class file's record (health).
  @SuppressWarnings("NullAway")
  private static ImageView view(StoredImage image, ImageConfig config, boolean whole) {
    return new ImageView(
        image.id().toString(),
        image.references().stream().map(name -> ImageReference.parse(name).familiar()).toList(),
        image.repoDigests().stream().map(name -> ImageReference.parse(name).familiar()).toList(),
        image.sizeBytes(),
        config.createdAt(),
        config.platform().toString(),
        whole ? config.entrypoint() : List.of(),
        whole ? config.command() : List.of(),
        whole ? config.env() : List.of(),
        whole ? config.workingDir() : "",
        whole ? config.user() : "",
        whole ? config.ports() : List.of(),
        whole ? config.volumes() : List.of(),
        whole ? config.labels() : Map.of(),
        whole ? config.stopSignal() : "",
        whole ? config.health() : null,
        whole ? config.shell() : List.of());
  }
}
