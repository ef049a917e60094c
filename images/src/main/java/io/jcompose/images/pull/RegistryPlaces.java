package io.jcompose.images.pull;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Places for layers that come in without being unpacked: each registry has some of its own, so that
 * one that does not go on keeps nobody else's layers waiting. A registry costs an entry while a
 * place of it is in use or wanted. Thread-safe.
 */
final class RegistryPlaces {
  private static final int PLACES = 3;

  private final ConcurrentHashMap<String, Registry> registries = new ConcurrentHashMap<>();

  /** The number of those who have a place or wait is guarded by the map. */
  private static final class Registry {
    private final Semaphore places = new Semaphore(PLACES, true);
    private int count;
  }

  /** A place; its owner closes it. */
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits for a place at a registry. */
  Place enter(String name) throws InterruptedException {
    Registry registry =
        registries.compute(
            name,
            (key, present) -> {
              Registry entry = present == null ? new Registry() : present;
              entry.count++;
              return entry;
            });
    boolean entered = false;
    try {
      registry.places.acquire();
      entered = true;
      return () -> {
        registry.places.release();
        leave(name);
      };
    } finally {
      if (!entered) {
        leave(name);
      }
    }
  }

  private void leave(String name) {
    registries.computeIfPresent(name, (key, entry) -> --entry.count == 0 ? null : entry);
  }
}
