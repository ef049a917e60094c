package io.jcompose.images.push;

import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.core.build.Packing;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.registry.ImageTarget;
import io.jcompose.images.registry.RegistryClient;
import io.jcompose.images.repository.Repositories;
import io.jcompose.images.repository.RepositoryName;
import io.jcompose.images.store.Catalog;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.PackedLayers;
import io.jcompose.images.store.Removal;
import io.jcompose.images.store.StoredImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * Brings images to registries: what the repository lacks of an image's layers, several at a time,
 * its config, and the manifest last, so that no tag ever names what is not there. Of an image of
 * several platforms that is the one that is here. Thread-safe; blocks.
 */
public final class Pusher {
  private static final int AT_ONCE = 5;

  private final Catalog catalog;
  private final ContentStore content;
  private final PackedLayers packing;
  private final Removal removal;
  private final RegistryClient client;
  private final Repositories own;
  private final Semaphore places = new Semaphore(AT_ONCE, true); // of all pushes
  private final KeyedLock<String> blobs = new KeyedLock<>(); // by repository and digest

  public Pusher(
      Catalog catalog,
      ContentStore content,
      PackedLayers packing,
      Removal removal,
      RegistryClient client,
      Repositories own) {
    this.catalog = catalog;
    this.content = content;
    this.packing = packing;
    this.removal = removal;
    this.client = client;
    this.own = own;
  }

  /** One push, of all its layers. */
  private record Push(ImageReference reference, ImageTarget target, StoredImage image) {
    private String key(Digest blob) {
      return reference.domain() + "/" + reference.path() + "@" + blob;
    }
  }

  /**
   * Pushes an image to where its name says.
   *
   * @param wanted how its layers are packed
   * @throws JcomposeException.NotFound when there is no image of that name
   * @throws JcomposeException.Cancelled when interrupted
   */
  public Images.Pushed push(ImageReference reference, Packing wanted, Progress progress) {
    if (reference.digest() != null) {
      throw new JcomposeException.InvalidArgument(
          "cannot push a digest reference: " + reference.familiar());
    }
    String row = "Image " + reference.familiar();
    progress.report(Progress.Step.of(row, "Pushing"));
    try (Removal.Lease lease = removal.lease()) {
      StoredImage image = leased(reference, lease);
      PackedLayers.Packed packed = push(image, reference, wanted, lease, progress);
      remember(image, reference, packed.manifest());
      progress.report(Progress.Step.of(row, "Pushed"));
      return new Images.Pushed(
          String.valueOf(reference.tag()),
          packed.manifest().digest().toString(),
          packed.manifest().sizeBytes());
    }
  }

  /**
   * Pushes an image that may be in no list.
   *
   * @param lease holds it
   */
  public PackedLayers.Packed push(
      StoredImage image,
      ImageReference reference,
      Packing wanted,
      Removal.Lease lease,
      Progress progress) {
    String row = "Image " + reference.familiar();
    PackedLayers.Packed packed = packing.of(image, wanted, lease);
    if (own.isServedAs(reference.domain())) {
      link(reference, packed, new PushRows(row, progress));
    } else {
      bring(reference, packed, image, row, progress);
    }
    return packed;
  }

  private void bring(
      ImageReference reference,
      PackedLayers.Packed packed,
      StoredImage image,
      String row,
      Progress progress) {
    RegistryLogins logins = client.of(reference, progress.logins());
    Push push = new Push(reference, client.target(reference, logins), image);
    layers(push, packed, new PushRows(row, progress));
    bring(push, sized(packed.image().config()), PushRows.Row.NONE);
    manifest(push, packed.manifest());
  }

  /** This engine's own registry has the same store. */
  private void link(ImageReference reference, PackedLayers.Packed packed, PushRows rows) {
    own.link(
        new RepositoryName(reference.path()), String.valueOf(reference.tag()), packed.manifest());
    for (int i = 0; i < packed.diffIds().size(); i++) {
      long bytes = packed.image().layers().get(i).sizeBytes();
      rows.layer(packed.diffIds().get(i), bytes).status("Layer already exists", bytes);
    }
  }

  private StoredImage leased(ImageReference reference, Removal.Lease lease) {
    List<StoredImage> found = new ArrayList<>();
    removal.exclusively(
        () ->
            catalog
                .find(reference.toString())
                .filter(image -> image.references().contains(reference.toString()))
                .ifPresent(
                    image -> {
                      lease.add(image.blobs().stream().map(Digest::hex).toList());
                      lease.add(image.stack());
                      found.add(image);
                    }));
    if (found.isEmpty()) {
      throw new JcomposeException.NotFound(
          "An image does not exist locally with the tag: %s; name it so by `jcompose tag IMAGE %s`"
              .formatted(reference.familiarName(), reference.familiar()));
    }
    return found.getFirst();
  }

