package io.jcompose.compose.model;

import io.jcompose.core.JcomposeException;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The project's canonical tree, which {@code config} prints, made when it is first asked for:
 * checking a project needs none. Opaque; immutable to its users; thread-safe.
 */
public final class Canonical {
  private @Nullable Supplier<Content> maker; // guarded by this; holds the project's tree
  private @Nullable Content content; // guarded by this

  /** The tree, and the hashes of its elements by {@code section.key}. */
  public record Content(Map<String, Object> tree, Map<String, String> hashes) {}

  public Canonical(Supplier<Content> maker) {
    this.maker = maker;
  }

  private synchronized Content content() {
    Content made = content;
    if (made == null) {
      made = Objects.requireNonNull(maker).get();
      content = made;
      maker = null;
    }
    return made;
  }

  public Map<String, Object> tree() {
    return content().tree();
  }

  public String hash(String section, String key) {
    String hash = content().hashes().get(section + "." + key);
    if (hash == null) {
      throw new JcomposeException.NotFound("no such element: " + section + "." + key);
    }
    return hash;
  }
}
