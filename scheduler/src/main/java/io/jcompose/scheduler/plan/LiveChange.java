package io.jcompose.scheduler.plan;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Networking;
import io.jcompose.core.Resources;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.desired.NamespaceRefs;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds out whether a container can get its desired spec while it runs, as {@code docker update}
 * does it: when nothing but limits of processors, memory, processes and block devices, and the
 * restart policy differ. Pure.
 */
final class LiveChange {
  private LiveChange() {}

  /**
   * The spec it gets, with the desired labels; empty when it cannot.
   *
   * @param declared targets for which its image asks for volumes
   */
  static Optional<ContainerSpec> of(
      ContainerView container, ContainerSpec wanted, Collection<String> declared) {
    ContainerSpec has = container.spec();
    boolean changes =
        !has.resources().equals(wanted.resources())
            || !has.lifecycle().restart().equals(wanted.lifecycle().restart());
    boolean possible =
        changes
            && NamespaceRefs.services(wanted).isEmpty()
            && isSame(has, wanted)
            && isSame(has.resources(), wanted.resources())
            && isSame(has.lifecycle(), wanted.lifecycle())
            && hasMounts(container, wanted, declared);
    if (!possible) {
      return Optional.empty();
    }
    Map<String, String> labels = new HashMap<>(has.labels());
    labels.putAll(wanted.labels());
    labels.put(Labels.IMAGE, has.labels().getOrDefault(Labels.IMAGE, ""));
    return Optional.of(
        wanted.with().name(has.name()).imageId(has.imageId()).labels(labels).build());
  }

  /** All but mounts, name and what is compared apart. */
  private static boolean isSame(ContainerSpec has, ContainerSpec wanted) {
    return has.image().equals(wanted.image())
        && ownLabels(has).equals(ownLabels(wanted))
        && has.process().equals(wanted.process())
        && has.security().equals(wanted.security())
        && told(has).equals(told(wanted))
        && has.files().equals(wanted.files())
        && Objects.equals(has.health(), wanted.health())
        && has.logging().equals(wanted.logging());
  }

  /** What is read once, when a process starts or a mount is made. */
  private static boolean isSame(Resources has, Resources wanted) {
    return has.oomScoreAdj() == wanted.oomScoreAdj()
        && has.shmBytes() == wanted.shmBytes()
        && has.layerBytes() == wanted.layerBytes()
        && has.oomKillDisable() == wanted.oomKillDisable()
        && Objects.equals(has.memorySwappiness(), wanted.memorySwappiness());
  }

  private static boolean isSame(Lifecycle has, Lifecycle wanted) {
    return has.stopSignal().equals(wanted.stopSignal())
        && Objects.equals(has.stopTimeout(), wanted.stopTimeout())
        && has.autoRemove() == wanted.autoRemove();
  }

  /** A successor has its predecessor's anonymous volumes by name. */
  private static boolean hasMounts(
      ContainerView container, ContainerSpec wanted, Collection<String> declared) {
    List<ContainerSpec.MountSpec> has = container.spec().mounts();
    ContainerSpec successor =
        AnonymousVolumes.inherit(wanted, container.anonymousVolumes(), declared);
    return has.equals(wanted.mounts()) || has.equals(successor.mounts());
  }

  /** Ports that are only told bind nobody, and records of older engines have none. */
  private static Networking told(ContainerSpec spec) {
    return spec.networking().withExposed(List.of());
  }

  private static Map<String, String> ownLabels(ContainerSpec spec) {
    Map<String, String> own = new HashMap<>(spec.labels());
    own.keySet().removeIf(label -> label.startsWith("com.docker.compose."));
    return own;
  }
}
