package io.jcompose.images.store;

import java.util.Set;

/** Somebody beside images who needs blobs of the content store. */
public interface BlobOwner {
  /** The hex digits of their digests. */
  Set<String> blobs();
}
