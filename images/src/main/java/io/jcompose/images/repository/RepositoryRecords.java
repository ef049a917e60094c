package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.StateFile;
import io.jcompose.images.store.BlobOwner;
import io.jcompose.images.store.ContentStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All repositories, in memory and in {@code repositories/}, a file each, named by a hash of its
 * name; and which blobs were uploaded to them a while ago and are in no manifest yet, in memory
 * only. Thread-safe.
 */
public final class RepositoryRecords implements BlobOwner {
  /** What all may take of the heap, in bytes. */
  private static final long MEMORY = Runtime.getRuntime().maxMemory() / 8;

  /** What those of other registries may take of it. */
  private static final long FETCHED_MEMORY = MEMORY / 2;

  /** How long an uploaded blob waits for its manifest. */
  private static final long LINK_NANOS = Duration.ofHours(24).toNanos();

  private static final int MOST_LINKS = 50_000;
  private static final int MOST_TAGS = 10_000;
  private static final String SUFFIX = ".json";

  private final Path directory;
  private final Map<RepositoryName, Repository> byName = new ConcurrentSkipListMap<>();
  private final Map<Link, Long> links = new ConcurrentHashMap<>(); // until when, in nanoseconds

  private record Link(RepositoryName repository, Digest blob) {}

  private RepositoryRecords(Path directory) {
    this.directory = directory;
  }

  /** Reads all records; one that is damaged is set aside. */
  public static RepositoryRecords open(Path imagesDir) {
    RepositoryRecords records = new RepositoryRecords(imagesDir.resolve("repositories"));
    for (Path file : files(records.directory)) {
      StateFile.load(
              file, RepositoryJson::of, "what was pushed to that repository is to be pushed again")
          .ifPresent(one -> records.byName.put(one.name(), one));
    }
    return records;
  }

  private static List<Path> files(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<Path> records = new ArrayList<>();
    try (Stream<Path> all = Files.list(directory)) {
      for (Path file : all.toList()) {
        if (StateFile.isLeftover(file)) {
          Files.deleteIfExists(file);
        } else if (file.toString().endsWith(SUFFIX)) {
          records.add(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read " + directory, e);
    }
    return records;
  }

  Optional<Repository> find(RepositoryName name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** By name. */
  Collection<Repository> all() {
    return List.copyOf(byName.values());
  }

  /**
   * Changes a repository, on the disk for sure; an empty one is made for the change, and one
   * without manifests goes.
   *
   * @throws JcomposeException.Unavailable when the disk or the memory for them is full
   */
  synchronized Repository change(RepositoryName name, UnaryOperator<Repository> change) {
    Repository before = byName.getOrDefault(name, Repository.empty(name));
    Repository after = change.apply(before);
    if (after.manifests().isEmpty()) {
      StateFile.delete(file(name));
      byName.remove(name);
    } else if (!after.equals(before)) {
      requireRoom(before, after);
      StateFile.write(file(name), RepositoryJson.text(after));
      byName.put(name, after);
    }
    return after;
  }

  private void requireRoom(Repository before, Repository after) {
    long more = after.memoryBytes() - before.memoryBytes();
    if (more > 0 && memory() + more > MEMORY) {
      throw new JcomposeException.Unavailable(
          "the list of the registry's manifests is full: it may take %d KiB of memory; remove tags that nobody needs"
              .formatted(MEMORY >> 10));
    }
    if (after.isFetched() && more > 0 && fetchedMemory() + more > FETCHED_MEMORY) {
      throw new JcomposeException.Unavailable(
          "the list of what was fetched is full: it may take %d KiB of memory; 'jcompose registry rm' what nobody needs"
              .formatted(FETCHED_MEMORY >> 10));
    }
    if (after.tags().size() > MOST_TAGS && after.tags().size() > before.tags().size()) {
      throw new JcomposeException.Unavailable(
          "repository %s has %d tags, which is the limit; remove some"
              .formatted(after.name(), MOST_TAGS));
    }
  }

  /** True when the records of other registries' repositories leave room for more. */
  boolean hasRoomForFetched() {
    return fetchedMemory() < FETCHED_MEMORY - FETCHED_MEMORY / 8;
  }

  /**
   * Takes out the repository of another registry whose last use is the longest ago.
   *
   * @param kept is never taken
   * @param limit what was used later is not, either
   */
  synchronized Optional<Repository> dropOldestFetched(RepositoryName kept, Instant limit) {
    Optional<Repository> oldest =
        byName.values().stream()
            .filter(one -> one.isFetched() && !one.name().equals(kept))
            .filter(one -> one.usedAt().isBefore(limit))
            .min(Comparator.comparing(Repository::usedAt));
    oldest.ifPresent(one -> change(one.name(), all -> all.without(all.manifests().keySet())));
    return oldest;
  }

  private long fetchedMemory() {
    return byName.values().stream()
        .filter(Repository::isFetched)
        .mapToLong(Repository::memoryBytes)
        .sum();
  }

  private long memory() {
    return byName.values().stream().mapToLong(Repository::memoryBytes).sum();
  }

  /** Remembers that a repository has got a blob, for a day. */
  void link(RepositoryName repository, Digest blob) {
    if (links.size() >= MOST_LINKS) {
      throw new JcomposeException.Unavailable(
          MOST_LINKS + " uploaded blobs wait for their manifests, which is the limit");
    }
    links.put(new Link(repository, blob), System.nanoTime() + LINK_NANOS);
  }

  /** Forgets blobs that have waited for their manifests for too long. */
  Set<Digest> expireLinks() {
    long now = System.nanoTime();
    Set<Digest> expired = new HashSet<>();
    links.forEach(
        (link, until) -> {
          if (until - now <= 0) {
            expired.add(link.blob);
          }
        });
    links.values().removeIf(until -> until - now <= 0);
    return expired;
  }

  void unlink(RepositoryName repository, Digest blob) {
    links.remove(new Link(repository, blob));
  }

  /** True when the repository may be asked for the blob. */
  boolean has(RepositoryName repository, Digest blob) {
    return isLinked(repository, blob) || find(repository).filter(one -> one.has(blob)).isPresent();
  }

  private boolean isLinked(RepositoryName repository, Digest blob) {
    Long until = links.get(new Link(repository, blob));
    return until != null && until - System.nanoTime() > 0;
  }

  /** Some repository that has the blob; null for none. */
  @Nullable RepositoryName holder(Digest blob) {
    for (Repository one : byName.values()) {
      if (one.has(blob)) {
        return one.name();
      }
    }
    return links.keySet().stream()
        .filter(link -> link.blob.equals(blob))
        .map(Link::repository)
        .findFirst()
        .orElse(null);
  }

  @Override
  public Set<String> blobs() {
    Set<String> owned = new HashSet<>();
    for (Repository one : byName.values()) {
      one.content().keySet().forEach(blob -> owned.add(blob.hex()));
    }
    long now = System.nanoTime();
    links.forEach(
        (link, until) -> {
          if (until - now > 0) {
            owned.add(link.blob.hex());
          }
        });
    return owned;
  }

  private Path file(RepositoryName name) {
    byte[] text = name.text().getBytes(StandardCharsets.UTF_8);
    return directory.resolve(ContentStore.digestOf(text).hex() + SUFFIX);
  }
}
