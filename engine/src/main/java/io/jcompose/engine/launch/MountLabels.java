package io.jcompose.engine.launch;

import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Mount;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.runtime.Selinux;
import io.jcompose.runtime.TaskLabels;
import java.nio.file.Path;
import java.util.List;

/**
 * Gives what a container has mounted the labels of SELinux that let it in, by Docker's rules: the
 * engine's own files are the container's, volumes are any container's, and binds of host paths are
 * left alone unless they say {@code z} or {@code Z}.
 *
 * @param stateRoot below it lie the engine's own files, but volumes too
 * @param runRoot below it lie configs and secrets that were made
 */
record MountLabels(Selinux selinux, TaskLabels labels, Path stateRoot, Path runRoot) {

  /**
   * @param rootfs what its root will be made of
   * @param mounts all of the container's, as they will be made
   */
  void give(ContainerRecord record, Mount.Overlay rootfs, List<Mount> mounts) {
    if (labels.files().isEmpty()) {
      return;
    }
    rootfs.lower().forEach(selinux::labelLayer);
    selinux.labelLayer(rootfs.upper());
    selinux.labelLayer(rootfs.work());
    for (Mount mount : mounts) {
      if (mount instanceof Mount.Bind bind) {
        give(record, bind);
      }
    }
  }

  private void give(ContainerRecord record, Mount.Bind bind) {
    if (record.volumes().containsKey(bind.target())) {
      selinux.relabel(bind.source().resolve(bind.inside()), labels, true);
      return;
    }
    for (MountSpec mount : record.spec().mounts()) {
      if (mount instanceof MountSpec.Bind wanted && wanted.target().equals(bind.target())) {
        if (!wanted.selinux().isEmpty()) {
          selinux.relabel(bind.source(), labels, wanted.selinux().equals("z"));
        }
        return;
      }
    }
    if (bind.source().startsWith(stateRoot) || bind.source().startsWith(runRoot)) {
      boolean others = record.spec().networking().mode().startsWith("container:");
      selinux.relabel(bind.source(), labels, others && bind.source().startsWith(stateRoot));
    }
  }
}
