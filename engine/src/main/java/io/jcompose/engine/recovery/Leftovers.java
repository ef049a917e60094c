package io.jcompose.engine.recovery;

import io.jcompose.core.file.FileTrees;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.images.ImageStore;
import io.jcompose.volumes.VolumeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders that creates and removals of containers left which an engine did not live to finish.
 * They are removed in the background, for a tree of many files takes long; the next start finds
 * what is left then. Owned by the engine.
 */
public final class Leftovers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private final ContainerStore store;
  private final ImageStore images;
  private final VolumeStore volumes;
  private @Nullable Thread sweeper; // set once, before the engine is given out
  private volatile boolean closed;

  public Leftovers(ContainerStore store, ImageStore images, VolumeStore volumes) {
    this.store = store;
    this.images = images;
    this.volumes = volumes;
  }

  /** Begins to remove these; called once. */
  void sweep(List<Path> folders) {
    if (folders.isEmpty()) {
      return;
    }
    Runnable work =
        () ->
            folders.stream()
                .takeWhile(folder -> !closed)
                .forEach(folder -> attempt("remove " + folder, () -> remove(folder)));
    sweeper = Thread.ofPlatform().name("containers-sweep").daemon().start(work);
  }

  private void remove(Path folder) {
    LOG.info("removing what an unfinished create or remove left: {}", folder);
    store
        .retired(folder)
        .ifPresent(
            r ->
                r.anonymousVolumes()
                    .forEach(name -> attempt("remove " + name, () -> volumes.remove(name))));
    images.removeLayer(String.valueOf(folder.getFileName()));
    try {
      FileTrees.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to remove " + folder, e);
    }
  }

  /** What one container left must not keep the others from coming back. */
  static void attempt(String what, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.error("failed to {}; the next start tries again", what, e);
    }
  }

  /** What it does after this ended goes on until the process ends, and may fail then. */
  @Override
  public void close() {
    closed = true;
    try {
      if (sweeper != null) {
        sweeper.join(LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
