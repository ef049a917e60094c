package io.jcompose.images;

import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.layer.DecodePipe;
import io.jcompose.images.layer.Decompressor;
import io.jcompose.images.layer.LayerUnpacker;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.registry.RegistryClient;
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
  private final RegistryClient client;
  private final ContentStore content;
  private final Snapshots snapshots;
  private final Decompressor decompressor;
  private final ImageReference reference;
  private final Set<BlobStream> open = ConcurrentHashMap.newKeySet();
  private volatile boolean aborted;

  LayerFetcher(
      RegistryClient client,
      ContentStore content,
      Snapshots snapshots,
      Decompressor decompressor,
      ImageReference reference) {
    this.client = client;
    this.decompressor = decompressor;
    this.content = content;
    this.snapshots = snapshots;
    this.reference = reference;
  }

  /** A layer's files, not yet under their name. */
  record Unpacked(Path work, LayerUnpacker.Result result) {}

  /** Fetches and unpacks a layer; once more from the start when what came was wrong. */
  Unpacked fetch(Descriptor blob, Digest diffId, PullProgress.Row row) throws IOException {
    try {
      return fetchOnce(blob, diffId, row);
    } catch (JcomposeException.Corrupt e) {
      if (aborted || content.has(blob.digest(), blob.sizeBytes())) {
        throw e;
      }
      return fetchAgain(blob, diffId, row);
    }
  }

  // Wrong bytes may show in the decoder long before the digest would tell.
  private Unpacked fetchAgain(Descriptor blob, Digest diffId, PullProgress.Row row)
      throws IOException {
    content.discardIngest(blob.digest());
    try {
      return fetchOnce(blob, diffId, row);
    } catch (JcomposeException.Corrupt e) {
      content.discardIngest(blob.digest());
      throw e;
    }
  }

  /** Unpacks a layer once more, mostly from the store. */
  Unpacked fetchStored(Descriptor blob, Digest diffId, PullProgress.Row row) throws IOException {
    aborted = false;
    return fetchOnce(blob, diffId, row);
  }

  /** Ends what is under way. */
  void abort() {
    aborted = true;
    open.forEach(BlobStream::abort);
  }

  private Unpacked fetchOnce(Descriptor blob, Digest diffId, PullProgress.Row row)
      throws IOException {
    Path work = snapshots.begin(diffId.hex());
    boolean done = false;
    BlobStream stream = new BlobStream(client, content, reference, blob, row::downloaded);
    open.add(stream);
    try (InputStream source = decompressor.open(stream);
        DecodePipe pipe =
            new DecodePipe(source, ContentStore.hash(diffId), "pull-fetch", stream::abort);
        DirectoryFd root = DirectoryFd.open(work.resolve("fs"))) {
      if (aborted) {
        throw new JcomposeException.Cancelled("the pull was given up");
      }
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
      open.remove(stream);
      stream.close();
      if (!done) {
        Snapshots.delete(work);
      }
    }
  }
}
