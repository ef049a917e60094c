package io.jcompose.compose;

import io.jcompose.core.JcomposeException;
import java.util.Map;

/** The project's canonical tree, which {@code config} prints. Opaque; immutable to its users. */
public final class Canonical {
  private final Map<String, Object> tree;
  private final Map<String, String> hashes;

  Canonical(Map<String, Object> tree, Map<String, String> hashes) {
    this.tree = tree;
    this.hashes = hashes;
  }

  /**
   * A form without a tree, for projects that no file describes.
   *
   * @param hashes by {@code services.KEY}, {@code networks.KEY}, {@code volumes.KEY}
   */
  public static Canonical ofHashes(Map<String, String> hashes) {
    return new Canonical(Map.of(), Map.copyOf(hashes));
  }

  Map<String, Object> tree() {
    return tree;
  }

  String hash(String section, String key) {
    String hash = hashes.get(section + "." + key);
    if (hash == null) {
      throw new JcomposeException.NotFound("no such element: " + section + "." + key);
    }
    return hash;
  }
}
