package io.jcompose.images.store;

import io.jcompose.core.Digest;
import io.jcompose.core.Ids;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.Builds.CacheEntry;
import io.jcompose.core.file.FileTrees;
import io.jcompose.core.file.StateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes images and content out of the store. Its lock serialises every change of the {@link
 * Catalog}; content that a pull in progress has leased is left alone. Thread-safe.
 */
public final class Removal {
  private static final Logger LOG = LoggerFactory.getLogger(Removal.class);
  private static final Duration UNOWNED_LIFE = Duration.ofHours(24);
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private final Path imagesDir;
  private final Catalog catalog;
  private final ContentStore content;
  private final Snapshots snapshots;
  private final StepLayers steps;
  private final BlobOwner served;
  private final Function<String, List<String>> users;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Integer> leases = new HashMap<>();

  public Removal(
      Path imagesDir,
      Catalog catalog,
      ContentStore content,
      Snapshots snapshots,
      StepLayers steps,
      BlobOwner served,
      Function<String, List<String>> users) {
    this.imagesDir = imagesDir;
    this.catalog = catalog;
    this.content = content;
    this.snapshots = snapshots;
    this.steps = steps;
    this.served = served;
    this.users = users;
  }

  /** Runs a change of the catalog alone. */
  public void exclusively(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }

  /** Keeps what a pull or commit uses from being removed, until it is closed. */
  public Lease lease() {
    return new Lease();
  }

  /** Names of blobs and snapshots that no removal takes. Thread-safe. */
  public final class Lease implements AutoCloseable {
    private final List<String> names = new ArrayList<>(); // guarded by the lock
    private final List<Digest> passing = new ArrayList<>(); // guarded by the lock

    /** Adds names, before what they name is looked for or made. */
    public void add(Collection<String> more) {
      exclusively(
          () -> {
            names.addAll(more);
            more.forEach(name -> leases.merge(name, 1, Integer::sum));
          });
    }

    public void add(Digest digest) {
      add(List.of(digest.hex()));
    }

    /**
     * Has a blob removed at the close, unless somebody else is at work with it: one that was made
     * for this work alone, whose name an image has. After a crash the next start removes it.
     */
    void removeAfterwards(Digest blob) {
      exclusively(
          () -> {
            passing.add(blob);
            content.mark(blob);
          });
    }

    @Override
    public void close() {
      exclusively(
          () -> {
            for (String name : names) {
              leases.computeIfPresent(name, (key, n) -> n == 1 ? null : n - 1);
            }
            names.clear();
            passing.stream()
                .filter(blob -> !leases.containsKey(blob.hex()))
                .forEach(content::remove);
            passing.forEach(content::unmark);
            passing.clear();
          });
    }
  }

  public static String currentBoot() {
    return StateFile.read(BOOT_ID)
        .map(text -> new String(text, StandardCharsets.US_ASCII).strip())
        .orElse("unknown");
  }

  /** Docker's rmi. */
  public List<String> remove(String refOrId, boolean force) {
    List<String> lines = new ArrayList<>();
    List<Path> trash = new ArrayList<>();
    exclusively(() -> remove(refOrId, force, lines, trash));
    trash.forEach(snapshots::delete);
    return lines;
  }

  private void remove(String refOrId, boolean force, List<String> lines, List<Path> trash) {
    StoredImage image =
        catalog
            .find(refOrId)
            .orElseThrow(() -> new JcomposeException.NotFound("No such image: " + named(refOrId)));
    Optional<String> reference = reference(image, refOrId);
    if (reference.isPresent() && image.references().size() > 1) {
      List<String> rest = new ArrayList<>(image.references());
      rest.remove(reference.get());
      catalog.put(image.withReferences(rest, digestsOf(image, rest)));
      lines.add("Untagged: " + familiar(reference.get()));
      return;
    }
    if (reference.isEmpty() && image.references().size() > 1 && !force) {
      throw new JcomposeException.Conflict(
          "conflict: unable to delete "
              + Ids.brief(image.id().hex())
              + " (must be forced) - image is referenced in multiple repositories");
    }
    List<String> inUse = users.apply(image.id().toString());
    if (!inUse.isEmpty() && (!force || image.references().isEmpty())) {
      throw inUse(image, refOrId, reference.isPresent(), inUse);
    }
    image.references().forEach(name -> lines.add("Untagged: " + familiar(name)));
    image.repoDigests().forEach(name -> lines.add("Untagged: " + familiar(name)));
    if (inUse.isEmpty()) {
      delete(image, lines, trash);
    } else {
      catalog.put(image.withReferences(List.of(), List.of()));
    }
  }

