package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import java.util.List;

/** Blobs or manifests that a manifest names, and its repository does not have. */
public final class MissingContent extends Exception {
  private static final long serialVersionUID = 1L;
  private final transient List<Digest> digests;

  MissingContent(List<Digest> digests) {
    super("blobs are unknown: " + digests);
    this.digests = List.copyOf(digests);
  }

  public List<Digest> digests() {
    return digests;
  }
}
