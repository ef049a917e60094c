package io.jcompose.engine.launch;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.engine.launch.JoinedProcesses.Kind;
import io.jcompose.engine.spec.ContainerChecks;
import io.jcompose.network.Sandbox;
import io.jcompose.runtime.HeldNamespaces;
import io.jcompose.runtime.HeldProcess;
import io.jcompose.runtime.NetworkNamespace;
import io.jcompose.runtime.TaskRuntime;
import io.jcompose.runtime.TaskSpec.Joined;
import io.jcompose.runtime.UserNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the namespaces of a container's process: its own, the host's, or another container's.
 * Stateless.
 *
 * @param ids of containers that do not say {@code userns_mode: host}
 * @param others the containers that modes name
 */
public record NamespaceChoice(TaskRuntime runtime, IdMap ids, JoinedContainers others) {
  /**
   * The user namespace of a container, with a network of its own in it; null for the host's. A
   * container that joins another one's network, process ids or queues shares its user namespace,
   * which they belong to.
   */
  @Nullable HeldNamespaces held(ContainerSpec spec, JoinedProcesses joined) {
    if (ids.isHost() || spec.security().usernsMode().equals("host")) {
      return null;
    }
    ContainerChecks.users(spec, ids);
    String network = spec.networking().mode();
    Map<Path, UserNamespace> shared = new HashMap<>();
    for (Kind kind : List.of(Kind.NETWORK, Kind.PID, Kind.IPC)) {
      share(joined.of(kind), shared);
    }
    boolean ownNetwork = !JoinedContainers.isNamed(network);
    return shared.isEmpty()
        ? runtime.namespaces(ids, ownNetwork)
        : runtime.namespaces(only(spec, shared), ownNetwork);
  }

  private static UserNamespace only(ContainerSpec spec, Map<Path, UserNamespace> shared) {
    UserNamespace first = shared.values().iterator().next();
    if (shared.size() > 1 || first.isHost()) {
      throw new JcomposeException.Conflict(
          spec.name()
              + " shares namespaces of containers that are in "
              + (shared.size() > 1 ? "different user namespaces" : "the host's user namespace")
              + ": let it share those of one container, or set userns_mode: host");
    }
    return first;
  }

  /** Notes the user namespace of a process by what it is, for many processes may be in one. */
  private static void share(@Nullable HeldProcess process, Map<Path, UserNamespace> shared) {
    if (process != null) {
      try {
        Path namespace = Files.readSymbolicLink(process.namespace("user"));
        shared.put(namespace, UserNamespace.ofProcess(process));
      } catch (IOException e) {
        throw new UncheckedIOException("failed to look at the namespaces of a container", e);
      }
    }
  }

  /**
   * The network namespace.
   *
   * @param sandbox the container's own, or null
   */
  NetworkNamespace network(ContainerSpec spec, @Nullable Sandbox sandbox, JoinedProcesses joined) {
    HeldProcess other = joined.of(Kind.NETWORK);
    if (other != null) {
      return new NetworkNamespace.At(other.namespace("net"), true);
    }
    if (spec.networking().mode().equals("host") || sandbox == null || sandbox.netnsFd() < 0) {
      return new NetworkNamespace.Host();
    }
    return new NetworkNamespace.Fd(sandbox.netnsFd());
  }

  /** The other containers' process id, queue and host name namespaces, by their processes. */
  static Joined joined(JoinedProcesses joined) {
    return new Joined(joined.of(Kind.PID), joined.of(Kind.IPC), joined.of(Kind.UTS));
  }
}