  /** Docker's tag. */
  public void tag(String refOrId, ImageReference name) {
    if (name.digest() != null) {
      throw new JcomposeException.InvalidArgument(
          "refusing to create a tag with a digest reference: " + name);
    }
    exclusively(
        () -> {
          StoredImage image =
              catalog
                  .find(refOrId)
                  .orElseThrow(() -> new JcomposeException.NotFound("No such image: " + refOrId));
          catalog.put(image.tagged(name.toString(), Instant.now()));
        });
  }

  private static JcomposeException inUse(
      StoredImage image, String refOrId, boolean byReference, List<String> inUse) {
    String id = Ids.brief(image.id().hex());
    String containers = String.join(", ", inUse);
    return new JcomposeException.Conflict(
        byReference
            ? "conflict: unable to remove repository reference \"%s\" (must force) - container %s is using its referenced image %s"
                .formatted(refOrId, containers, id)
            : "conflict: unable to delete %s (must be forced) - image is being used by container %s"
                .formatted(id, containers));
  }

  private long delete(StoredImage image, List<String> lines, List<Path> trash) {
    catalog.remove(image.id());
    lines.add("Deleted: " + image.id());
    Set<String> owned = owned();
    long freed = 0;
    for (Digest blob : image.blobs()) {
      if (!owned.contains(blob.hex())) {
        freed += content.remove(blob);
      }
    }
    for (StoredImage.Layer layer : image.layers().reversed()) {
      if (!owned.contains(layer.snapshot())) {
        Optional<Path> retired = snapshots.retire(layer.snapshot());
        if (retired.isPresent()) {
          trash.add(retired.get());
          freed += layer.sizeBytes();
          lines.add("Deleted: " + layer.diffId());
        }
      }
    }
    return freed;
  }

  /** Removes unused images (all, or those without a name) and what nobody owns. */
  public Images.Pruned prune(boolean all) {
    List<String> lines = new ArrayList<>();
    List<Path> trash = new ArrayList<>();
    long[] freed = {0};
    exclusively(
        () -> {
          for (StoredImage image : List.copyOf(catalog.images())) {
            boolean wanted = all || image.references().isEmpty();
            if (wanted && users.apply(image.id().toString()).isEmpty()) {
              image.references().forEach(name -> lines.add("untagged: " + familiar(name)));
              image.repoDigests().forEach(name -> lines.add("untagged: " + familiar(name)));
              List<String> deleted = new ArrayList<>();
              freed[0] += delete(image, deleted, trash);
              deleted.forEach(line -> lines.add(line.replace("Deleted:", "deleted:")));
            }
          }
          if (catalog.isComplete()) {
            freed[0] += sweep(Duration.ZERO, trash);
          }
        });
    trash.forEach(snapshots::delete);
    return new Images.Pruned(lines, freed[0]);
  }

  /** Removes blobs that were made for an image that has not become one. */
  public void removeUnowned(Collection<Digest> blobs) {
    exclusively(
        () -> {
          Set<String> owned = owned();
          blobs.stream().filter(blob -> !owned.contains(blob.hex())).forEach(content::remove);
        });
  }

  /** Puts right what a crash, a power cut or an upgrade left; deletes in the background. */
  public void repair() {
    List<Path> trash = new ArrayList<>();
    exclusively(
        () -> {
          if (!catalog.lost().isEmpty()) {
            LOG.warn(
                "{} images were not yet on disk when the power went; they will be pulled again",
                catalog.lost().size());
            catalog.forgetLost();
            removeBlobs(catalog.lost());
          }
          content.removeMarked();
          if (catalog.isComplete()) {
            sweep(UNOWNED_LIFE, trash);
          } else {
            LOG.error("nothing of {} is swept, for containers may use it", imagesDir);
          }
        });
    if (!trash.isEmpty()) {
      Thread.ofPlatform()
          .name("images-sweep")
          .daemon()
          .start(() -> trash.forEach(this::deleteQuietly));
    }
  }

  /** Their blobs may have the right size and zeros in them. */
  private void removeBlobs(List<StoredImage> lost) {
    Set<String> owned = owned();
    for (StoredImage image : lost) {
      image.blobs().stream().filter(b -> !owned.contains(b.hex())).forEach(content::remove);
    }
  }

  private void deleteQuietly(Path directory) {
    try {
      snapshots.delete(directory);
    } catch (RuntimeException e) {
      LOG.warn("failed to delete {}, the next start tries again", directory, e);
    }
  }

