package io.jcompose.images;

import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.KeyedLock;
import io.jcompose.images.layer.DecodePipe;
import io.jcompose.images.layer.Decompressor;
import io.jcompose.images.layer.LayerUnpacker;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.registry.ImageSource;
import io.jcompose.linux.DirectoryFd;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Brings one pull's layers from the registry into directories, all stages of a layer at once:
 * socket, hash and ingest file, inflation on one thread; hash, tar and file system on another.
 */
final class LayerFetcher {
  private final ImageSource source;
  private final ContentStore content;
  private final Snapshots snapshots;
  private final Decompressor decompressor;
  private final KeyedLock<Digest> blobs;
  private final ImageReference reference;
  private final Set<BlobStream> open = ConcurrentHashMap.newKeySet();
  private volatile boolean aborted;

  /**
   * @param blobs held while a blob's ingest file is in use
   */
  LayerFetcher(
      ImageSource source,
      ContentStore content,
      Snapshots snapshots,
      Decompressor decompressor,
      KeyedLock<Digest> blobs,
      ImageReference reference) {
    this.source = source;
    this.content = content;
    this.snapshots = snapshots;
    this.decompressor = decompressor;
    this.blobs = blobs;
    this.reference = reference;
  }

  /** A layer's files, not yet under their name. */
  record Unpacked(Path work, LayerUnpacker.Result result) {}

  /** One try to bring a blob. */
  private interface Try<T> {
    T with(BlobStream stream) throws IOException;
  }

  /**
   * Fetches and unpacks a layer; again from the start when what came was wrong, be it from the
   * store, from a mirror, which is left out then, or once from the registry.
   */
  Unpacked fetch(Descriptor blob, Digest diffId, PullProgress.Row row)
      throws IOException, InterruptedException {
    return bring(blob, row, stream -> unpack(blob, diffId, stream));
  }

  /** Fetches a blob whose layer is unpacked already, from a blob with another compression. */
  void fetchPacked(Descriptor blob, PullProgress.Row row) throws IOException, InterruptedException {
    bring(
        blob,
        row,
        stream -> {
          stream.drain();
          return true;
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
      return blobs.interruptibly(blob.digest(), () -> bringAlone(blob, row, work));
    } catch (IOException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new JcomposeException.Internal("failed to bring " + blob.digest(), e);
    }
  }

  private <T> T bringAlone(Descriptor blob, PullProgress.Row row, Try<T> work) throws IOException {
    boolean again = true;
    while (true) {
      boolean stored = content.has(blob.digest(), blob.sizeBytes());
      BlobStream stream = new BlobStream(source, content, reference, blob, row::downloaded);
      open.add(stream);
      try (stream) {
        if (aborted) {
          throw new JcomposeException.Cancelled("the pull was given up");
        }
        return work.with(stream);
      } catch (JcomposeException.Corrupt e) {
        boolean left = stream.distrustMirrors(String.valueOf(e.getMessage()));
        boolean healed = stored && content.removeIfWrong(blob.digest());
        content.discardIngest(blob.digest());
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

  private Unpacked unpack(Descriptor blob, Digest diffId, BlobStream stream) throws IOException {
    Path work = snapshots.begin(diffId.hex());
    boolean done = false;
    try (InputStream plain = decompressor.open(stream);
        DecodePipe pipe =
            new DecodePipe(plain, ContentStore.hash(diffId), "pull-fetch", stream::abort);
        DirectoryFd root = DirectoryFd.open(work.resolve("fs"))) {
      LayerUnpacker.Result result = LayerUnpacker.unpack(pipe, root, blob.sizeBytes());
      String actual = java.util.HexFormat.of().formatHex(pipe.finish());
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
