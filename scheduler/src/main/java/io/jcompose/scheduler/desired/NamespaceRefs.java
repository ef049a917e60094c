package io.jcompose.scheduler.desired;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Networking;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** References from one container's namespaces to another's ({@code service:x}). Pure. */
public final class NamespaceRefs {
  private static final String SERVICE = "service:";
  private static final String CONTAINER = "container:";

  private NamespaceRefs() {}

  /** The services whose namespaces the template shares. */
  public static Set<String> services(ContainerSpec template) {
    Set<String> found = new LinkedHashSet<>();
    for (String mode : modes(template)) {
      if (mode.startsWith(SERVICE)) {
        found.add(mode.substring(SERVICE.length()));
      }
    }
    return found;
  }

  /** The containers whose namespaces the spec shares, by id or name. */
  public static Set<String> containers(ContainerSpec spec) {
    Set<String> found = new LinkedHashSet<>();
    for (String mode : modes(spec)) {
      if (mode.startsWith(CONTAINER)) {
        found.add(mode.substring(CONTAINER.length()));
      }
    }
    return found;
  }

  /** True for a mode that is another's namespace. */
  public static boolean isShared(String mode) {
    return mode.startsWith(SERVICE) || mode.startsWith(CONTAINER);
  }

  /** True when the spec shares a namespace with that very container. */
  public static boolean holds(ContainerSpec spec, String id) {
    return modes(spec).contains(CONTAINER + id);
  }

  /** True when the container holds on to a namespace of the owner's that its start has ended. */
  public static boolean holdsFormer(ContainerView container, ContainerView owner) {
    Instant began = container.startedAt();
    Instant ownersBegan = owner.startedAt();
    return holds(container.spec(), owner.id())
        && began != null
        && ownersBegan != null
        && began.isBefore(ownersBegan);
  }

  /**
   * The spec with each {@code service:x} as {@code container:ID}.
   *
   * @param idOf gives the id of a service's first container
   */
  public static ContainerSpec resolve(ContainerSpec spec, UnaryOperator<String> idOf) {
    if (services(spec).isEmpty()) {
      return spec;
    }
    return spec.with()
        .security(resolve(spec.security(), idOf))
        .networking(resolve(spec.networking(), idOf))
        .build();
  }

  private static Security resolve(Security security, UnaryOperator<String> idOf) {
    return security
        .with()
        .pidMode(resolve(security.pidMode(), idOf))
        .ipcMode(resolve(security.ipcMode(), idOf))
        .build();
  }

  private static Networking resolve(Networking networking, UnaryOperator<String> idOf) {
    return networking.withMode(resolve(networking.mode(), idOf));
  }

  private static String resolve(String mode, UnaryOperator<String> idOf) {
    return mode.startsWith(SERVICE)
        ? CONTAINER + idOf.apply(mode.substring(SERVICE.length()))
        : mode;
  }

  private static List<String> modes(ContainerSpec spec) {
    return Stream.of(spec.networking().mode(), spec.security().pidMode(), spec.security().ipcMode())
        .toList();
  }
}
