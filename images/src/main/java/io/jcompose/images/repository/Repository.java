package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One repository: its manifests, and the tags that name some of them. Immutable.
 *
 * @param tags in the order of their text
 * @param fetched of a repository of another registry the blobs that came from there, or that it
 *     said it has; null for one that is pushed to
 */
public record Repository(
    RepositoryName name,
    SortedMap<String, Digest> tags,
    Map<Digest, ServedManifest> manifests,
    @Nullable Set<Digest> fetched) {
  public Repository {
    tags = Collections.unmodifiableSortedMap(tags);
    manifests = Collections.unmodifiableMap(manifests);
    fetched = fetched == null ? null : Collections.unmodifiableSet(fetched);
  }

  static Repository empty(RepositoryName name) {
    return new Repository(name, new TreeMap<>(), Map.of(), null);
  }

  /** The same as one of another registry; only of one that has nothing yet. */
  Repository asFetched() {
    if (!isFetched() && !manifests.isEmpty()) {
      throw new JcomposeException.Conflict(
          "repository " + name + " was pushed to, so that nothing is fetched into it");
    }
    return isFetched() ? this : new Repository(name, tags, manifests, Set.of());
  }

  /** True for one of another registry, whose content is fetched and never pushed. */
  public boolean isFetched() {
    return fetched != null;
  }

  /** The manifest that a tag or digest names. */
  public Optional<ServedManifest> find(ManifestReference reference) {
    Digest digest =
        switch (reference) {
          case ManifestReference.Tag tag -> tags.get(tag.text());
          case ManifestReference.ByDigest given -> given.digest();
        };
    return digest == null ? Optional.empty() : Optional.ofNullable(manifests.get(digest));
  }

  /** True when one of its manifests names the blob. */
  public boolean names(Digest blob) {
    return manifests.values().stream()
        .anyMatch(one -> one.blobs().stream().anyMatch(layer -> layer.digest().equals(blob)));
  }

  /**
   * True when the blob may be had by this name: of one that is fetched it is not enough that a
   * manifest names it, for its registry may name what it does not have.
   */
  boolean has(Digest blob) {
    return fetched == null ? names(blob) : fetched.contains(blob);
  }

  /** The descriptor by which one of its manifests names a blob. */
  Optional<Descriptor> descriptor(Digest blob) {
    return manifests.values().stream()
        .flatMap(one -> one.blobs().stream())
        .filter(one -> one.digest().equals(blob))
        .findFirst();
  }

  /** All that it keeps in the store, with its size in bytes: manifests, and the blobs it has. */
  Map<Digest, Long> content() {
    Map<Digest, Long> content = new LinkedHashMap<>();
    for (ServedManifest one : manifests.values()) {
      content.put(one.digest(), one.sizeBytes());
      for (Descriptor blob : one.blobs()) {
        if (fetched == null || fetched.contains(blob.digest())) {
          content.put(blob.digest(), blob.sizeBytes());
        }
      }
    }
    return content;
  }

  /** Those that are about a manifest, the first pushed first. */
  public List<ServedManifest> referrers(Digest subject) {
    return manifests.values().stream().filter(one -> subject.equals(one.subject())).toList();
  }

  Repository with(ServedManifest manifest, List<String> newTags) {
    Map<Digest, ServedManifest> all = new LinkedHashMap<>(manifests);
    all.put(manifest.digest(), manifest);
    SortedMap<String, Digest> named = new TreeMap<>(tags);
    newTags.forEach(tag -> named.put(tag, manifest.digest()));
    return new Repository(name, named, all, fetched);
  }

  /** With a blob that came from its registry; without it where no manifest names it any more. */
  Repository withFetched(Digest blob) {
    if (fetched == null || !names(blob)) {
      return this;
    }
    Set<Digest> more = new HashSet<>(fetched);
    more.add(blob);
    return new Repository(name, tags, manifests, more);
  }

  Repository withoutTag(String tag) {
    SortedMap<String, Digest> rest = new TreeMap<>(tags);
    rest.remove(tag);
    return new Repository(name, rest, manifests, fetched);
  }

  Repository without(Set<Digest> gone) {
    SortedMap<String, Digest> rest = new TreeMap<>(tags);
    rest.values().removeIf(gone::contains);
    Map<Digest, ServedManifest> left = new LinkedHashMap<>(manifests);
    left.keySet().removeAll(gone);
    Repository after = new Repository(name, rest, left, fetched);
    if (fetched == null) {
      return after;
    }
    Set<Digest> had = new HashSet<>(fetched);
    had.removeIf(blob -> !after.names(blob));
    return new Repository(name, rest, left, had);
  }

  /**
   * Manifests that nothing keeps: no tag, no index that is kept, nor, for one about another, that
   * one. What is fetched can be fetched again, so that nothing but its use keeps it.
   *
   * @param isOld of those, which may go
   */
  Set<Digest> unkept(Predicate<ServedManifest> isOld) {
    if (isFetched()) {
      return manifests.values().stream()
          .filter(isOld)
          .map(ServedManifest::digest)
          .collect(Collectors.toSet());
    }
    Set<Digest> kept = new HashSet<>();
    List<ServedManifest> next = new ArrayList<>();
    for (ServedManifest one : manifests.values()) {
      if (tags.containsValue(one.digest()) || !isOld.test(one)) {
        next.add(one);
      }
    }
    while (!next.isEmpty()) {
      ServedManifest one = next.removeLast();
      if (kept.add(one.digest())) {
        one.manifests().forEach(child -> add(next, child));
        next.addAll(referrers(one.digest()));
      }
    }
    Set<Digest> gone = new HashSet<>(manifests.keySet());
    gone.removeAll(kept);
    return gone;
  }

  private void add(List<ServedManifest> list, Digest digest) {
    ServedManifest one = manifests.get(digest);
    if (one != null) {
      list.add(one);
    }
  }

  /** What its manifests and layers take, each counted once. */
  public long sizeBytes() {
    return content().values().stream().mapToLong(Long::longValue).sum();
  }

  /** What a pull of a manifest fetches; of an index, for all of its platforms. */
  public long pullBytes(ServedManifest manifest) {
    Set<Descriptor> content = new HashSet<>(Set.of(manifest.descriptor()));
    content.addAll(manifest.blobs());
    for (Digest child : manifest.manifests()) {
      ServedManifest one = manifests.get(child);
      if (one != null) {
        content.add(one.descriptor());
        content.addAll(one.blobs());
      }
    }
    return content.stream().mapToLong(Descriptor::sizeBytes).sum();
  }

  /** When something was last pushed; the epoch for nothing. */
  public Instant pushedAt() {
    return manifests.values().stream()
        .map(ServedManifest::pushedAt)
        .max(Instant::compareTo)
        .orElse(Instant.EPOCH);
  }

  /** When one of its manifests was last used, to the day; the epoch without any. */
  Instant usedAt() {
    return manifests.values().stream()
        .map(ServedManifest::usedAt)
        .max(Instant::compareTo)
        .orElse(Instant.EPOCH);
  }

  long memoryBytes() {
    return 1000
        + 250L * (tags.size() + (fetched == null ? 0 : fetched.size()))
        + manifests.values().stream().mapToLong(ServedManifest::memoryBytes).sum();
  }
}
