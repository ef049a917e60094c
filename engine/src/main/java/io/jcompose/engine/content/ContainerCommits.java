package io.jcompose.engine.content;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.Containers;
import io.jcompose.core.Contents;
import io.jcompose.core.EngineEvent.ObjectChanged;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.engine.event.EventHub;
import io.jcompose.engine.record.CommitHold;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.engine.run.Runs;
import io.jcompose.engine.spec.ImageDefaults;
import io.jcompose.images.Authorship;
import io.jcompose.images.ConfigChanges;
import io.jcompose.images.ImageStore;
import io.jcompose.images.LayerFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes images of containers. A running one is paused while its layer is read, another one's turn
 * is held, so that the layer stands still.
 */
public final class ContainerCommits {
  private static final String COMPOSE_LABELS = "com.docker.compose.";

  private final ContainerStore store;
  private final ImageStore images;
  private final Containers containers;
  private final Runs runs;
  private final CommitHold hold;
  private final EventHub events;
  private final KeyedLock<String> turns = new KeyedLock<>();

  public ContainerCommits(
      ContainerStore store,
      ImageStore images,
      Containers containers,
      Runs runs,
      CommitHold hold,
      EventHub events) {
    this.store = store;
    this.images = images;
    this.containers = containers;
    this.runs = runs;
    this.hold = hold;
    this.events = events;
  }

  /** What is to become of which container. */
  private record Work(
      Container container,
      Contents.Commit options,
      @Nullable ImageReference name,
      BooleanSupplier isGivenUp) {}

  /** One after the other for a container: the next one relies on no pause of the one before. */
  String commit(String ref, Contents.Commit options, BooleanSupplier isGivenUp) {
    Container container = store.get(ref);
    Work work = new Work(container, options, name(options.reference()), isGivenUp);
    return turns.locked(container.id(), () -> commitStill(work));
  }

  /** Sees to it that its layer stands still meanwhile. */
  private String commitStill(Work work) {
    Container container = work.container;
    if (container.run() == null) {
      String[] made = new String[1];
      runs.inTurn(container, () -> made[0] = commit(work));
      return made[0];
    }
    if (work.options.pause() && !container.isPaused()) {
      return paused(work);
    }
    return commit(work);
  }

  private static @Nullable ImageReference name(String text) {
    if (text.isEmpty()) {
      return null;
    }
    ImageReference name = ImageReference.parse(text);
    if (name.digest() != null) {
      throw new JcomposeException.InvalidArgument(
          "invalid reference " + text + ": an image cannot be given a digest as its name");
    }
    return name;
  }

  private String paused(Work work) {
    Container container = work.container;
    int pause = hold(container);
    try {
      return commit(work);
    } finally {
      runs.inTurn(container, () -> letGo(container, pause));
    }
  }

  /** Pauses it unless it is paused already; returns which pause is the commit's own, or 0. */
  private int hold(Container container) {
    int[] pause = new int[1];
    runs.inTurn(
        container,
        () -> {
          if (container.isPaused()) {
            return; // by a person, just now
          }
          hold.place(container.id());
          try {
            containers.pause(container.id());
          } catch (RuntimeException e) {
            boolean _ = hold.take(container.id());
            throw e;
          }
          pause[0] = container.pauses();
        });
    return pause[0];
  }

  /** Ends the commit's own pause; one that a person has made since then is theirs. */
  private void letGo(Container container, int pause) {
    if (container.isPaused() && container.pauses() == pause) {
      containers.unpause(container.id());
    } else if (pause != 0) {
      boolean _ = hold.take(container.id());
    }
  }

