package io.jcompose.images;

import io.jcompose.core.Digest;
import io.jcompose.images.oci.Descriptor;
import java.time.Instant;

/**
 * A layer that builds stand on.
 *
 * @param blob its packed form, or, where the descriptor's digest is the diffID, the tar that it
 *     would be
 * @param sizeBytes of its files
 */
public record BuildLayer(Digest diffId, String snapshot, long sizeBytes, Descriptor blob) {
  /** What a step has given, and when. */
  public record Known(BuildLayer layer, Instant at) {}
}
