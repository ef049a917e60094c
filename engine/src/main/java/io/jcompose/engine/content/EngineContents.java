package io.jcompose.engine.content;

import io.jcompose.core.Contents;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.engine.EngineConfig;
import io.jcompose.engine.content.ContainerViews.View;
import io.jcompose.engine.event.EventHub;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.engine.run.Runs;
import io.jcompose.engine.spec.ImageDefaults;
import io.jcompose.images.ImageStore;
import io.jcompose.images.archive.ArchiveInput;
import io.jcompose.images.archive.ContainerUser;
import io.jcompose.images.archive.TarWriter;
import io.jcompose.images.archive.TreeReader;
import io.jcompose.images.archive.TreeWriter;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileMaker;
import io.jcompose.linux.mount.PrivateRoot;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import jnr.constants.platform.Errno;

/**
 * Files of containers. A running one is entered by its process's root directory, so that all it has
 * mounted is seen; of one that does not run, a view is made that nobody else sees. Writing into the
 * latter holds the container's turn, for its layer may not be mounted twice; what is written has
 * been received before.
 */
public final class EngineContents implements Contents {
  private final EngineConfig config;
  private final ContainerStore store;
  private final ImageStore images;
  private final ContainerViews views;
  private final Runs runs;
  private final ContainerCommits commits;
  private final EventHub events;

  public EngineContents(
      EngineConfig config,
      ContainerStore store,
      ImageStore images,
      ContainerViews views,
      Runs runs,
      ContainerCommits commits,
      EventHub events) {
    this.config = config;
    this.store = store;
    this.images = images;
    this.views = views;
    this.runs = runs;
    this.commits = commits;
    this.events = events;
  }

  @Override
  public Archive open(String ref, String path, boolean followLink) {
    Container container = store.get(ref);
    View view = views.of(container, false);
    try {
      PathInContainer found = PathInContainer.find(view.root(), path, followLink, container.id());
      if (found.status() == null) {
        found.close();
        throw new JcomposeException.NotFound(
            "Could not find the file " + path + " in container " + container.id());
      }
      events.acted(container, "archive-path", Map.of());
      return new OpenArchive(view, found);
    } catch (RuntimeException e) {
      view.close();
      throw e;
    }
  }

  @Override
  public void write(String ref, Destination destination, InputStream archive) throws IOException {
    InputStream lent =
        new FilterInputStream(archive) {
          @Override
          public void close() {} // the caller's, who may have an answer to give on it
        };
    try (InputStream tar = ArchiveInput.open(lent)) { // docker-java compresses what it sends
      writePlain(store.get(ref), destination, tar);
    }
  }

