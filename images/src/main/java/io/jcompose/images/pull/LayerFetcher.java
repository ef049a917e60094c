package io.jcompose.images.pull;

import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.images.layer.DecodePipe;
import io.jcompose.images.layer.Decompressor;
import io.jcompose.images.layer.LayerUnpacker;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.MemoryBudget;
import io.jcompose.images.registry.ImageSource;
import io.jcompose.images.store.ContentStore;
import io.jcompose.images.store.Snapshots;
import io.jcompose.linux.file.DirectoryFd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one pull's layers from the registry into directories, all stages of a layer at once:
 * socket, hash and ingest file, inflation on one thread; hash, tar and file system on another. That
 * takes a turn, of which there are few. Where none is free at once, or the registry is slower than
 * those who want it, a layer comes in first and is unpacked from the store in a later turn: no
 * registry keeps the layers of another waiting.
 */
final class LayerFetcher {
  private static final Logger LOG = LoggerFactory.getLogger(LayerFetcher.class);

  private final ImageSource source;
  private final ContentStore content;
  private final Snapshots snapshots;
  private final Shared shared;
  private final ImageReference reference;
  private final Set<BlobStream> open = ConcurrentHashMap.newKeySet();
  private volatile boolean aborted;

  LayerFetcher(
      ImageSource source,
      ContentStore content,
      Snapshots snapshots,
      Shared shared,
      ImageReference reference) {
    this.source = source;
    this.content = content;
    this.snapshots = snapshots;
    this.shared = shared;
    this.reference = reference;
  }

  /**
   * What all pulls share.
   *
   * @param blobs held, by registry and digest, while a blob's ingest file is in use
   */
  record Shared(
      Decompressor decompressor,
      KeyedLock<String> blobs,
      MemoryBudget budget,
      RegistryPlaces places) {
    Shared(MemoryBudget budget) {
      this(new Decompressor(), new KeyedLock<>(), budget, new RegistryPlaces());
    }

    private boolean isTurnWanted() {
      return budget.isLayerWanted() || decompressor.isWanted();
    }
  }

  /** A layer's files, not yet under their name. */
  record Unpacked(Path work, LayerUnpacker.Result result) {}

  /** One try to bring a blob. */
  private interface Try<T> {
    /**
     * @param alone without a turn
     * @return empty when it has only come into the store
     */
    Optional<T> with(BlobStream stream, boolean alone) throws IOException, InterruptedException;
  }

  /** Where the layers come from. */
  String registry() {
    return reference.domain();
  }

  /**
   * Fetches and unpacks a layer; again from the start when what came was wrong, be it from the
   * store, from a mirror, which is left out then, or once from the registry.
   */
  Unpacked fetch(Descriptor blob, Digest diffId, PullProgress.Row row)
      throws IOException, InterruptedException {
    return bring(blob, row, (stream, alone) -> take(blob, diffId, stream, alone));
  }

  /** Fetches a blob whose layer is unpacked already, from a blob with another compression. */
  void fetchPacked(Descriptor blob, PullProgress.Row row) throws IOException, InterruptedException {
    bring(
        blob,
        row,
        (stream, alone) -> {
          try (RegistryPlaces.Place _ = shared.places.enter(registry())) {
            stream.drain();
            return Optional.of(true);
          }
        });
  }

  /** Unpacks a layer once more, mostly from the store. */
  Unpacked fetchStored(Descriptor blob, Digest diffId, PullProgress.Row row)
      throws IOException, InterruptedException {
    aborted = false;
    return fetch(blob, diffId, row);
  }

  /** Ends what is under way. */
  void abort() {
    aborted = true;
    open.forEach(BlobStream::abort);
  }

  private <T> T bring(Descriptor blob, PullProgress.Row row, Try<T> work)
      throws IOException, InterruptedException {
    try {
      String key = registry() + " " + blob.digest();
      return shared.blobs.interruptibly(key, () -> bringAlone(blob, row, work));
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new JcomposeException.Internal("failed to bring " + blob.digest(), e);
    }
  }

  private <T> T bringAlone(Descriptor blob, PullProgress.Row row, Try<T> work)
      throws IOException, InterruptedException {
    boolean again = true;
    boolean alone = false;
    boolean broken = false;
    while (true) {
      boolean stored = content.has(blob.digest(), blob.sizeBytes());
      BlobStream stream = new BlobStream(source, content, reference, blob, row::downloaded);
      open.add(stream);
      try (stream) {
        if (aborted) {
          throw new JcomposeException.Cancelled("the pull was given up");
        }
        if (broken) {
          stream.brokeOff();
        }
        Optional<T> done = work.with(stream, alone);
        if (done.isPresent()) {
          return done.get();
        }
      } catch (BlobStream.Slow e) {
        LOG.debug("{} of {} comes in alone: {}", blob.digest(), registry(), e.getMessage());
        alone = true;
        broken = e.getCause() != null;
      } catch (JcomposeException.Corrupt e) {
        boolean left = stream.distrustMirrors(String.valueOf(e.getMessage()));
        boolean healed = stored && content.removeIfWrong(blob.digest());
        content.discardIngest(blob.digest(), registry());
        // Right bytes of a wrong layer stay wrong.
        boolean hopeless =
            content.has(blob.digest(), blob.sizeBytes()) || !(left || healed || again);
        if (aborted || hopeless) {
          throw e;
        }
        again = left || healed;
      } finally {
        open.remove(stream);
      }
    }
  }

  /** What is not in the store is waited for without a turn. */
  private Optional<Unpacked> take(Descriptor blob, Digest diffId, BlobStream stream, boolean alone)
      throws IOException, InterruptedException {
    Optional<MemoryBudget.Share> turn = Optional.empty();
    if (stream.isStored()) {
      turn = Optional.of(shared.budget.layer());
    } else {
      try (RegistryPlaces.Place _ = shared.places.enter(registry())) {
        if (stream.isFresh() && !alone) {
          stream.open();
          turn = shared.budget.layerNow();
        }
        if (turn.isEmpty()) {
          stream.drain();
          return Optional.empty();
        }
      }
    }
    try (MemoryBudget.Share _ = turn.get()) {
      stream.inTurn(shared::isTurnWanted);
      return Optional.of(unpack(blob, diffId, stream));
    }
  }

  private Unpacked unpack(Descriptor blob, Digest diffId, BlobStream stream) throws IOException {
    Path work = snapshots.begin(diffId.hex());
    boolean done = false;
    try (InputStream plain = shared.decompressor.open(stream);
        DecodePipe pipe =
            new DecodePipe(
                plain,
                ContentStore.hash(diffId),
                LayerUnpacker.archiveLimit(blob.sizeBytes()),
                "pull-fetch",
                stream::abort);
        DirectoryFd root = DirectoryFd.open(work.resolve("fs"))) {
      LayerUnpacker.Result result = LayerUnpacker.unpack(pipe, root, blob.sizeBytes());
      String actual = HexFormat.of().formatHex(pipe.finish());
      stream.drain();
      if (!actual.equals(diffId.hex())) {
        throw new JcomposeException.Corrupt(
            "layers from manifest don't match image configuration: layer "
                + blob.digest()
                + " of "
                + reference.familiar()
                + " unpacks to sha256:"
                + actual
                + ", expected "
                + diffId);
      }
      done = true;
      return new Unpacked(work, result);
    } finally {
      if (!done) {
        snapshots.delete(work);
      }
    }
  }
}
