package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import io.jcompose.images.oci.Descriptor;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The record of a manifest in a repository. Immutable.
 *
 * @param blobs config and layers
 * @param manifests of an index
 * @param subject the manifest that it is about; null for none
 * @param usedAt when it was pushed, or last pulled, to the day
 */
public record ServedManifest(
    Descriptor descriptor,
    List<Descriptor> blobs,
    List<Digest> manifests,
    @Nullable Digest subject,
    String artifactType,
    Instant pushedAt,
    Instant usedAt) {
  private static final long BYTES = 600;
  private static final long BLOB_BYTES = 250;

  public ServedManifest {
    blobs = List.copyOf(blobs);
    manifests = List.copyOf(manifests);
  }

  public String mediaType() {
    return descriptor.mediaType();
  }

  /** Of its document. */
  public long sizeBytes() {
    return descriptor.sizeBytes();
  }

  public Digest digest() {
    return descriptor.digest();
  }

  /** Of its config and layers, in their order. */
  public Map<Digest, Long> sizes() {
    Map<Digest, Long> sizes = new LinkedHashMap<>();
    blobs.forEach(blob -> sizes.put(blob.digest(), blob.sizeBytes()));
    return sizes;
  }

  ServedManifest usedOn(Instant day) {
    return new ServedManifest(descriptor, blobs, manifests, subject, artifactType, pushedAt, day);
  }

  /** About what it takes of the heap. */
  long memoryBytes() {
    return BYTES + BLOB_BYTES * (blobs.size() + manifests.size());
  }
}
