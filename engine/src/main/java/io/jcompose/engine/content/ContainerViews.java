package io.jcompose.engine.content;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.engine.EngineConfig;
import io.jcompose.engine.launch.ContainerMounts;
import io.jcompose.engine.launch.JoinedContainers;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.Container.Run;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.mount.PrivateRoot;
import io.jcompose.runtime.HeldProcess;
import io.jcompose.runtime.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * What a container's files are: a running one's by its process's root directory; of one that does
 * not run, a view with all mounted that it would have, but for memory, which is gone with the run.
 * Stateless.
 *
 * @param others finds containers whose network, and so whose names of hosts, one shares
 */
public record ContainerViews(EngineConfig config, ContainerMounts mounts, JoinedContainers others) {
  /** A container's root directory, whose owners' ids those are, and what lets go of it. */
  record View(DirectoryFd root, IdMap ids, Runnable release) implements AutoCloseable {
    @Override
    public void close() {
      release.run();
    }
  }

  /**
   * Owned by the caller, who closes it.
   *
   * @param writing what is written stays in the container's layer; else it is gone with the view
   */
  View of(Container container, boolean writing) {
    Run run = container.run();
    if (run != null) {
      return of(container, run.task());
    }
    ContainerRecord record = container.record();
    Mount.Overlay layer = layer(record);
    return mounts.filesFor(
        record,
        present(record.spec().files()),
        files -> {
          List<PrivateRoot.Bind> binds = binds(record, files);
          PrivateRoot made =
              open(
                  writing
                      ? new PrivateRoot.Layout(layer.lower(), layer.upper(), layer.work(), binds)
                      : new PrivateRoot.Layout(whole(layer), null, null, binds));
          if (!writing) {
            missing(record.spec()).forEach(target -> hide(made.root(), target));
          }
          return new View(made.root(), IdMap.HOST, made::close); // on disk they are its own
        });
  }

  /** As its first process sees it. */
  private static View of(Container container, Task task) {
    try (HeldProcess process = task.process().orElseThrow(() -> hasEnded(container))) {
      return of(container, process);
    }
  }

  private static View of(Container container, HeldProcess process) {
    try {
      IdMap ids = IdMap.ofProcess(process.path());
      DirectoryFd root = DirectoryFd.open(process.path().resolve("root"));
      return new View(root, ids, root::close);
    } catch (KernelException | UncheckedIOException e) {
      if (!process.isAlive()) {
        throw hasEnded(container);
      }
      throw e;
    }
  }

  private static JcomposeException hasEnded(Container container) {
    return new JcomposeException.Conflict(
        "container " + container.id() + " has just ended; try again");
  }

  /** Where something was mounted whose source is gone. */
  private static List<String> missing(ContainerSpec spec) {
    Stream<String> binds =
        spec.mounts().stream()
            .filter(mount -> mount instanceof MountSpec.Bind b && !Files.exists(b.source()))
            .map(MountSpec::target);
    Stream<String> files =
        spec.files().stream().filter(file -> !exists(file.source())).map(FileSpec::target);
    return Stream.concat(binds, files).toList();
  }

