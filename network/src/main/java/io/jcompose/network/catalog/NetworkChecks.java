package io.jcompose.network.catalog;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.network.driver.Driver;
import io.jcompose.network.driver.DriverOptions;
import io.jcompose.network.driver.Drivers;
import io.jcompose.network.driver.GatewayMode;
import io.jcompose.network.link.Ip6Host;
import java.util.Collection;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

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
    if (!Drivers.has(spec.driver())) {
      throw new JcomposeException.NotSupported(
          "network driver \"" + spec.driver() + "\" is not supported; bridge and macvlan are");
    }
    if (spec.ipv6() && !Ip6Host.isPresent()) {
      throw new JcomposeException.NotSupported(
          "network " + spec.name() + ": the kernel of this host has no IPv6");
    }
  }

  /**
   * @param isLink the host has an interface of that name
   * @param there the other networks
   */
  static void checkOptions(
      NetworkSpec spec, Driver driver, Predicate<String> isLink, Collection<Network> there) {
    DriverOptions options = driver.options();
    boolean isolated =
        options.mode4() == GatewayMode.ISOLATED || options.mode6() == GatewayMode.ISOLATED;
    if (isolated && !spec.internal()) {
      throw new JcomposeException.InvalidArgument(
          "network "
              + spec.name()
              + ": gateway mode isolated is for internal networks; give it internal: true");
    }
    driver.check(
        spec.name(),
        isLink,
        there.stream().collect(Collectors.toMap(Network::name, Network::options, (one, _) -> one)));
  }
}
