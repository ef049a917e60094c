package io.jcompose.images.repository;

import io.jcompose.core.Digest;
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

/**
 * One repository: its manifests, and the tags that name some of them. Immutable.
 *
 * @param tags in the order of their text
 */
public record Repository(
    RepositoryName name, SortedMap<String, Digest> tags, Map<Digest, ServedManifest> manifests) {
  public Repository {
    tags = Collections.unmodifiableSortedMap(tags);
    manifests = Collections.unmodifiableMap(manifests);
  }

  static Repository empty(RepositoryName name) {
    return new Repository(name, new TreeMap<>(), Map.of());
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

  /** Those that are about a manifest, the first pushed first. */
  public List<ServedManifest> referrers(Digest subject) {
    return manifests.values().stream().filter(one -> subject.equals(one.subject())).toList();
  }

  Repository with(ServedManifest manifest, List<String> newTags) {
    Map<Digest, ServedManifest> all = new LinkedHashMap<>(manifests);
    all.put(manifest.digest(), manifest);
    SortedMap<String, Digest> named = new TreeMap<>(tags);
    newTags.forEach(tag -> named.put(tag, manifest.digest()));
    return new Repository(name, named, all);
  }

  Repository withoutTag(String tag) {
    SortedMap<String, Digest> rest = new TreeMap<>(tags);
    rest.remove(tag);
    return new Repository(name, rest, manifests);
  }

  Repository without(Set<Digest> gone) {
    SortedMap<String, Digest> rest = new TreeMap<>(tags);
    rest.values().removeIf(gone::contains);
    Map<Digest, ServedManifest> left = new LinkedHashMap<>(manifests);
    left.keySet().removeAll(gone);
    return new Repository(name, rest, left);
  }

  /**
   * Manifests that nothing keeps: no tag, no index that is kept, nor, for one about another, that
   * one.
   *
   * @param isOld of those, which may go
   */
  Set<Digest> unkept(Predicate<ServedManifest> isOld) {
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
    Map<Digest, Long> sizes = new LinkedHashMap<>();
    for (ServedManifest one : manifests.values()) {
      sizes.put(one.digest(), one.descriptor().sizeBytes());
      one.blobs().forEach(blob -> sizes.put(blob.digest(), blob.sizeBytes()));
    }
    return sizes.values().stream().mapToLong(Long::longValue).sum();
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

  long memoryBytes() {
    return 1000
        + 250L * tags.size()
        + manifests.values().stream().mapToLong(ServedManifest::memoryBytes).sum();
  }
}
