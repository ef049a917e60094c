package io.jcompose.scheduler;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import java.util.ArrayList;
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
    requirePresent(reference);
    return reference.contains("@") ? reference : reference + "@sha256:" + "0".repeat(64);
  }

  @Override
  public Optional<ImageView> find(String ref) {
    synchronized (engine) {
      return Optional.ofNullable(engine.images.get(ref))
          .or(() -> engine.images.values().stream().filter(i -> isMeant(i, ref)).findFirst());
    }
  }

  private static boolean isMeant(ImageView image, String ref) {
    return image.id().equals(ref)
        || (ref.matches("[0-9a-f]+") && image.id().startsWith("sha256:" + ref));
  }

  @Override
  public Optional<ImageView> find(String ref, String platform) {
    if (platform.contains(" ")) {
      throw new JcomposeException.InvalidArgument("invalid platform: " + platform);
    }
    return find(ref).filter(i -> platform.isEmpty() || i.platform().equals(platform));
  }

  @Override
  public List<ImageView> list() {
    return List.copyOf(engine.images.values());
  }

  @Override
  public ImageView pull(String reference, String platform, Progress progress) {
    engine.changing("pull " + reference + (platform.isEmpty() ? "" : " for " + platform));
    requirePresent(reference);
    synchronized (engine) {
      if (!engine.images.containsKey(reference)) {
        engine.image(reference);
      }
      return engine.images.get(reference);
    }
  }

  private static void requirePresent(String reference) {
    if (reference.contains("missing")) {
      throw new JcomposeException.NotFound("no such manifest: " + reference);
    }
  }

  @Override
  public List<String> remove(String ref, boolean force) {
    engine.changing("remove-image " + ref);
    synchronized (engine) {
      ImageView image =
          find(ref).orElseThrow(() -> new JcomposeException.NotFound("No such image: " + ref));
      List<String> users = users(image);
      if (!users.isEmpty() && !force) {
        throw new JcomposeException.Conflict(
            "unable to remove repository reference \""
                + ref
                + "\" (must force) - container "
                + String.join(", ", users)
                + " is using it");
      }
      engine.images.values().removeIf(image::equals);
      if (users.isEmpty()) {
        return List.of("Untagged: " + ref, "Deleted: " + image.id());
      }
      engine.images.put(image.id(), image.withReferences(List.of()));
      return List.of("Untagged: " + ref);
    }
  }

  private List<String> users(ImageView image) {
    return engine.byId.values().stream()
        .filter(v -> v.imageId().equals(image.id()))
        .map(ContainerView::name)
        .toList();
  }

  @Override
  public Pruned prune(boolean all) {
    engine.changing("prune-images");
    synchronized (engine) {
      List<String> removed = new ArrayList<>();
      for (ImageView image : List.copyOf(engine.images.values())) {
        if ((all || image.references().isEmpty()) && users(image).isEmpty()) {
          engine.images.values().removeIf(image::equals);
          image.references().forEach(name -> removed.add("untagged: " + name));
          removed.add("deleted: " + image.id());
        }
      }
      return new Pruned(removed, 0);
    }
  }
}
