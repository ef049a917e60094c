package io.jcompose.network.sandbox;

import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.network.SandboxRecord;
import io.jcompose.network.port.PortTarget;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A container's endpoints at one moment. Immutable.
 *
 * @param gateways which of them give the default routes
 */
record Joined(List<Endpoint> endpoints, Gateways gateways) {
  Joined {
    endpoints = List.copyOf(endpoints);
  }

  /** With the default routes of a start. */
  static Joined of(List<Endpoint> endpoints) {
    return new Joined(endpoints, Gateways.choose(endpoints));
  }

  Joined with(Endpoint added) {
    List<Endpoint> all = new ArrayList<>(endpoints);
    all.add(added);
    return of(all);
  }

  Joined without(Endpoint gone) {
    List<Endpoint> rest = new ArrayList<>(endpoints);
    rest.remove(gone);
    return of(rest);
  }

  boolean isEmpty() {
    return endpoints.isEmpty();
  }

  /** The endpoint with the default route of IPv4, or null. */
  @Nullable Endpoint gateway() {
    return gateways.ipv4() < 0 ? null : endpoints.get(gateways.ipv4());
  }

  /** The same of IPv6. */
  @Nullable Endpoint gateway6() {
    return gateways.ipv6() < 0 ? null : endpoints.get(gateways.ipv6());
  }

  /** Where the container's ports lead to; null without an endpoint. */
  @Nullable PortTarget target() {
    return isEmpty() ? null : gateways.target(endpoints);
  }

  /** The networks' order for names: that of the default route first. */
  List<Endpoint> byPriority() {
    List<Endpoint> order = new ArrayList<>(endpoints);
    if (gateways.ipv4() > 0) {
      order.addFirst(order.remove(gateways.ipv4()));
    }
    return order;
  }

  /**
   * What is written of it.
   *
   * @param former what does not change is taken from
   */
  SandboxRecord record(SandboxRecord former, List<PortBinding> ports) {
    return new SandboxRecord(
        former.containerId(),
        former.containerName(),
        former.mode(),
        former.names(),
        former.dns(),
        endpoints.stream().map(Endpoint::record).toList(),
        gateways.ipv4(),
        gateways.ipv6(),
        ports,
        former.published(),
        former.keepsBareNames());
  }
}
