package io.jcompose.scheduler;

import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import java.util.List;
import java.util.Optional;

/** The images of a {@link FakeEngine}; a name with {@code missing} in it cannot be pulled. */
final class FakeImages implements Images {
  private final FakeEngine engine;

  FakeImages(FakeEngine engine) {
    this.engine = engine;
  }

  @Override
  public String pinned(String reference, RegistryLogins logins) {
    return reference + "@sha256:" + "0".repeat(64);
  }

  @Override
  public Optional<ImageView> find(String ref) {
    synchronized (engine) {
      return Optional.ofNullable(engine.images.get(ref))
          .or(() -> engine.images.values().stream().filter(i -> i.id().equals(ref)).findFirst());
    }
  }

  @Override
  public Optional<ImageView> find(String ref, String platform) {
    return find(ref).filter(i -> platform.isEmpty() || i.platform().equals(platform));
  }

  @Override
  public List<ImageView> list() {
    return List.copyOf(engine.images.values());
  }

  @Override
  public ImageView pull(String reference, String platform, Progress progress) {
    engine.changing("pull " + reference + (platform.isEmpty() ? "" : " for " + platform));
    if (reference.contains("missing")) {
      throw new JcomposeException.NotFound("no such manifest: " + reference);
    }
    engine.image(reference);
    return engine.images.get(reference);
  }

  @Override
  public List<String> remove(String ref, boolean force) {
    engine.changing("remove-image " + ref);
    engine.images.remove(ref);
    return List.of();
  }

  @Override
  public Pruned prune(boolean all) {
    engine.changing("prune-images");
    return new Pruned(List.of(), 0);
  }
}
