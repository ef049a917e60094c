package io.jcompose.engine.launch;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.core.sync.Rollback;
import io.jcompose.engine.EngineConfig;
import io.jcompose.engine.log.LogAttributes;
import io.jcompose.engine.log.LogOptions;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.engine.spec.ImageDefaults;
import io.jcompose.images.ImageStore;
import io.jcompose.network.NetworkStack;
import io.jcompose.network.Sandbox;
import io.jcompose.network.SandboxRequest;
import io.jcompose.runtime.HeldNamespaces;
import io.jcompose.runtime.Selinux;
import io.jcompose.runtime.Task;
import io.jcompose.runtime.TaskLabels;
import io.jcompose.runtime.TaskListener;
import io.jcompose.runtime.TaskRuntime;
import io.jcompose.runtime.TaskSpec;
import io.jcompose.runtime.UserNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings one container's process up: network, files, mounts, task, in this order, each undone when
 * a later one fails.
 */
public final class Launch implements Launching {
  private final EngineConfig config;
  private final ImageStore images;
  private final NetworkStack network;
  private final TaskRuntime runtime;
  private final Selinux selinux;
  private final ContainerMounts mounts;
  private final NamespaceChoice namespaces;
  private final NameFiles names;

  public Launch(
      EngineConfig config,
      ImageStore images,
      NetworkStack network,
      TaskRuntime runtime,
      Selinux selinux,
      ContainerMounts mounts,
      NamespaceChoice namespaces) {
    this.config = config;
    this.images = images;
    this.network = network;
    this.runtime = runtime;
    this.selinux = selinux;
    this.mounts = mounts;
    this.namespaces = namespaces;
    this.names = new NameFiles(config, namespaces.others());
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
    try (JoinedProcesses joined = JoinedProcesses.hold(namespaces.others(), record.spec())) {
      try {
        return start(record, joined, listener, beforeTask, attaches);
      } catch (RuntimeException e) {
        throw joined.explained(e);
      }
    }
  }

  private Launched start(
      ContainerRecord record,
      JoinedProcesses joined,
      TaskListener listener,
      Consumer<@Nullable Sandbox> beforeTask,
      int attaches) {
    ImageView image = image(record);
    try (HeldNamespaces held = namespaces.held(record.spec(), joined);
        Rollback rollback = new Rollback()) {
      UserNamespace users = held == null ? UserNamespace.HOST : held.users();
      Sandbox sandbox = openSandbox(record, held);
      if (sandbox != null) {
        rollback.push("sandbox of " + record.id(), sandbox::close);
      }
      List<Mount> all = mounts(record, image, sandbox, users, rollback);
      beforeTask.accept(sandbox);
      TaskSpec spec = taskSpec(record, image, all, sandbox, users, joined);
      Task task = runtime.start(spec, listener, attaches);
      rollback.commit();
      return new Launched(task, sandbox);
    }
  }

  @Override
  public void removeFiles(String id) {
    mounts.removeFiles(id);
  }

  @Override
  public void releaseVolumes(ContainerRecord record) {
    mounts.releaseVolumes(record);
  }

  /** Without it the container would run as another user and in another environment. */
  private ImageView image(ContainerRecord record) {
    return images
        .find(record.imageId())
        .orElseThrow(
            () ->
                new JcomposeException.NotFound(
                    "No such image: "
                        + record.spec().image()
                        + "; its record is gone or damaged: pull it again"));
  }

  private @Nullable Sandbox openSandbox(ContainerRecord record, @Nullable HeldNamespaces held) {
    ContainerSpec spec = record.spec();
    if (JoinedContainers.isNamed(spec.networking().mode())) {
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

  private List<Mount> mounts(
      ContainerRecord record,
      ImageView image,
      @Nullable Sandbox sandbox,
      UserNamespace users,
      Rollback rollback) {
    rollback.push("volumes of " + record.id(), () -> mounts.releaseVolumes(record));
    mounts.acquireVolumes(record, users.ids());
    List<Mount> all = new ArrayList<>(names.write(record, sandbox));
    all.addAll(mounts.specified(record));
    rollback.push("files of " + record.id(), () -> mounts.removeFiles(record.id()));
    all.addAll(mounts.files(record, image, users.ids()));
    return mounts.withImageVolumes(record, all);
  }

  private TaskSpec taskSpec(
      ContainerRecord record,
      ImageView image,
      List<Mount> all,
      @Nullable Sandbox sandbox,
      UserNamespace users,
      JoinedProcesses joined) {
    ContainerSpec spec = record.spec();
    Mount.Overlay rootfs = images.layer(record.id(), record.imageId());
    TaskLabels labels = labelled(record, rootfs, all);
    return new TaskSpec(
        record.id(),
        config.container(record.id()),
        spec,
        record.command(),
        ImageDefaults.env(spec, image),
        ImageDefaults.workingDir(spec, image),
        ImageDefaults.user(spec, image),
        rootfs,
        all,
        namespaces.network(spec, sandbox, joined),
        users,
        spec.security().utsMode().equals("host") ? "" : names.hostname(record),
        NamespaceChoice.joined(joined),
        labels,
        logSpec(record, image));
  }

  /** The labels of the process, after all that it sees was given them. */
  private TaskLabels labelled(ContainerRecord record, Mount.Overlay rootfs, List<Mount> all) {
    TaskLabels labels = selinux.inUse(record.labels(), record.spec().security());
    new MountLabels(selinux, labels, config.stateRoot(), config.runRoot())
        .give(record, rootfs, all);
    return labels;
  }

  private TaskSpec.LogSpec logSpec(ContainerRecord record, ImageView image) {
    ContainerSpec spec = record.spec();
    if (spec.logging().driver().equals("none")) {
      return TaskSpec.LogSpec.NONE;
    }
    LogOptions options = LogOptions.of(spec.logging());
    String attributes =
        spec.logging().driver().equals("json-file") && !spec.logging().options().isEmpty()
            ? LogAttributes.json(record, ImageDefaults.env(spec, image))
            : "";
    return new TaskSpec.LogSpec(
        config.log(record.id()),
        options.maxBytes(),
        options.maxFiles(),
        attributes,
        options.packed());
  }
}
