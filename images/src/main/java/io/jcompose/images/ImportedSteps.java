package io.jcompose.images;

import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.pull.ManifestSearch;
import io.jcompose.images.pull.Puller;
import io.jcompose.images.store.Removal;
import io.jcompose.images.store.StoredImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Results of steps that somebody else has made. Whoever wrote them decides what they are: nothing
 * proves that a step gives that layer. What is proved is that a layer is what its digests say.
 * Thread-safe; the builder closes it.
 */
public final class ImportedSteps implements AutoCloseable {
  private static final int MOST = 20_000;

  private final Puller puller;
  private final ImageReference reference;
  private final RegistryLogins logins;
  private final @Nullable LayoutFolder folder;
  private final Removal.Lease lease;
  private final Map<String, Entry> byKey = new HashMap<>();

  private record Entry(Descriptor blob, Digest diffId, Instant at) {}

  /**
   * @param folder where the layers are, when they are in none of a registry's
   * @param lease is closed with this
   */
  ImportedSteps(
      Puller puller,
      ImageReference reference,
      RegistryLogins logins,
      ManifestSearch.Found found,
      List<String> entries,
      @Nullable LayoutFolder folder,
      Removal.Lease lease) {
    this.puller = puller;
    this.reference = reference;
    this.logins = logins;
    this.folder = folder;
    this.lease = lease;
    entries.stream().limit(MOST).forEach(entry -> take(entry.split(" "), found));
  }

  private void take(String[] words, ManifestSearch.Found found) {
    try {
      int layer = Integer.parseInt(words[1]);
      Descriptor blob = found.manifest().layers().get(layer);
      byKey.put(words[0], new Entry(blob, found.diffIds().get(layer), Instant.parse(words[2])));
    } catch (NumberFormatException | IndexOutOfBoundsException | DateTimeException e) {
      throw new JcomposeException.Corrupt("an entry of the cache is damaged", e);
    }
  }

  /** Whether this is what a step gave there. */
  public boolean gives(String key, Digest diffId) {
    Entry entry = byKey.get(key);
    return entry != null && entry.diffId.equals(diffId);
  }

  /**
   * What a step gave there; its layer is fetched.
   *
   * @throws JcomposeException.Unavailable and others as a pull
   */
  public Optional<BuildLayer.Known> find(String key) {
    Entry entry = byKey.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    try {
      lease.add(List.of(entry.blob.digest().hex(), entry.diffId.hex()));
      if (folder != null) {
        folder.bring(entry.blob);
      }
      StoredImage.Layer layer = puller.layer(reference, logins, entry.blob, entry.diffId, lease);
      return Optional.of(
          new BuildLayer.Known(
              new BuildLayer(entry.diffId, layer.snapshot(), layer.sizeBytes(), entry.blob),
              entry.at));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    lease.close();
  }
}
