package io.jcompose.engine;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.IdMap;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.core.Rollback;
import io.jcompose.core.StateFile;
import io.jcompose.images.ImageStore;
import io.jcompose.network.NetworkStack;
import io.jcompose.network.Sandbox;
import io.jcompose.network.SandboxRequest;
import io.jcompose.runtime.HeldNamespaces;
import io.jcompose.runtime.NetworkNamespace;
import io.jcompose.runtime.Selinux;
import io.jcompose.runtime.Task;
import io.jcompose.runtime.TaskLabels;
import io.jcompose.runtime.TaskListener;
import io.jcompose.runtime.TaskRuntime;
import io.jcompose.runtime.TaskSpec;
import io.jcompose.runtime.TaskSpec.Joined;
import io.jcompose.runtime.UserNamespace;
import io.jcompose.volumes.GivenFiles;
import io.jcompose.volumes.VolumeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Brings one container's process up: network, files, mounts, task, in this order, each undone when
 * a later one fails.
 */
final class Launch implements Launching {
  private static final String CONTAINER_MODE = "container:";

  private final EngineConfig config;
  private final ImageStore images;
  private final VolumeStore volumes;
  private final NetworkStack network;
  private final TaskRuntime runtime;
  private final Selinux selinux;
  private final IdMap ids;
  private final Function<String, ContainerView> others;

  /**
   * @param ids of containers that do not say otherwise
   * @param others finds another container by its id; throws NotFound
   */
  Launch(
      EngineConfig config,
      ImageStore images,
      VolumeStore volumes,
      NetworkStack network,
      TaskRuntime runtime,
      Selinux selinux,
      IdMap ids,
      Function<String, ContainerView> others) {
    this.config = config;
    this.images = images;
    this.volumes = volumes;
    this.network = network;
    this.runtime = runtime;
    this.selinux = selinux;
    this.ids = ids;
    this.others = others;
  }

  @Override
  public void expect() {
    runtime.warm();
  }

  @Override
  public Launched start(
      ContainerRecord record,
      TaskListener listener,
      Consumer<@Nullable Sandbox> beforeTask,
      int attaches) {
    runtime.warm();
    ContainerSpec spec = record.spec();
    // Without it the container would run as another user and in another environment.
    ImageView image =
        images
            .find(record.imageId())
            .orElseThrow(
                () ->
                    new JcomposeException.NotFound(
                        "No such image: "
                            + spec.image()
                            + "; its record is gone or damaged: pull it again"));
    Path bundle = config.container(record.id());
    try (HeldNamespaces held = namespaces(spec);
        Rollback rollback = new Rollback()) {
      UserNamespace users = held == null ? UserNamespace.HOST : held.users();
      Sandbox sandbox = openSandbox(record, held);
      if (sandbox != null) {
        rollback.push("sandbox of " + record.id(), sandbox::close);
      }
      rollback.push("volumes of " + record.id(), () -> releaseVolumes(record));
      volumesOf(record).forEach(name -> volumes.acquire(name, record.id(), users.ids()));
      List<Mount> mounts = new ArrayList<>(nameFiles(record, sandbox, bundle));
      spec.mounts().forEach(m -> mounts.add(mount(record, m)));
      rollback.push("files of " + record.id(), () -> GivenFiles.remove(givenFiles(record.id())));
      String user = Merged.user(spec, image);
      List<FileSpec> files =
          FileOwners.filled(spec.files(), user, () -> images.layer(record.id(), record.imageId()));
      mounts.addAll(GivenFiles.mounts(files, givenFiles(record.id()), users.ids()));
      beforeTask.accept(sandbox);
      Task task =
          runtime.start(
              taskSpec(record, image, bundle, mounts, sandbox, users), listener, attaches);
      rollback.commit();
      return new Launched(task, sandbox);
    }
  }

  @Override
  public Path givenFiles(String id) {
    return config.runRoot().resolve("files").resolve(id);
  }

  @Override
  public void releaseVolumes(ContainerRecord record) {
    volumesOf(record).forEach(name -> volumes.release(name, record.id()));
  }

