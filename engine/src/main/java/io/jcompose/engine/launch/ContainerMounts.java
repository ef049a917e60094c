package io.jcompose.engine.launch;

import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.IdMap;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.engine.EngineConfig;
import io.jcompose.engine.create.ContainerVolumes;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.engine.spec.ContainerChecks;
import io.jcompose.engine.spec.ImageDefaults;
import io.jcompose.images.ImageStore;
import io.jcompose.volumes.GivenFiles;
import io.jcompose.volumes.VolumeStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a container has mounted for a run: volumes, binds, memory, configs and secrets; taken for it
 * and given back. Stateless.
 */
public record ContainerMounts(EngineConfig config, ImageStore images, VolumeStore volumes) {
  private static final AtomicLong LOOKS = new AtomicLong();

  /** Says that the container uses its volumes from now on. */
  void acquireVolumes(ContainerRecord record, IdMap ids) {
    volumesOf(record).forEach(name -> volumes.acquire(name, record.id(), ids));
  }

  /** Gives its volumes back. */
  public void releaseVolumes(ContainerRecord record) {
    volumesOf(record).forEach(name -> volumes.release(name, record.id()));
  }

  /** Notes which running containers use the volumes, once at an engine's start. */
  public void adoptVolumes(Collection<ContainerRecord> running) {
    Map<String, Set<String>> users = new HashMap<>();
    for (ContainerRecord record : running) {
      volumesOf(record)
          .forEach(name -> users.computeIfAbsent(name, key -> new HashSet<>()).add(record.id()));
    }
    volumes.adopt(users);
  }

  private static Set<String> volumesOf(ContainerRecord record) {
    return Set.copyOf(record.volumes().values());
  }

  /** The mounts that its specification says; makes a bind's source that may be made. */
  List<Mount> specified(ContainerRecord record) {
    return record.spec().mounts().stream().map(m -> mount(record, m)).toList();
  }

  private Mount mount(ContainerRecord record, MountSpec mount) {
    return switch (mount) {
      case MountSpec.Volume v ->
          volumes.mount(
              Objects.requireNonNull(record.volumes().get(v.target()), v.target()),
              v.target(),
              v.readOnly(),
              v.subpath());
      case MountSpec.Bind b -> bind(b);
      case MountSpec.Tmpfs t -> new Mount.Tmpfs(t.target(), t.options());
    };
  }

  private static Mount bind(MountSpec.Bind bind) {
    if (!Files.exists(bind.source())) {
      ContainerChecks.bind(bind);
      try {
        Files.createDirectories(bind.source());
      } catch (IOException e) {
        throw new JcomposeException.InvalidArgument(
            "failed to create the bind source " + bind.source() + ": " + e.getMessage(), e);
      }
    }
    String propagation = bind.propagation().isEmpty() ? "rprivate" : bind.propagation();
    return new Mount.Bind(
        bind.source(), bind.target(), bind.readOnly(), bind.recursive(), propagation);
  }

  /** Writes its configs and secrets, with their owners; {@link #removeFiles} undoes it. */
  List<Mount> files(ContainerRecord record, ImageView image, IdMap ids) {
    return GivenFiles.mounts(owned(record.spec().files(), record, image), folder(record.id()), ids);
  }

  /**
   * Some of its configs and secrets as it has them while it runs, for one who looks at it while it
   * does not; {@link #sweepFiles} removes what a crash leaves of the folder.
   *
   * @param shown takes the mounts, whose files are gone when it returns
   */
  public <T> T filesFor(
      ContainerRecord record, List<FileSpec> files, Function<List<Mount>, T> shown) {
    Path folder = folder("look-" + LOOKS.incrementAndGet());
    try {
      ImageView image = images.find(record.imageId()).orElse(null);
      return shown.apply(GivenFiles.mounts(owned(files, record, image), folder, IdMap.HOST));
    } finally {
      GivenFiles.remove(folder);
    }
  }

  private List<FileSpec> owned(
      List<FileSpec> files, ContainerRecord record, @Nullable ImageView image) {
    return FileOwners.filled(
        files,
        ImageDefaults.user(record.spec(), image),
        () -> images.layer(record.id(), record.imageId()));
  }

  /** Removes the configs and secrets of a container; succeeds when there are none. */
  void removeFiles(String id) {
    GivenFiles.remove(folder(id));
  }

  /** Removes the configs and secrets of all containers but these. */
  public void sweepFiles(Set<String> running) {
    GivenFiles.sweep(config.givenFiles(), running);
  }

  private Path folder(String id) {
    return config.givenFiles().resolve(id);
  }

  /** Adds the volumes that the image declares and the specification does not mount over. */
  List<Mount> withImageVolumes(ContainerRecord record, List<Mount> mounts) {
    List<Mount> all = new ArrayList<>(mounts);
    record
        .volumes()
        .forEach(
            (target, name) -> {
              if (mounts.stream().noneMatch(m -> ContainerVolumes.isSame(m.target(), target))) {
                all.add(volumes.mount(name, target, false, ""));
              }
            });
    return all;
  }
}
