package io.jcompose.network.driver;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointOptions;
import io.jcompose.linux.netlink.NetlinkBatch;
import io.jcompose.linux.netlink.NetlinkSocket;
import io.jcompose.network.link.HostLinks;
import io.jcompose.network.link.RtMessages;
import io.jcompose.network.link.RtMessages.Veth;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A network on an interface of the host (its parent), beside the host: containers are members of
 * the parent's LAN with MAC addresses of their own, and no packet of theirs meets the firewall.
 */
record Macvlan(DriverOptions options) implements Driver {
  @Override
  public void check(String network, Predicate<String> isLink, Map<String, DriverOptions> others) {
    if (!isLink.test(options.parent())) {
      throw new JcomposeException.NotFound(
          "network "
              + network
              + ": the host has no interface "
              + options.parent()
              + " (driver_opts parent); an interface of a VLAN must be made beforehand");
    }
    others.forEach(
        (name, other) -> {
          if (other.parent().equals(options.parent())) {
            throw new JcomposeException.Conflict(
                "network " + name + " is already using parent interface " + options.parent());
          }
        });
  }

  @Override
  public String hostInterface() {
    return "";
  }

  @Override
  public void checkEndpoint(String network, EndpointOptions endpoint) {
    if (endpoint.ingressBits() > 0) {
      throw new JcomposeException.NotSupported(
          "an ingress limit on macvlan network "
              + network
              + " is not supported: what arrives passes no interface of the engine");
    }
  }

  @Override
  public void connect(NetlinkBatch batch, NetlinkSocket host, NewInterface made) {
    int parent =
        HostLinks.index(host, options.parent())
            .orElseThrow(
                () ->
                    new JcomposeException.NotFound(
                        "network "
                            + made.network()
                            + ": the host has no interface "
                            + options.parent()
                            + " any more"));
    Veth link = new Veth("", made.name(), made.mac(), options.mtu());
    RtMessages.addMacvlan(batch, link, parent, options.macvlanMode(), made.namespaceFd());
  }
}
