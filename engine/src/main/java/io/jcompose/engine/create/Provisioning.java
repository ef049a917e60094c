package io.jcompose.engine.create;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.Rollback;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.engine.spec.ImageDefaults;
import io.jcompose.images.ImageStore;
import io.jcompose.volumes.VolumeStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a container has from its creation to its removal: a name, a directory with its record, a
 * layer, and volumes. Made and given back so that the next start finishes what a crash cut off.
 */
public final class Provisioning {
  private static final Logger LOG = LoggerFactory.getLogger(Provisioning.class);

  private final ContainerStore store;
  private final ImageStore images;
  private final ContainerVolumes volumes;

  public Provisioning(ContainerStore store, ImageStore images, VolumeStore volumes) {
    this.store = store;
    this.images = images;
    this.volumes = new ContainerVolumes(images, volumes);
  }

  /**
   * Makes all of it, or nothing.
   *
   * @param id of the container, which is new
   * @throws JcomposeException.NotFound without the image
   * @throws JcomposeException.Conflict when the name is taken
   */
  public void make(String id, ContainerSpec spec) {
    ImageView image = image(spec);
    List<String> command = ImageDefaults.command(spec, image);
    ImageDefaults.stopSignal(spec, image);
    try (Rollback rollback = new Rollback();
        Intention _ = () -> store.settled(id)) { // before what is undone, for that is its own
      store.reserve(spec.name(), id);
      rollback.push("name " + spec.name(), () -> store.release(spec.name(), id));
      rollback.push("directory of " + id, () -> store.deleteDirectory(id));
      Map<String, String> mounted = new LinkedHashMap<>();
      List<String> anonymous = volumes(id, spec, image, command, mounted, rollback);
      ContainerRecord record =
          ContainerRecord.created(id, spec, image.id(), command, mounted, anonymous);
      Container container = new Container(record.withLabels(store.labels(spec)));
      store.put(container);
      rollback.push("container " + id, () -> store.forget(id));
      images.createLayer(id, image.id(), spec.resources().layerBytes());
      rollback.push("layer of " + id, () -> images.removeLayer(id));
      volumes.fill(spec, mounted, image.id());
      store.save(container.record());
      rollback.commit();
      store.done(id);
    }
  }

  /** Finds or makes its volumes; the names of those that go with it. */
  private List<String> volumes(
      String id,
      ContainerSpec spec,
      ImageView image,
      List<String> command,
      Map<String, String> mounted,
      Rollback rollback) {
    List<String> anonymous = new ArrayList<>();
    Consumer<List<String>> intend =
        own -> store.intend(ContainerRecord.created(id, spec, image.id(), command, Map.of(), own));
    volumes.provide(spec, image, mounted, anonymous, intend, rollback);
    return anonymous;
  }

  private interface Intention extends AutoCloseable {
    @Override
    void close();
  }

  private ImageView image(ContainerSpec spec) {
    String wanted = spec.imageId().isEmpty() ? spec.image() : spec.imageId();
    return images
        .find(wanted)
        .orElseThrow(() -> new JcomposeException.NotFound("No such image: " + spec.image()));
  }

  /**
   * Gives it back; called in the container's turn. A volume that another container uses by now
   * stays: all else goes all the same.
   */
  public void discard(Container container, boolean withVolumes) {
    ContainerRecord record = container.record();
    // The record goes first: a crash after it leaves a directory without one, which the next start
    // clears away, with the volumes that are to go.
    store.retire(container.id(), withVolumes && !record.anonymousVolumes().isEmpty());
    if (withVolumes) {
      container.removing();
      record.anonymousVolumes().forEach(this::removeVolume);
    }
    images.removeLayer(container.id());
    store.deleteDirectory(container.id());
    store.forget(container.id());
    store.release(record.spec().name(), container.id());
  }

  private void removeVolume(String name) {
    try {
      volumes.remove(List.of(name));
    } catch (JcomposeException.Conflict e) {
      LOG.warn("volume {} stays: {}", name, e.getMessage());
    }
  }
}
