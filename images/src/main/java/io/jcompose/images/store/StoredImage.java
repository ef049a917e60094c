package io.jcompose.images.store;

import io.jcompose.core.Digest;
import io.jcompose.images.oci.Descriptor;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The store's record of one image. Immutable.
 *
 * @param id digest of the config
 * @param manifest what was unpacked
 * @param references full names with tag, {@code docker.io/library/nginx:latest}
 * @param repoDigests full names with digest
 * @param blobs digests in the content store that the image needs: index, manifest, config, layers
 * @param layers bottom first; of one that the image has more than once only its topmost place
 * @param unsyncedBoot the boot in which it was unpacked, while the disk may not have all of it;
 *     null once it has
 * @param taggedAt when a person last gave it a name; null for never
 */
@RecordBuilder
public record StoredImage(
    Digest id,
    Descriptor manifest,
    List<String> references,
    List<String> repoDigests,
    List<Digest> blobs,
    List<Layer> layers,
    @Nullable String unsyncedBoot,
    @Nullable Instant taggedAt)
    implements StoredImageBuilder.With {
  private static final long IMAGE_BYTES = 1000;
  private static final long LAYER_BYTES = 400; // with its blob
  private static final long NAME_BYTES = 200;

  public StoredImage {
    references = List.copyOf(references);
    repoDigests = List.copyOf(repoDigests);
    blobs = List.copyOf(blobs);
    layers = topmost(layers);
  }

  /**
   * A manifest may name a layer thousands of times. The kernel takes a directory once (ELOOP), and
   * what a layer says of a path its topmost place decides, whiteouts and opaque marks too, so that
   * the others change nothing.
   */
  private static List<Layer> topmost(List<Layer> layers) {
    Set<String> seen = new HashSet<>();
    return List.copyOf(
        layers.reversed().stream().filter(l -> seen.add(l.snapshot())).toList().reversed());
  }

  /**
   * An unpacked layer of an image.
   *
   * @param diffId digest of the uncompressed tar
   * @param snapshot directory below {@code snapshots/}
   * @param sizeBytes of its files
   */
  public record Layer(Digest diffId, String snapshot, long sizeBytes) {
    public Layer {
      snapshot = snapshot.equals(diffId.hex()) ? diffId.hex() : snapshot; // one text for both
    }
  }

  /** About what it takes of the heap. */
  public long memoryBytes() {
    return memoryBytes(layers.size()) + NAME_BYTES * (references.size() + repoDigests.size());
  }

  /** The same of one with so many layers. */
  public static long memoryBytes(int layers) {
    return IMAGE_BYTES + LAYER_BYTES * layers;
  }

  public long sizeBytes() {
    return layers.stream().mapToLong(Layer::sizeBytes).sum();
  }

  /** The snapshots as overlayfs stacks them, topmost first. */
  public List<String> stack() {
    return layers.reversed().stream().map(Layer::snapshot).toList();
  }

  public StoredImage withReferences(List<String> newReferences, List<String> newRepoDigests) {
    return with().references(newReferences).repoDigests(newRepoDigests).build();
  }

  public StoredImage withReference(@Nullable String reference, @Nullable String repoDigest) {
    return withReferences(with(references, reference), with(repoDigests, repoDigest));
  }

  /** With a name that a person gives it. */
  public StoredImage tagged(String reference, Instant at) {
    StoredImage named = withReference(reference, null);
    return with().references(named.references).taggedAt(at).build();
  }

  public StoredImage synced() {
    return withUnsyncedBoot(null);
  }

  private static List<String> with(List<String> list, @Nullable String added) {
    if (added == null) {
      return list;
    }
    LinkedHashSet<String> result = new LinkedHashSet<>(list);
    result.add(added);
    return new ArrayList<>(result);
  }
}
