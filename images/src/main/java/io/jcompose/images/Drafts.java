package io.jcompose.images;

import io.jcompose.core.Digest;
import io.jcompose.images.store.StoredImage;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Images in the making, found by their full id only and on no list. Thread-safe. */
final class Drafts {
  private record Draft(StoredImage image, int users) {}

  private final Map<String, Draft> byId = new ConcurrentHashMap<>();

  /** Adds it, or one more user of it. */
  void put(StoredImage image) {
    byId.merge(
        image.id().toString(), new Draft(image, 1), (was, now) -> new Draft(image, was.users + 1));
  }

  /** One user less; true when that was the last. */
  boolean remove(Digest id) {
    return byId.computeIfPresent(
            id.toString(),
            (key, was) -> was.users == 1 ? null : new Draft(was.image, was.users - 1))
        == null;
  }

  Optional<StoredImage> find(String id) {
    return Optional.ofNullable(byId.get(id)).map(Draft::image);
  }
}