  /** An empty file in a mount's place would be taken for what it has. */
  private static void hide(DirectoryFd root, String target) {
    int slash = target.lastIndexOf('/');
    byte[] name = target.substring(slash + 1).getBytes(StandardCharsets.UTF_8);
    try (DirectoryFd parent =
        root.openInRoot(target.substring(0, slash).getBytes(StandardCharsets.UTF_8))) {
      FileStatus status = parent.stat(name).orElse(null);
      if (status != null && status.isDirectory()) {
        parent.rmdir(name);
      } else if (status != null && status.isRegular() && status.sizeBytes() == 0) {
        parent.unlink(name);
      }
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR) && !e.is(Errno.ENOTEMPTY)) {
        throw e;
      }
    }
  }

  /** The container's layer over its image's, and nothing mounted. */
  View layers(Container container) {
    PrivateRoot made = open(whole(layer(container.record())));
    return new View(made.root(), IdMap.HOST, made::close);
  }

  /** Layers, topmost first, and nothing mounted. Owned by the caller, who closes it. */
  PrivateRoot open(List<Path> lower) {
    return open(new PrivateRoot.Layout(lower, null, null, List.of()));
  }

  private Mount.Overlay layer(ContainerRecord record) {
    return mounts.images().layer(record.id(), record.imageId());
  }

  private static List<Path> whole(Mount.Overlay layer) {
    return Stream.concat(Stream.of(layer.upper()), layer.lower().stream()).toList();
  }

  /** A container that runs may change what another one's volume has at a subpath at any time. */
  private PrivateRoot open(PrivateRoot.Layout layout) {
    try {
      return PrivateRoot.open(layout, mountPoint());
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ELOOP) || e.is(Errno.ENOTDIR)) {
        throw new JcomposeException.NotFound(
            "cannot show the container's files: a path of its mounts is gone, or a link in a"
                + " subpath: "
                + e.getMessage());
      }
      throw e;
    }
  }

  private Path mountPoint() {
    try {
      return Files.createDirectories(config.runRoot().resolve("view"));
    } catch (IOException e) {
      throw new UncheckedIOException("failed to make a mount point in " + config.runRoot(), e);
    }
  }

  /** One whose source is gone keeps nobody from the others. */
  private static List<FileSpec> present(List<FileSpec> files) {
    return files.stream().filter(file -> exists(file.source())).toList();
  }

  private static boolean exists(@Nullable Path source) {
    return source == null || Files.exists(source);
  }

  /** All as the container would have it, what is nearer to the root first. */
  private List<PrivateRoot.Bind> binds(ContainerRecord record, List<Mount> files) {
    Map<String, PrivateRoot.Bind> binds = new LinkedHashMap<>();
    ContainerSpec spec = record.spec();
    record.volumes().forEach((target, name) -> binds.put(target, volume(name, target, false, "")));
    for (MountSpec mount : spec.mounts()) {
      switch (mount) {
        case MountSpec.Volume v -> {
          String name = Objects.requireNonNull(record.volumes().get(v.target()), v.target());
          binds.put(v.target(), volume(name, v.target(), v.readOnly(), v.subpath()));
        }
        case MountSpec.Bind b -> {
          if (Files.exists(b.source())) {
            binds.put(b.target(), new PrivateRoot.Bind(b.source(), "", b.target(), b.readOnly()));
          }
        }
        case MountSpec.Tmpfs _ -> {}
      }
    }
    for (Mount file : files) {
      if (file instanceof Mount.Bind b) {
        binds.put(b.target(), new PrivateRoot.Bind(b.source(), "", b.target(), true));
      }
    }
    Path names = nameFiles(record);
    for (String file : List.of("resolv.conf", "hostname", "hosts")) {
      Path own = names.resolve(file);
      if (Files.isRegularFile(own)) { // from its first start on, with a network of its own
        binds.putIfAbsent("/etc/" + file, new PrivateRoot.Bind(own, "", "/etc/" + file, false));
      }
    }
    return binds.values().stream()
        .sorted(Comparator.comparingInt(b -> b.target().split("/").length))
        .toList();
  }

  /** Where the names of hosts are: with the container whose network it is. */
  private Path nameFiles(ContainerRecord record) {
    return config.container(others.ownerOfNetwork(record));
  }

  private PrivateRoot.Bind volume(String name, String target, boolean readOnly, String subpath) {
    return switch (mounts.volumes().mount(name, target, readOnly, subpath)) {
      case Mount.Bind bind -> new PrivateRoot.Bind(bind.source(), bind.inside(), target, readOnly);
      case Mount other ->
          throw new JcomposeException.NotSupported(
              "volume " + name + " can be reached only while its container runs: " + other);
    };
  }
}