  private static Set<String> volumesOf(ContainerRecord record) {
    return Set.copyOf(record.volumes().values());
  }

  /** Removes the files of containers that do not run. */
  void sweepGivenFiles(Set<String> running) {
    GivenFiles.sweep(config.runRoot().resolve("files"), running);
  }

  /** The log of a container, its first file. */
  static Path logFile(Path bundle) {
    return bundle.resolve(bundle.getFileName() + "-json.log");
  }

  /**
   * The user namespace of a container, with a network of its own in it; null for the host's. Who
   * joins another container's network, process ids or queues shares its user namespace, which they
   * belong to.
   */
  private @Nullable HeldNamespaces namespaces(ContainerSpec spec) {
    ContainerSpec.Security security = spec.security();
    if (ids.isHost() || security.usernsMode().equals("host")) {
      return null;
    }
    ContainerChecks.users(spec, ids);
    String network = spec.networking().mode();
    Map<Path, UserNamespace> shared = new HashMap<>();
    share(pidOf(network, "network"), shared);
    share(pidOf(security.pidMode(), "pid"), shared);
    share(pidOf(security.ipcMode(), "ipc"), shared);
    boolean ownNetwork = !network.startsWith(CONTAINER_MODE);
    if (shared.isEmpty()) {
      return runtime.namespaces(ids, ownNetwork);
    }
    UserNamespace first = shared.values().iterator().next();
    if (shared.size() > 1 || first.isHost()) {
      throw new JcomposeException.Conflict(
          spec.name()
              + " shares namespaces of containers that are in "
              + (shared.size() > 1 ? "different user namespaces" : "the host's user namespace")
              + ": let it share those of one container, or set userns_mode: host");
    }
    return runtime.namespaces(first, ownNetwork);
  }

  /** Notes the user namespace of a process by what it is, for many processes may be in one. */
  private static void share(long pid, Map<Path, UserNamespace> shared) {
    if (pid != 0) {
      try {
        Path namespace = Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/user"));
        shared.put(namespace, UserNamespace.ofProcess(pid));
      } catch (IOException e) {
        throw new UncheckedIOException("failed to look at the namespaces of process " + pid, e);
      }
    }
  }

  private @Nullable Sandbox openSandbox(ContainerRecord record, @Nullable HeldNamespaces held) {
    ContainerSpec spec = record.spec();
    String mode = spec.networking().mode();
    if (mode.startsWith(CONTAINER_MODE)) {
      return null;
    }
    return network.open(
        new SandboxRequest(
            record.id(),
            spec.name(),
            List.of(),
            spec.process().hostname(),
            spec.process().domainname(),
            held == null ? null : held.network(),
            spec.networking()));
  }

  private NetworkNamespace namespace(ContainerSpec spec, @Nullable Sandbox sandbox) {
    String mode = spec.networking().mode();
    if (mode.startsWith(CONTAINER_MODE)) {
      return new NetworkNamespace.At(Path.of("/proc/" + pidOf(mode, "network") + "/ns/net"), true);
    }
    if (mode.equals("host") || sandbox == null || sandbox.netnsFd() < 0) {
      return new NetworkNamespace.Host();
    }
    return new NetworkNamespace.Fd(sandbox.netnsFd());
  }

  /**
   * /etc/hosts, /etc/hostname and /etc/resolv.conf; a container in another's network sees the
   * other's.
   */
  private List<Mount> nameFiles(ContainerRecord record, @Nullable Sandbox sandbox, Path bundle) {
    String mode = record.spec().networking().mode();
    Path source = bundle;
    if (mode.startsWith(CONTAINER_MODE)) {
      source = config.container(others.apply(mode.substring(CONTAINER_MODE.length())).id());
    } else if (sandbox != null) {
      write(bundle.resolve("hosts"), sandbox.hosts());
      write(bundle.resolve("resolv.conf"), file -> Files.write(file, sandbox.resolvConf()));
      write(bundle.resolve("hostname"), file -> Files.writeString(file, hostname(record) + "\n"));
    }
    boolean readOnly = record.spec().security().readOnlyRootfs();
    List<Mount> mounts = new ArrayList<>();
    for (String file : List.of("resolv.conf", "hostname", "hosts")) {
      mounts.add(
          new Mount.Bind(source.resolve(file), "/etc/" + file, readOnly, true, "rprivate", true));
    }
    return mounts;
  }