  private String commit(Work work) {
    Container container = work.container;
    Contents.Commit options = work.options;
    ImageReference name = work.name;
    ContainerRecord record = store.get(container.id()).record();
    Path upper = images.layer(record.id(), record.imageId()).upper();
    Authorship authorship =
        new Authorship(
            Instant.now(), options.author(), options.comment(), String.join(" ", record.command()));
    String id =
        images.commit(
            record.imageId(),
            new LayerFiles(upper, LayerChanges::isEngines, work.isGivenUp),
            authorship,
            config -> {
              describe(record.spec(), images.find(record.imageId()).orElseThrow(), config);
              ConfigChanges.apply(config, options.changes());
            },
            name);
    String imageRef = name == null ? "" : name.familiar();
    tellImage(id, imageRef);
    events.acted(
        container,
        "commit",
        Map.of("comment", options.comment(), "imageID", id, "imageRef", imageRef));
    return id;
  }

  /** The image that came, whose name is one that a person gave it. */
  private void tellImage(String id, String imageRef) {
    Map<String, String> labels = images.find(id).map(ImageView::labels).orElse(Map.of());
    Instant now = Instant.now();
    events.publish(new ObjectChanged("image", id, "create", Map.of("name", id), labels, now));
    if (!imageRef.isEmpty()) {
      images.tag(id, imageRef);
      events.publish(new ObjectChanged("image", id, "tag", Map.of("name", imageRef), labels, now));
    }
  }

  /**
   * What the container was made with becomes the image's. Left out is what marks this very
   * container: by Compose's labels, other containers of the image would be taken for the project's.
   */
  private static void describe(ContainerSpec spec, ImageView image, ObjectNode config) {
    process(spec, image, config);
    spec.labels()
        .forEach(
            (key, value) -> {
              if (!key.startsWith(COMPOSE_LABELS)) {
                config.withObject("/Labels").put(key, value);
              }
            });
    spec.networking()
        .ports()
        .forEach(
            port ->
                config
                    .withObject("/ExposedPorts")
                    .putObject(port.containerPort() + "/" + port.protocol()));
    spec.networking().exposed().forEach(port -> config.withObject("/ExposedPorts").putObject(port));
    spec.mounts().stream()
        .filter(mount -> mount instanceof MountSpec.Volume volume && volume.name().isEmpty())
        .forEach(mount -> config.withObject("/Volumes").putObject(mount.target()));
    if (spec.health() != null) {
      health(spec.health(), config.putObject("Healthcheck"));
    }
  }

  private static void process(ContainerSpec spec, ImageView image, ObjectNode config) {
    ProcessSpec process = spec.process();
    texts(config, "Env", ImageDefaults.env(spec, image));
    if (process.entrypoint() != null) {
      texts(config, "Entrypoint", process.entrypoint());
      if (!process.entrypoint().isEmpty()) {
        config.remove("Cmd"); // an empty one has left it to the container
      }
    }
    if (process.command() != null) {
      texts(config, "Cmd", process.command());
    }
    config.put("WorkingDir", ImageDefaults.workingDir(spec, image));
    config.put("User", ImageDefaults.user(spec, image));
    if (!spec.lifecycle().stopSignal().isEmpty()) {
      config.put("StopSignal", spec.lifecycle().stopSignal());
    }
    if (spec.lifecycle().stopTimeout() != null) {
      config.put("StopTimeout", spec.lifecycle().stopTimeout().toSeconds());
    }
  }

  private static void health(ContainerSpec.Health health, ObjectNode node) {
    texts(node, "Test", health.test());
    duration(node, "Interval", health.interval());
    duration(node, "Timeout", health.timeout());
    duration(node, "StartPeriod", health.startPeriod());
    duration(node, "StartInterval", health.startInterval());
    if (health.retries() != 0) {
      node.put("Retries", health.retries());
    }
  }

  private static void duration(ObjectNode node, String key, @Nullable Duration value) {
    if (value != null) {
      node.put(key, value.toNanos());
    }
  }

  private static void texts(ObjectNode node, String key, List<String> texts) {
    ArrayNode array = node.putArray(key);
    texts.forEach(array::add);
  }
}