  private void writePlain(Container container, Destination destination, InputStream tar)
      throws IOException {
    if (container.run() != null) {
      unpack(container, destination, tar);
      events.acted(container, "extract-to-dir", Map.of());
      return;
    }
    // Not in its turn: the client may take for ever, and others want the container.
    try (Spool whole = Spool.take(tar, config.container(container.id()))) {
      runs.inTurn(
          container,
          () -> {
            try {
              unpack(store.get(container.id()), destination, whole.content());
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    events.acted(container, "extract-to-dir", Map.of());
  }

  @Override
  public void export(String ref, OutputStream tar) throws IOException {
    Container container = store.get(ref);
    try (View view = views.layers(container)) {
      TarWriter writer = new TarWriter(tar);
      new TreeReader(writer).children(view.root(), "");
      writer.finish();
    }
    events.acted(container, "export", Map.of());
  }

  @Override
  public List<Change> changes(String ref) {
    ContainerRecord record = store.get(ref).record();
    Mount.Overlay layer = images.layer(record.id(), record.imageId());
    try (DirectoryFd upper = DirectoryFd.open(layer.upper());
        PrivateRoot lower = views.open(layer.lower())) {
      return new LayerChanges(upper, lower.root()).list();
    }
  }

  @Override
  public String commit(String ref, Commit options, BooleanSupplier isGivenUp) {
    return commits.commit(ref, options, isGivenUp);
  }

  private void unpack(Container container, Destination destination, InputStream tar)
      throws IOException {
    try (View view = views.of(container, true);
        PathInContainer found =
            PathInContainer.find(view.root(), destination.path(), true, container.id())) {
      boolean into = found.isDirectory();
      requireFits(destination, found, container);
      requireWritable(container, found, view);
      TreeWriter.Options options =
          new TreeWriter.Options(
              owner(container, destination, view),
              into ? "" : latin(destination.sourceName()),
              into ? "" : latin(found.ownName()),
              view.ids());
      try (DirectoryFd directory =
          into ? found.openDirectory() : found.directory().openInRoot(new byte[0])) {
        if (view.ids().isHost()) {
          TreeWriter.unpack(tar, directory, options);
        } else {
          int uid = view.ids().hostUser(0);
          int gid = view.ids().hostGroup(0);
          FileMaker.run(uid, gid, () -> TreeWriter.unpack(tar, directory, options));
        }
      }
    } catch (KernelException e) {
      throw explained(e, destination.path());
    }
  }

  /** The rules of docker cp's PrepareArchiveCopy (github.com/moby/go-archive, copy.go). */
  private static void requireFits(
      Destination destination, PathInContainer found, Container container) {
    boolean exists = found.status() != null;
    if (found.isDirectory()) {
      return;
    }
    if (destination.sourceName().isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          "destination \""
              + container.record().spec().name()
              + ":"
              + destination.path()
              + "\" must be a directory");
    }
    if (exists && destination.sourceIsDirectory()) {
      throw new JcomposeException.InvalidArgument(
          "cannot copy directory to " + destination.path() + ", which is a file");
    }
    if (!exists && !destination.sourceIsDirectory() && found.assertsDirectory()) {
      throw new JcomposeException.NotFound("no such directory: " + destination.path());
    }
  }

  /**
   * A running container's mounts refuse by themselves; a view of a stopped one's layer would not.
   */
  private static void requireWritable(Container container, PathInContainer found, View view) {
    boolean onLayer = found.directory().stat().fileSystem() == view.root().stat().fileSystem();
    if (container.record().spec().security().readOnlyRootfs() && onLayer) {
      throw new JcomposeException.Conflict("container rootfs is marked read-only");
    }
  }

  private TreeWriter.Owner owner(Container container, Destination destination, View view) {
    ContainerRecord record = container.record();
    String user = ImageDefaults.user(record.spec(), images.find(record.imageId()).orElse(null));
    return destination.asUser() && !user.isEmpty()
        ? ContainerUser.find(view.root(), user)
        : new TreeWriter.Owner.OfArchive();
  }

  private static RuntimeException explained(KernelException e, String path) {
    if (e.is(Errno.EROFS)) {
      return new JcomposeException.Conflict(
          "cannot write to " + path + ": it is mounted read-only in the container");
    }
    if (e.is(Errno.ENOSPC) || e.is(Errno.EDQUOT)) {
      return new JcomposeException.Unavailable(
          "cannot write to " + path + ": the disk is full: " + e.getMessage());
    }
    return new JcomposeException.Internal("failed to write to " + path + ": " + e.getMessage(), e);
  }

  /** A path found, with the view that holds it. */
  private record OpenArchive(View view, PathInContainer found) implements Archive {
    @Override
    public String name() {
      return found.name();
    }

    @Override
    public boolean isDirectory() {
      return found.isDirectory();
    }

    @Override
    public void writeTo(OutputStream tar) throws IOException {
      TarWriter writer = new TarWriter(tar);
      TreeReader reader = new TreeReader(writer, view.ids());
      if (found.isDirectory()) {
        try (DirectoryFd directory = found.openDirectory()) {
          reader.directory(directory, latin(found.name()));
        }
      } else {
        reader.entry(found.directory(), Objects.requireNonNull(found.entry()), latin(found.name()));
      }
      writer.finish();
    }

    @Override
    public void close() {
      found.close();
      view.close();
    }
  }

  /** The bytes of a name as an archive's text has them. */
  private static String latin(String name) {
    return new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
