package io.jcompose.images.pull;

import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.ImageConfig;
import io.jcompose.images.oci.Manifest;
import io.jcompose.images.oci.Platform;
import io.jcompose.images.registry.ImageSource;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.Removal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds the manifest and config of an image for a platform, through indexes in indexes. Each
 * document is fetched into the content store and read from there, so that none is in memory but
 * while it is read. Confined to one thread.
 */
public final class ManifestSearch {
  private static final int INDEX_DEPTH = 4;
  private static final int DOCUMENT_LIMIT = 40;

  private final ContentStore content;
  private final ImageSource source;
  private final Removal.Lease lease;
  private final ImageReference reference;
  private final Platform platform;
  private int documents;

  /**
   * @param lease takes the names of what is found
   */
  ManifestSearch(
      ContentStore content,
      ImageSource source,
      Removal.Lease lease,
      ImageReference reference,
      Platform platform) {
    this.content = content;
    this.source = source;
    this.lease = lease;
    this.reference = reference;
    this.platform = platform;
  }

  /**
   * What is used of an image's documents while its layers come, which may be long: of the config no
   * more than this.
   *
   * @param path digests of the indexes on the way, and of the manifest
   * @param platform that its config states
   * @param diffIds that its config states
   */
  public record Found(
      List<Digest> path,
      Descriptor descriptor,
      Manifest.Image manifest,
      Platform platform,
      List<Digest> diffIds) {
    public Found {
      path = List.copyOf(path);
      diffIds = List.copyOf(diffIds);
    }

    /** True when no index stands before it, which would tell its platform. */
    boolean isAlone() {
      return path.size() == 1;
    }

    Digest root() {
      return path.getFirst();
    }
  }

  /**
   * Finds what the reference names.
   *
   * @throws JcomposeException.NotFound when there is none for the platform
   */
  Found find() throws IOException {
    Digest digest = reference.digest();
    return find(digest == null ? resolve() : new Descriptor("", digest, 0), List.of());
  }

  /** Finds the documents of a manifest that is in the store. */
  Found find(Descriptor manifest) throws IOException {
    return find(manifest, List.of());
  }

  private Descriptor resolve() throws IOException {
    try (ImageSource.Document document = source.resolve()) {
      byte[] body = document.body();
      Digest digest = document.descriptor().digest();
      lease.add(digest);
      if (body != null) {
        content.write(digest, body);
      }
      return document.descriptor();
    }
  }

  private Found find(Descriptor descriptor, List<Digest> before) throws IOException {
    List<Digest> path = new ArrayList<>(before);
    path.add(descriptor.digest());
    if (path.size() > INDEX_DEPTH) {
      throw new JcomposeException.Corrupt(
          "index of " + reference.familiar() + " is nested too deep");
    }
    if (++documents > DOCUMENT_LIMIT) {
      throw new JcomposeException.Corrupt(
          "indexes of " + reference.familiar() + " name too many manifests without a platform");
    }
    return switch (manifest(descriptor)) {
      case Manifest.Index index -> choose(index, path);
      case Manifest.Image image -> {
        String type = descriptor.mediaType();
        long size = content.size(descriptor.digest());
        Descriptor own = new Descriptor(type, descriptor.digest(), size);
        ImageConfig config = config(image.config());
        yield new Found(path, own, image, config.platform(), config.diffIds());
      }
    };
  }

  private Found choose(Manifest.Index index, List<Digest> path) throws IOException {
    Optional<Descriptor> stated = index.choose(platform);
    if (stated.isPresent()) {
      return find(stated.get(), path);
    }
    for (Descriptor unstated : index.unstated()) {
      Optional<Found> found = tryFind(unstated, path);
      if (found.isPresent() && platform.runnable().contains(found.get().platform)) {
        return found.get();
      }
    }
    throw new JcomposeException.NotFound(
        "no matching manifest for "
            + platform
            + " in the manifest list entries of "
            + reference.familiar()
            + ": it has "
            + (index.platforms().isEmpty() ? "none with a platform" : index.platforms())
            + "; set platform: to one of them");
  }

  /** Empty for what is no image or has none for the platform. */
  private Optional<Found> tryFind(Descriptor descriptor, List<Digest> path) throws IOException {
    try {
      return Optional.of(find(descriptor, path));
    } catch (JcomposeException.NotFound | JcomposeException.NotSupported e) {
      return Optional.empty();
    }
  }

  private Manifest manifest(Descriptor descriptor) throws IOException {
    Digest digest = descriptor.digest();
    lease.add(digest);
    Optional<Manifest> stored = content.load(digest, Manifest::of);
    if (stored.isPresent()) {
      return stored.get();
    }
    try (ImageSource.Document document = source.manifest(digest)) {
      content.write(digest, Objects.requireNonNull(document.body()));
    }
    return content.load(digest, Manifest::of).orElseThrow(() -> vanished(digest));
  }

  private ImageConfig config(Descriptor config) throws IOException {
    Digest digest = config.digest();
    lease.add(digest);
    try {
      Optional<ImageConfig> stored = content.load(digest, ImageConfig::of);
      if (stored.isPresent()) {
        return stored.get();
      }
      try (ImageSource.Document document = source.smallBlob(digest)) {
        content.write(digest, Objects.requireNonNull(document.body()));
      }
      return content.load(digest, ImageConfig::of).orElseThrow(() -> vanished(digest));
    } catch (JcomposeException.NotSupported e) {
      throw new JcomposeException.NotSupported(
          "unsupported image "
              + reference.familiar()
              + " of config type \""
              + config.mediaType()
              + "\": "
              + e.getMessage());
    }
  }

  private static JcomposeException vanished(Digest digest) {
    return new JcomposeException.Internal(digest + " vanished from the image store");
  }
}