  /** The manifest's word is not taken for a size that a request is to have. */
  private Descriptor sized(Descriptor blob) {
    return new Descriptor(blob.mediaType(), blob.digest(), content.size(blob.digest()));
  }

  private void layers(Push push, PackedLayers.Packed packed, PushRows rows) {
    Map<Descriptor, PushRows.Row> layers = new LinkedHashMap<>();
    for (int i = 0; i < packed.diffIds().size(); i++) {
      Descriptor blob = packed.image().layers().get(i);
      // What is not to be distributed is fetched from where it is (OCI image-spec, layer.md).
      if (!blob.mediaType().contains("foreign") && !blob.mediaType().contains("nondistributable")) {
        layers.putIfAbsent(blob, rows.layer(packed.diffIds().get(i), blob.sizeBytes()));
      }
    }
    boolean interrupted = false;
    try (ExecutorService pool =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("push-", 0).factory())) {
      ExecutorCompletionService<Boolean> done = new ExecutorCompletionService<>(pool);
      layers.forEach((blob, row) -> done.submit(() -> inTurn(push, blob, row)));
      try {
        for (int i = 0; i < layers.size(); i++) {
          done.take().get();
        }
      } catch (InterruptedException e) {
        interrupted = true; // said after the close, which would interrupt those that tidy up again
      } catch (ExecutionException e) {
        throw told(Objects.requireNonNullElse(e.getCause(), e));
      } finally {
        pool.shutdownNow();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
      throw givenUp(push);
    }
  }

  private static JcomposeException givenUp(Push push) {
    return new JcomposeException.Cancelled(
        "the push of " + push.reference.familiar() + " was given up");
  }

  private static RuntimeException told(Throwable cause) {
    return switch (cause) {
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> new JcomposeException.Internal("push failed", cause);
    };
  }

  private Boolean inTurn(Push push, Descriptor blob, PushRows.Row row) throws InterruptedException {
    places.acquire();
    try {
      bring(push, blob, row);
      return true;
    } catch (RuntimeException e) {
      row.status("Error", 0);
      throw e;
    } finally {
      places.release();
    }
  }

  /** Two pushes of one blob to a repository are one after the other: the second has it. */
  private void bring(Push push, Descriptor blob, PushRows.Row row) {
    try {
      Boolean ignored =
          blobs.interruptibly(
              push.key(blob.digest()),
              () -> {
                bringAlone(push, blob, row);
                return true;
              });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw givenUp(push);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new JcomposeException.Internal("failed to push " + blob.digest(), e);
    }
  }

  private void bringAlone(Push push, Descriptor blob, PushRows.Row row) {
    if (push.target.has(blob.digest())) {
      row.status("Layer already exists", blob.sizeBytes());
      return;
    }
    String from = elsewhere(push.reference, blob.digest()).orElse("");
    row.status("Pushing", 0);
    boolean mounted = push.target.upload(blob, content.blob(blob.digest()), from, row::sent);
    row.status(mounted ? "Mounted from " + from : "Pushed", blob.sizeBytes());
  }

  /** A repository of the same registry that had the blob when an image came from or went there. */
  private Optional<String> elsewhere(ImageReference reference, Digest blob) {
    return catalog.images().stream()
        .filter(image -> image.blobs().contains(blob))
        .flatMap(image -> image.repoDigests().stream())
        .map(ImageReference::parse)
        .filter(name -> name.domain().equals(reference.domain()))
        .map(ImageReference::path)
        .filter(path -> !path.equals(reference.path()))
        .findFirst();
  }

  private void manifest(Push push, Descriptor manifest) {
    byte[] body =
        content
            .load(manifest.digest(), text -> text)
            .orElseThrow(
                () -> new JcomposeException.Corrupt("manifest " + manifest.digest() + " vanished"));
    push.target.manifest(manifest, body);
  }

  private void remember(StoredImage image, ImageReference name, Descriptor manifest) {
    String digest = name.domain() + "/" + name.path() + "@" + manifest.digest();
    removal.exclusively(
        () ->
            catalog
                .byId(image.id())
                .filter(now -> !now.repoDigests().contains(digest))
                .ifPresent(now -> catalog.put(now.withReference(null, digest))));
  }
}
