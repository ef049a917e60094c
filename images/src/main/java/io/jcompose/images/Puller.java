package io.jcompose.images;

import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.images.oci.Platform;
import io.jcompose.images.registry.RegistryConfig;
import java.nio.file.Path;

/** Brings images into the store. */
final class Puller implements AutoCloseable {
  Puller(
      Path imagesDir,
      Catalog catalog,
      ContentStore content,
      Snapshots snapshots,
      Removal removal,
      RegistryConfig config) {}

  StoredImage pull(ImageReference reference, Platform platform, Progress progress) {
    if (!platform.os().isEmpty()) throw new JcomposeException.NotSupported("pull of " + reference + " for " + platform);
    throw new IllegalStateException();
  }

  void syncLater() {}

  @Override
  public void close() {}
}
