package io.jcompose.network.port;

import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.driver.GatewayMode;
import io.jcompose.network.nft.NftBatch;
import io.jcompose.network.nft.NftBatch.Element;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** A host port that a container has; its socket is guarded by {@code this}. */
public final class HostPort {
  private static final int PROTO_TCP = 6;
  private static final int PROTO_UDP = 17;
  private static final int PROTO_SCTP = 132;

  private final List<String> addresses;
  private final int hostPort;
  private final PortSpec port;
  private final PortTarget target;
  private final String owner;
  private PortSocket socket;
  private boolean closed;

  HostPort(
      List<String> addresses,
      int hostPort,
      PortSpec port,
      PortTarget target,
      String owner,
      PortSocket socket) {
    this.addresses = List.copyOf(addresses);
    this.hostPort = hostPort;
    this.port = port;
    this.target = target;
    this.owner = owner;
    this.socket = socket;
  }

  List<String> addresses() {
    return addresses;
  }

  int hostPort() {
    return hostPort;
  }

  PortSpec port() {
    return port;
  }

  PortTarget target() {
    return target;
  }

  String owner() {
    return owner;
  }

  /** Takes a socket that was opened later; false when the port was given back meanwhile. */
  synchronized boolean hold(PortSocket opened) {
    if (closed) {
      opened.close();
      return false;
    }
    socket = opened;
    return true;
  }

  synchronized void close() {
    closed = true;
    socket.close();
  }

  String repair() {
    return "port " + key() + " of " + owner + " to " + port.containerPort();
  }

  /** One a host address; without any, one that says only the container's port. */
  public List<PortBinding> bindings() {
    if (addresses.isEmpty()) {
      return List.of(new PortBinding("", 0, port.containerPort(), port.protocol()));
    }
    return addresses.stream()
        .map(address -> new PortBinding(address, hostPort, port.containerPort(), port.protocol()))
        .toList();
  }

  /**
   * What leads packets to the container. IPv6 ports of a container without IPv6 are relayed by the
   * socket.
   */
  public List<Element> elements() {
    List<Element> elements = new ArrayList<>();
    byte[] to = NftBatch.be16(port.containerPort());
    byte[] protocol = {(byte) number(port.protocol())};
    Ip6 target6 = target.address6();
    if (target.mode4() == GatewayMode.ROUTED) {
      elements.add(Element.member("direct4", Ip4.bytes(target.address()), protocol, to));
    }
    if (target6 != null && target.mode6() == GatewayMode.ROUTED) {
      elements.add(Element.member("direct6", target6.bytes(), protocol, to));
    }
    byte[] to4 = NftBatch.key(Ip4.bytes(target.address()), to);
    byte[] from = NftBatch.be16(hostPort);
    for (String address : addresses) {
      if (isAny(address)) {
        byte[] key = NftBatch.key(protocol, from);
        if (address.equals("0.0.0.0")) {
          elements.add(new Element("pub4", key, null, to4, null));
        } else if (target6 != null) {
          byte[] to6 = NftBatch.key(target6.bytes(), to);
          elements.add(new Element("pub6", key, null, to6, null));
        }
      } else if (Ip4.isAddress(address)) {
        byte[] key = NftBatch.key(Ip4.bytes(Ip4.parse(address)), protocol, from);
        elements.add(new Element("pub4ip", key, null, to4, null));
      } else if (target6 != null) {
        byte[] key = NftBatch.key(Ip6.parse(address).bytes(), protocol, from);
        byte[] to6 = NftBatch.key(target6.bytes(), to);
        elements.add(new Element("pub6ip", key, null, to6, null));
      }
    }
    return elements;
  }

  boolean isRelayed() {
    return target.address6() == null
        && addresses.stream().anyMatch(each -> each.indexOf(':') >= 0 && !each.equals("::1"));
  }

  /** Packets are led to the container, and flows remembered with the way that they take. */
  public boolean isLedOn() {
    return !elements().isEmpty();
  }

  boolean meets(String address) {
    return addresses.stream().anyMatch(own -> overlap(own, address));
  }

  String key() {
    return port.protocol() + " " + hostPort;
  }

  private static boolean overlap(String a, String b) {
    boolean sameFamily = a.indexOf(':') < 0 == b.indexOf(':') < 0;
    return sameFamily
        && (isAny(a) || isAny(b) || InetAddress.ofLiteral(a).equals(InetAddress.ofLiteral(b)));
  }

  private static boolean isAny(String address) {
    return address.equals("0.0.0.0") || address.equals("::");
  }

  private static int number(String protocol) {
    return switch (protocol) {
      case "tcp" -> PROTO_TCP;
      case "udp" -> PROTO_UDP;
      case "sctp" -> PROTO_SCTP;
      default -> throw new JcomposeException.InvalidArgument("invalid port protocol " + protocol);
    };
  }
}
