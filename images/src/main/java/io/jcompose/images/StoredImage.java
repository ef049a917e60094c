package io.jcompose.images;

import io.jcompose.core.Digest;
import io.jcompose.images.oci.Descriptor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The store's record of one image. Immutable.
 *
 * @param id digest of the config
 * @param manifest what was unpacked
 * @param references full names with tag, {@code docker.io/library/nginx:latest}
 * @param repoDigests full names with digest
 * @param blobs digests in the content store that the image needs: index, manifest, config, layers
 * @param layers bottom first
 * @param unsyncedBoot the boot in which it was unpacked, while the disk may not have all of it;
 *     null once it has
 */
record StoredImage(
    Digest id,
    Descriptor manifest,
    List<String> references,
    List<String> repoDigests,
    List<Digest> blobs,
    List<Layer> layers,
    @Nullable String unsyncedBoot) {
  StoredImage {
    references = List.copyOf(references);
    repoDigests = List.copyOf(repoDigests);
    blobs = List.copyOf(blobs);
    layers = List.copyOf(layers);
  }

  /**
   * An unpacked layer of an image.
   *
   * @param diffId digest of the uncompressed tar
   * @param snapshot directory below {@code snapshots/}
   * @param sizeBytes of its files
   */
  record Layer(Digest diffId, String snapshot, long sizeBytes) {}

  long sizeBytes() {
    return layers.stream().mapToLong(Layer::sizeBytes).sum();
  }

  /**
   * The snapshots as overlayfs stacks them: topmost first, and of a layer that the image has more
   * than once only its topmost place. The kernel takes a directory once (ELOOP), and what a layer
   * says of a path its topmost place decides, whiteouts and opaque marks too, so that the others
   * change nothing.
   */
  List<String> stack() {
    return layers.reversed().stream().map(Layer::snapshot).distinct().toList();
  }

  StoredImage withReferences(List<String> newReferences, List<String> newRepoDigests) {
    return new StoredImage(
        id, manifest, newReferences, newRepoDigests, blobs, layers, unsyncedBoot);
  }

  StoredImage withReference(@Nullable String reference, @Nullable String repoDigest) {
    return withReferences(with(references, reference), with(repoDigests, repoDigest));
  }

  StoredImage synced() {
    return new StoredImage(id, manifest, references, repoDigests, blobs, layers, null);
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