  private long sweep(Duration life, List<Path> trash) {
    Set<String> owned = owned();
    Instant limit = Instant.now().minus(life);
    long freed = 0;
    try {
      for (Path stray : snapshots.strays(owned)) {
        if (isFinished(stray) && isYoung(stray, limit)) {
          continue;
        }
        freed += snapshots.details(name(stray)).map(Snapshots.Details::sizeBytes).orElse(0L);
        if (name(stray).startsWith(Snapshots.TRASH)) {
          trash.add(snapshots.claim(stray));
        } else {
          snapshots.retire(name(stray)).ifPresent(trash::add);
        }
      }
      freed += sweepFiles(imagesDir.resolve("blobs/sha256"), owned, limit);
      if (Files.isDirectory(imagesDir.resolve("blobs/sha512"))) {
        freed += sweepFiles(imagesDir.resolve("blobs/sha512"), owned, limit);
      }
      freed += sweepFiles(imagesDir.resolve("ingest"), owned, limit);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to sweep " + imagesDir, e);
    }
    return freed;
  }

  private boolean isFinished(Path stray) {
    return !name(stray).startsWith(".")
        && snapshots
            .details(name(stray))
            .filter(details -> details.boot().equals(currentBoot()))
            .isPresent();
  }

  private static boolean isYoung(Path path, Instant limit) throws IOException {
    try {
      return Files.getLastModifiedTime(path).toInstant().isAfter(limit);
    } catch (NoSuchFileException e) {
      return true; // it has got its name meanwhile
    }
  }

  private long sweepFiles(Path directory, Set<String> owned, Instant limit) throws IOException {
    long freed = 0;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        String name = name(file);
        String[] parts = name.split("-"); // of an ingest file: algorithm, digest, registry
        String hex = parts.length > 1 ? parts[1] : name;
        boolean garbage =
            ContentStore.isScratch(name) // known to a writer of this process, or to nobody
                ? !content.isScratchInUse(name)
                : !owned.contains(hex) && !isYoung(file, limit);
        if (garbage) {
          freed += bytes(file);
          FileTrees.delete(file);
        }
      }
    }
    return freed;
  }

  /** A scratch that nobody uses any more may have got its name after it was listed. */
  private static long bytes(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  private Set<String> owned() {
    Set<String> owned = new HashSet<>(leases.keySet());
    owned.addAll(steps.snapshots());
    owned.addAll(served.blobs());
    for (StoredImage image : catalog.images()) {
      image.blobs().forEach(blob -> owned.add(blob.hex()));
      image.layers().forEach(layer -> owned.add(layer.snapshot()));
    }
    return owned;
  }

  /** Snapshots that images have. */
  public Set<String> ofImages() {
    return catalog.images().stream()
        .flatMap(image -> image.layers().stream())
        .map(StoredImage.Layer::snapshot)
        .collect(Collectors.toSet());
  }

  /** Forgets steps of builds beyond so many bytes, and removes their layers. */
  public Images.Pruned pruneSteps(long keepBytes, Predicate<CacheEntry> which) {
    List<String> lines = new ArrayList<>();
    List<Path> trash = new ArrayList<>();
    long[] freed = {0};
    exclusively(
        () -> {
          Set<String> before = steps.snapshots();
          steps.shrink(keepBytes, ofImages(), which).forEach(step -> lines.add(step.id()));
          Set<String> owned = owned();
          for (String snapshot : before) {
            if (!owned.contains(snapshot)) {
              freed[0] += snapshots.details(snapshot).map(Snapshots.Details::sizeBytes).orElse(0L);
              snapshots.retire(snapshot).ifPresent(trash::add);
            }
          }
        });
    trash.forEach(snapshots::delete);
    return new Images.Pruned(lines, freed[0]);
  }

  private static Optional<String> reference(StoredImage image, String text) {
    return image.references().stream()
        .filter(name -> name.equals(text) || sameReference(name, text))
        .findFirst();
  }

  private static boolean sameReference(String name, String text) {
    try {
      return ImageReference.parse(text).toString().equals(name);
    } catch (JcomposeException.InvalidArgument e) {
      return false;
    }
  }

  private static List<String> digestsOf(StoredImage image, List<String> references) {
    Set<String> repositories = new HashSet<>();
    for (String reference : references) {
      ImageReference parsed = ImageReference.parse(reference);
      repositories.add(parsed.domain() + "/" + parsed.path());
    }
    return image.repoDigests().stream()
        .filter(name -> repositories.contains(name.substring(0, name.indexOf('@'))))
        .toList();
  }

  private static String named(String text) {
    try {
      return ImageReference.parse(text).familiar();
    } catch (JcomposeException.InvalidArgument e) {
      return text;
    }
  }

  private static String familiar(String reference) {
    return ImageReference.parse(reference).familiar();
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }
}
