package io.jcompose.images.store;

import io.jcompose.core.build.Builds.CacheEntry;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** The snapshots that steps of builds have given, and are kept for them. */
public interface StepLayers {
  Set<String> snapshots();

  /** The number of the last step that there is now, for {@link #synced}. */
  long last();

  /** The disk has the layers of all steps up to a number. */
  void synced(long last);

  /**
   * Forgets steps, the least recently used first, until those that no image has take no more than
   * so many bytes.
   *
   * @param ofImages snapshots that images have
   * @param which steps may go
   */
  List<CacheEntry> shrink(long bytes, Set<String> ofImages, Predicate<CacheEntry> which);
}
