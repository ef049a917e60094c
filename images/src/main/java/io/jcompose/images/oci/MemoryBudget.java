package io.jcompose.images.oci;

import io.jcompose.core.JcomposeException;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * What foreign documents and layers may take of the heap at one time, in bytes: 128 KiB for each
 * document under way, one large one of up to 4 MiB that is coming in, and one that is read (some 13
 * MiB with its values); and 3 MiB for each of at most five layers that are being unpacked. What is
 * beyond waits. Thread-safe.
 */
public final class MemoryBudget {
  /** The largest manifest, index or config that is read. */
  public static final int DOCUMENT_LIMIT = 4 << 20;

  /** What a document may have without waiting for its turn. */
  public static final int SMALL_DOCUMENT = 128 << 10;

  private static final int LAYER_LIMIT = 5;

  private final Semaphore largeDocument = new Semaphore(1, true);
  private final Semaphore largeFetch = new Semaphore(1, true);
  private final Semaphore layers;

  /** As many layers at once as the processors have use for. */
  public MemoryBudget() {
    this(LAYER_LIMIT);
  }

  /**
   * @param mostLayers fewer layers at once, if it is fewer; at least 1
   */
  public MemoryBudget(int mostLayers) {
    int useful = Runtime.getRuntime().availableProcessors() + 1;
    this.layers = new Semaphore(Math.min(mostLayers, Math.min(LAYER_LIMIT, useful)), true);
  }

  /** A part of the budget; its owner closes it. */
  public interface Share extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Waits for the turn of a document.
   *
   * @throws JcomposeException.Cancelled when interrupted
   */
  public Share document(long sizeBytes) {
    return sizeBytes <= SMALL_DOCUMENT ? () -> {} : share(largeDocument);
  }

  /**
   * Waits for the turn of a document that is still to come. It is another turn than that of {@link
   * #document}, which may be taken beside it: what is on disk waits for no registry.
   *
   * @throws JcomposeException.Cancelled when interrupted
   */
  public Share fetch(long sizeBytes) {
    return sizeBytes <= SMALL_DOCUMENT ? () -> {} : share(largeFetch);
  }

  /**
   * Waits for the turn of a layer.
   *
   * @throws JcomposeException.Cancelled when interrupted
   */
  public Share layer() {
    return share(layers);
  }

  /** The turn of a layer if there is one at once; empty else. */
  public Optional<Share> layerNow() {
    return layers.hasQueuedThreads() || !layers.tryAcquire()
        ? Optional.empty()
        : Optional.of(layers::release);
  }

  /** True when a layer waits for its turn. */
  public boolean isLayerWanted() {
    return layers.hasQueuedThreads();
  }

  private static Share share(Semaphore of) {
    try {
      of.acquire();
      return of::release;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("the pull was given up");
    }
  }
}
