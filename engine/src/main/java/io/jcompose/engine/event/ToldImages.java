package io.jcompose.engine.event;

import io.jcompose.core.EngineEvent.ObjectChanged;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.core.build.Packing;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Images of which it is told, as Docker does, what becomes of them. Thread-safe as those are. */
public final class ToldImages implements Images {
  private static final String UNTAGGED = "untagged: ";
  private static final String DELETED = "deleted: ";

  private final Images images;
  private final EventHub events;

  public ToldImages(Images images, EventHub events) {
    this.images = images;
    this.events = events;
  }

  private void tell(String action, String id, String name, Map<String, String> labels) {
    events.publish(
        new ObjectChanged("image", id, action, Map.of("name", name), labels, Instant.now()));
  }

  /** By the name that it was asked for. */
  private void tellNamed(String action, String reference, Map<String, String> labels) {
    ImageReference name = ImageReference.parse(reference);
    tell(action, name.familiar(), name.familiarName(), labels);
  }

  @Override
  public ImageView pull(String reference, String platform, Progress progress) {
    ImageView image = images.pull(reference, platform, progress);
    tellNamed("pull", reference, image.labels());
    return image;
  }

  @Override
  public Pushed push(String reference, Progress progress) {
    Pushed pushed = images.push(reference, progress);
    tellNamed("push", reference, Map.of());
    return pushed;
  }

  @Override
  public Pushed push(String reference, Packing packing, Progress progress) {
    Pushed pushed = images.push(reference, packing, progress);
    tellNamed("push", reference, Map.of());
    return pushed;
  }

  @Override
  public void export(Export what, OutputStream out) throws IOException {
    images.export(what, out);
  }

  @Override
  public void save(List<String> refsOrIds, OutputStream out) throws IOException {
    images.save(refsOrIds, out);
    for (String ref : refsOrIds) {
      find(ref).ifPresent(image -> tell("save", image.id(), image.id(), image.labels()));
    }
  }

  @Override
  public List<Loaded> load(InputStream in) {
    List<Loaded> loaded = images.load(in);
    loaded.forEach(one -> tell("load", one.id(), one.id(), Map.of()));
    return loaded;
  }

  @Override
  public String importRoot(InputStream in, Import options) {
    String id = images.importRoot(in, options);
    if (!options.reference().isEmpty()) {
      tell("tag", id, ImageReference.parse(options.reference()).familiar(), Map.of());
    }
    tell("import", id, id, Map.of());
    return id;
  }

  @Override
  public void tag(String refOrId, String reference) {
    Optional<ImageView> image = images.find(refOrId);
    images.tag(refOrId, reference);
    String name = ImageReference.parse(reference).familiar();
    image.ifPresent(found -> tell("tag", found.id(), name, found.labels()));
  }

  @Override
  public List<String> remove(String refOrId, boolean force) {
    Optional<ImageView> image = images.find(refOrId);
    List<String> lines = images.remove(refOrId, force);
    image.ifPresent(
        found -> {
          for (String line : lines) {
            if (line.startsWith("Untagged: ") && line.indexOf('@') < 0) {
              tell("untag", found.id(), found.id(), found.labels());
            } else if (line.equals("Deleted: " + found.id())) {
              tell("delete", found.id(), found.id(), Map.of());
            }
          }
        });
    return lines;
  }

  @Override
  public Pruned prune(boolean all) {
    Map<String, ImageView> before = new LinkedHashMap<>();
    for (ImageView image : images.list()) {
      before.put(image.id(), image);
      image.references().forEach(name -> before.put(name, image));
    }
    Pruned pruned = images.prune(all);
    for (String line : pruned.removed()) {
      boolean untagged = line.startsWith(UNTAGGED);
      int word = untagged ? UNTAGGED.length() : line.startsWith(DELETED) ? DELETED.length() : 0;
      ImageView gone = before.get(line.substring(word));
      if (gone != null) {
        Map<String, String> labels = untagged ? gone.labels() : Map.of();
        tell(untagged ? "untag" : "delete", gone.id(), gone.id(), labels);
      }
    }
    return pruned;
  }

  @Override
  public Optional<ImageView> find(String refOrId) {
    return images.find(refOrId);
  }

  @Override
  public Optional<ImageView> find(String refOrId, String platform) {
    return images.find(refOrId, platform);
  }

  @Override
  public List<ImageView> list() {
    return images.list();
  }

  @Override
  public List<SearchResult> search(String term, int limit, RegistryLogins logins) {
    return images.search(term, limit, logins);
  }

  @Override
  public String pinned(String reference, RegistryLogins logins) {
    return images.pinned(reference, logins);
  }

  @Override
  public Published published(String reference, RegistryLogins logins) {
    return images.published(reference, logins);
  }

  @Override
  public List<String> registries(String reference) {
    return images.registries(reference);
  }

  @Override
  public RegistryLogins.Login checkLogin(String registry, RegistryLogins.Login login) {
    return images.checkLogin(registry, login);
  }

  @Override
  public Optional<ImageDetails> details(String refOrId) {
    return images.details(refOrId);
  }

  @Override
  public DiskUse diskUse() {
    return images.diskUse();
  }
}
