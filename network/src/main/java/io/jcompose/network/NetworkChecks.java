package io.jcompose.network;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkSpec;
import java.util.Collection;
import java.util.Set;

/** What a network that shall be made must fulfil, before anything of it is made. Stateless. */
final class NetworkChecks {
  private NetworkChecks() {}

  static void check(NetworkSpec spec) {
    if (!spec.name().matches("[a-zA-Z0-9][a-zA-Z0-9_.-]*")) {
      throw new JcomposeException.InvalidArgument("invalid network name: \"" + spec.name() + "\"");
    }
    if (Set.of("bridge", "host", "none", "default").contains(spec.name())
        && !spec.equals(NetworkSpec.predefinedBridge())) {
      throw new JcomposeException.PermissionDenied(
          "operation is not permitted on predefined " + spec.name() + " network");
    }
    if (Set.of("host", "none", "null").contains(spec.driver())) {
      throw new JcomposeException.PermissionDenied(
          "only one instance of \""
              + spec.driver()
              + "\" network is allowed: name the one there is by external: true and name: "
              + spec.driver());
    }
    if (!Set.of("", "bridge", "macvlan").contains(spec.driver())) {
      throw new JcomposeException.NotSupported(
          "network driver \"" + spec.driver() + "\" is not supported; bridge and macvlan are");
    }
    if (spec.ipv6() && !Ip6Host.isPresent()) {
      throw new JcomposeException.NotSupported(
          "network " + spec.name() + ": the kernel of this host has no IPv6");
    }
  }

  /**
   * @param there the other networks
   */
  static void checkOptions(
      NetworkSpec spec, DriverOptions options, KernelThreads threads, Collection<Network> there) {
    boolean isolated =
        options.mode4() == GatewayMode.ISOLATED || options.mode6() == GatewayMode.ISOLATED;
    if (isolated && !spec.internal()) {
      throw new JcomposeException.InvalidArgument(
          "network "
              + spec.name()
              + ": gateway mode isolated is for internal networks; give it internal: true");
    }
    if (options.parent().isEmpty()) {
      checkBridgeName(options.bridge(), threads);
      return;
    }
    if (threads.call(() -> HostLinks.index(options.parent())).isEmpty()) {
      throw new JcomposeException.NotFound(
          "network "
              + spec.name()
              + ": the host has no interface "
              + options.parent()
              + " (driver_opts parent); an interface of a VLAN must be made beforehand");
    }
    for (Network other : there) {
      if (other.options().parent().equals(options.parent())) {
        throw new JcomposeException.Conflict(
            "network " + other.name() + " is already using parent interface " + options.parent());
      }
    }
  }

  /** A bridge that somebody else made would be taken over, and deleted with the network. */
  private static void checkBridgeName(String name, KernelThreads threads) {
    if (!name.isEmpty() && threads.call(() -> HostLinks.index(name)).isPresent()) {
      throw new JcomposeException.Conflict(
          "interface "
              + name
              + " (com.docker.network.bridge.name) exists already; choose another name");
    }
  }
}