  private String hostname(ContainerRecord record) {
    ContainerSpec spec = record.spec();
    String mode = spec.networking().mode();
    if (!spec.process().hostname().isEmpty()) {
      return spec.process().hostname();
    }
    if (mode.equals("host")) {
      return hostsOwnName();
    }
    if (mode.startsWith(CONTAINER_MODE)) {
      ContainerView other = others.apply(mode.substring(CONTAINER_MODE.length()));
      String name = other.spec().process().hostname();
      return name.isEmpty() ? io.jcompose.core.Ids.brief(other.id()) : name;
    }
    return io.jcompose.core.Ids.brief(record.id());
  }

  private static String hostsOwnName() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read the host's name", e);
    }
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

  private TaskSpec taskSpec(
      ContainerRecord record,
      @Nullable ImageView image,
      Path bundle,
      List<Mount> mounts,
      @Nullable Sandbox sandbox,
      UserNamespace users) {
    ContainerSpec spec = record.spec();
    List<Mount> all = withImageVolumes(record, mounts);
    TaskLabels labels = selinux.inUse(record.labels(), spec.security());
    Mount.Overlay rootfs = images.layer(record.id(), record.imageId());
    new MountLabels(selinux, labels, config.stateRoot(), config.runRoot())
        .give(record, rootfs, all);
    return new TaskSpec(
        record.id(),
        bundle,
        spec,
        record.command(),
        Merged.env(spec, image),
        Merged.workingDir(spec, image),
        Merged.user(spec, image),
        rootfs,
        all,
        namespace(spec, sandbox),
        users,
        spec.security().utsMode().equals("host") ? "" : hostname(record),
        new Joined(
            pidOf(spec.security().pidMode(), "pid"),
            pidOf(spec.security().ipcMode(), "ipc"),
            pidOf(spec.security().utsMode(), "uts")),
        labels,
        logSpec(record, image, bundle));
  }

  private static TaskSpec.LogSpec logSpec(
      ContainerRecord record, @Nullable ImageView image, Path bundle) {
    ContainerSpec spec = record.spec();
    if (spec.logging().driver().equals("none")) {
      return TaskSpec.LogSpec.NONE;
    }
    LogOptions options = LogOptions.of(spec.logging());
    String attributes =
        spec.logging().driver().equals("json-file") && !spec.logging().options().isEmpty()
            ? LogAttributes.json(record, Merged.env(spec, image))
            : "";
    return new TaskSpec.LogSpec(
        logFile(bundle), options.maxBytes(), options.maxFiles(), attributes, options.packed());
  }

  /** Adds the volumes that the image declares and the spec does not mount over. */
  private List<Mount> withImageVolumes(ContainerRecord record, List<Mount> mounts) {
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

  /** The main process of the container that {@code container:ID} names; 0 for other modes. */
  private long pidOf(String mode, String kind) {
    if (!mode.startsWith(CONTAINER_MODE)) {
      return 0;
    }
    ContainerView other = others.apply(mode.substring(CONTAINER_MODE.length()));
    if (!other.isRunning()) {
      throw new JcomposeException.Conflict(
          "cannot join " + kind + " namespace of a non running container: " + other.name());
    }
    return other.pid();
  }

  private static void write(Path file, Sandbox.FileContent content) {
    try {
      if (Files.isDirectory(file)) {
        StateFile.setAside(file, "it is a directory");
      }
      // Written in place: a restarted container's bind mount is made anew anyway, and no reader
      // sees a file of a start that failed.
      content.writeTo(file);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to write " + file, e);
    }
  }
}
