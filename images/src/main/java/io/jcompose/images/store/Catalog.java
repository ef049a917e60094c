package io.jcompose.images.store;

import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.StateFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The list of the images that are complete. Those that the disk has for sure are in {@code
 * images.json} and its copy, which are only ever replaced durably; those that a power cut may take
 * are in {@code images.new.json}, which it may take too. Beside them the same is there as an OCI
 * image layout's {@code index.json} for other tools. Reads never wait; writes are the caller's to
 * serialise ({@link Removal} has the lock).
 */
public final class Catalog {
  private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);
  private static final int ID_HEX_LENGTH = 64;

  private static final String LIST = "images.json";
  private static final String COPY = "images.copy.json";
  private static final String NEW = "images.new.json";

  /** What the list may take of the engine's memory, in bytes; writing it takes about as much. */
  private static final long MEMORY = Runtime.getRuntime().maxMemory() / 8;

  private final Path directory;
  private final boolean complete;
  private final List<StoredImage> lost;
  private volatile Map<String, StoredImage> byId;
  private volatile Map<String, StoredImage> byName;
  private List<StoredImage> listed; // in images.json
  private List<StoredImage> news; // in images.new.json
  private boolean copied = true;
  private long memory = MEMORY;

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
  public static Catalog open(Path directory, String boot) {
    StateFile.removeLeftovers(directory);
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
    CatalogJson.read(text, LIST, image -> add(images, image));
    names(images.values());
    return images;
  }

  /** The same with another limit on the memory that the list may take. */
  public Catalog limited(long bytes) {
    memory = bytes;
    return this;
  }

  /**
   * Refuses what the engine would have no room for, now and at each start: each image is one more
   * for ever, and may have hundreds of layers. Which images there are is not changed by it.
   *
   * @throws JcomposeException.Unavailable saying what to do
   */
  public void requireRoom(Digest id, int layers) {
    long taken = byId.values().stream().mapToLong(StoredImage::memoryBytes).sum();
    if (!byId.containsKey(id.toString()) && taken + StoredImage.memoryBytes(layers) > memory) {
      throw new JcomposeException.Unavailable(
          "the list of the engine's %d images is full: it may take %d KiB of memory; 'jcompose system prune -a' removes images without a container"
              .formatted(byId.size(), memory >> 10));
    }
  }

  /** False when it is not known which images there are, so that nothing may count as unowned. */
  public boolean isComplete() {
    return complete;
  }

  public Collection<StoredImage> images() {
    return byId.values();
  }

  public Optional<StoredImage> byId(Digest id) {
    return Optional.ofNullable(byId.get(id.toString()));
  }

  /** The image of a reference, a full id, or a unique prefix of an id's hex digits. */
  public Optional<StoredImage> find(String refOrId) {
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
  public void put(StoredImage image) {
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

  public void remove(Digest id) {
    Map<String, StoredImage> images = new LinkedHashMap<>(byId);
    images.remove(id.toString());
    storeAll(images);
  }

  /** Images that were not on disk yet when the power went. */
  public List<StoredImage> lost() {
    return lost;
  }

  /** Takes the lost ones off the disk's list. */
  public void forgetLost() {
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
    byte[] content = CatalogJson.list(sure);
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
      StateFile.writeVolatile(directory.resolve(NEW), CatalogJson.list(unsure));
      news = unsure;
    }
  }

  private void publish(Map<String, StoredImage> images) {
    byId = images;
    byName = names(images.values());
    try {
      StateFile.writeVolatile(
          directory.resolve("index.json"), CatalogJson.layoutIndex(images.values()));
    } catch (JcomposeException.Unavailable | UncheckedIOException e) {
      LOG.warn(
          "failed to write index.json, which other tools read; the next change tries again", e);
    }
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
