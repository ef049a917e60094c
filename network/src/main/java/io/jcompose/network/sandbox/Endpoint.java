package io.jcompose.network.sandbox;

import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.Networking.EndpointOptions;
import io.jcompose.network.SandboxRecord.EndpointRecord;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.catalog.Network;
import io.jcompose.network.dns.NameTable.Member;
import io.jcompose.network.ipam.AddressBook;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A container on one network, with the addresses that it has there. Immutable. */
record Endpoint(
    Network network,
    EndpointRecord record,
    int address,
    @Nullable Ip6 address6,
    List<String> names,
    EndpointOptions options) {
  /** One end of its interface is on the host; else all of it is in the container's namespace. */
  boolean hasHostInterface() {
    return !record.hostInterface().isEmpty();
  }

  Member member() {
    return new Member(address, address6, names);
  }

  EndpointView view() {
    return new EndpointView(
        network.name(),
        network.id(),
        record.ipv4Address(),
        record.ipv6Address(),
        record.macAddress(),
        network.isInternal() ? "" : Ip4.format(network.gateway()),
        record.aliases());
  }

  void releaseAddresses() {
    network.addresses().release(address);
    AddressBook<Ip6> addresses6 = network.addresses6();
    if (address6 != null && addresses6 != null) {
      addresses6.release(address6);
    }
  }
}
