package io.jcompose.network.port;

import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.driver.GatewayMode;
import io.jcompose.network.nft.NftBatch;
import io.jcompose.network.nft.NftBatch.Element;
import io.jcompose.network.notice.Repairs;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host ports of this engine: who has which. A port is reserved by a socket that listens, so
 * that conflicts show at once and {@code ss -l} tells the truth; the firewall then takes the
 * traffic before it meets the socket, all but that to {@code ::1}, which the socket relays.
 * Thread-safe.
 */
public final class PublishedPorts {
  private static final Logger LOG = LoggerFactory.getLogger(PublishedPorts.class);
  private static final int PROTO_TCP = 6;
  private static final int PROTO_UDP = 17;
  private static final int PROTO_SCTP = 132;
  private static final int EPHEMERAL_TRIES = 64;
  private static final int FIRST_EPHEMERAL = 49_152;
  private static final int LAST_EPHEMERAL = 60_999;

  private final List<String> defaultAddresses;
  private final Relays relays;
  private final Repairs repairs;

  /** Protocol and port to the reservations there; guarded by itself. */
  private final Map<String, List<Reservation>> taken = new HashMap<>();

  public PublishedPorts(List<String> defaultAddresses, Relays relays, Repairs repairs) {
    this.relays = relays;
    this.defaultAddresses = defaultAddresses;
    this.repairs = repairs;
  }

  /**
   * Reserves a port for a container.
   *
   * @param target where the port leads to
   * @throws JcomposeException.Conflict naming who holds it
   */
  public Reservation reserve(PortSpec port, Target target, String owner) {
    List<String> addresses = addresses(port, target);
    if (addresses.isEmpty()) {
      return claim(addresses, 0, port, target, owner);
    }
    int first = port.hostPort();
    int last = Math.max(first, port.hostPortEnd());
    JcomposeException.Conflict conflict = null;
    int tries = first == 0 ? EPHEMERAL_TRIES : last - first + 1;
    for (int i = 0; i < tries; i++) {
      try {
        return claim(addresses, first == 0 ? free(port) : first + i, port, target, owner);
      } catch (JcomposeException.Conflict e) {
        conflict = e;
      }
    }
    throw conflict == null
        ? new JcomposeException.Conflict("no free host port for container port " + port)
        : conflict;
  }

  /** 0 lets the kernel choose; SCTP has no socket here that could be bound to find a free one. */
  private static int free(PortSpec port) {
    return port.protocol().equals("sctp")
        ? ThreadLocalRandom.current().nextInt(FIRST_EPHEMERAL, LAST_EPHEMERAL + 1)
        : 0;
  }

  /**
   * Takes the ports of a running container over. A port that somebody else took meanwhile works on
   * without its socket, for the firewall comes first; it is tried again until it is free.
   */
  public Reservation adopt(List<PortBinding> bindings, Target target, String owner) {
    PortBinding first = bindings.getFirst();
    List<String> addresses =
        bindings.stream().map(PortBinding::hostIp).filter(ip -> !ip.isEmpty()).toList();
    PortSpec port =
        new PortSpec(
            "", first.hostPort(), first.hostPort(), first.containerPort(), first.protocol());
    try {
      return claim(addresses, first.hostPort(), port, target, owner);
    } catch (JcomposeException.Conflict | JcomposeException.Unavailable e) {
      Reservation reservation =
          new Reservation(addresses, first.hostPort(), port, target, owner, PortSocket.NONE);
      record(reservation);
      repairs.retry(
          reservation.repair(),
          "port "
              + first.hostPort()
              + "/"
              + first.protocol()
              + " of "
              + owner
              + " is not reached by [::1], and not held against other programs: "
              + e.getMessage()
              + "; it is tried again until it is free",
          () -> reopen(reservation));
      return reservation;
    }
  }

  private boolean reopen(Reservation reservation) {
    try {
      return reservation.hold(
          PortSocket.open(
              relays,
              reservation.addresses,
              reservation.hostPort,
              reservation.port.protocol(),
              reservation.target.to(reservation.port, reservation.owner)));
    } catch (IOException e) {
      LOG.debug("port {} is still taken", reservation.hostPort, e);
      return false;
    }
  }

  public void release(Reservation reservation) {
    forget(reservation);
    repairs.cancel(reservation.repair());
    reservation.close();
  }

  /** Closes every socket; the firewall goes on. */
  public void close() {
    synchronized (taken) {
      taken.values().forEach(list -> list.forEach(Reservation::close));
      taken.clear();
    }
  }

  /** True when other hosts reach one of the ports by IPv6 through the engine's relays only. */
  public boolean areRelayed() {
    synchronized (taken) {
      return taken.values().stream().flatMap(List::stream).anyMatch(Reservation::isRelayed);
    }
  }

  /** Where the port is taken on the host; nowhere for families without translation. */
  private List<String> addresses(PortSpec port, Target target) {
    List<String> wanted =
        !port.hostIp().isEmpty()
            ? List.of(port.hostIp())
            : target.networkDefault.isEmpty() ? defaultAddresses : List.of(target.networkDefault);
    return wanted.stream().filter(target::isTranslated).toList();
  }

  private Reservation claim(
      List<String> addresses, int hostPort, PortSpec port, Target target, String owner) {
    if (hostPort == 0 || addresses.isEmpty()) {
      return claimAny(addresses, port, target, owner);
    }
    // known before its socket is there: of two who want it at once, one is told of the other
    Reservation reservation =
        new Reservation(addresses, hostPort, port, target, owner, PortSocket.NONE);
    recordFree(reservation);
    try {
      reservation.hold(socket(addresses, hostPort, port, target, owner));
      return reservation;
    } catch (RuntimeException e) {
      forget(reservation);
      throw e;
    }
  }

  /** On a port of the kernel's choice. */
  private Reservation claimAny(List<String> addresses, PortSpec port, Target target, String owner) {
    PortSocket socket =
        addresses.isEmpty() ? PortSocket.NONE : socket(addresses, 0, port, target, owner);
    Reservation reservation =
        new Reservation(addresses, socket.port(), port, target, owner, socket);
    try {
      recordFree(reservation);
      return reservation;
    } catch (RuntimeException e) {
      reservation.close();
      throw e;
    }
  }

  private PortSocket socket(
      List<String> addresses, int hostPort, PortSpec port, Target target, String owner) {
    try {
      return PortSocket.open(relays, addresses, hostPort, port.protocol(), target.to(port, owner));
    } catch (BindException e) {
      throw PortConflict.foreign(addresses.getFirst(), hostPort, target.to(port, owner), port, e);
    } catch (IOException e) {
      throw new JcomposeException.Unavailable(
          "failed to bind host port for " + addresses.getFirst() + ":" + hostPort, e);
    }
  }

  private void recordFree(Reservation reservation) {
    synchronized (taken) {
      for (Reservation other : taken.getOrDefault(reservation.key(), List.of())) {
        for (String address : reservation.addresses) {
          if (other.meets(address)) {
            throw PortConflict.own(address, reservation.hostPort, other.owner);
          }
        }
      }
      record(reservation);
    }
  }

  private void record(Reservation reservation) {
    synchronized (taken) {
      taken.merge(
          reservation.key(),
          List.of(reservation),
          (old, added) -> {
            List<Reservation> all = new ArrayList<>(old);
            all.addAll(added);
            return all;
          });
    }
  }

  private void forget(Reservation reservation) {
    synchronized (taken) {
      taken.computeIfPresent(
          reservation.key(),
          (key, list) -> {
            List<Reservation> rest = new ArrayList<>(list);
            rest.remove(reservation);
            return rest.isEmpty() ? null : rest;
          });
    }
  }

  private static String key(String protocol, int port) {
    return protocol + " " + port;
  }

  /** A host port that a container has; its socket is guarded by {@code this}. */
  public static final class Reservation {
    private final List<String> addresses;
    private final int hostPort;
    private final PortSpec port;
    private final Target target;
    private final String owner;
    private PortSocket socket;
    private boolean closed;

    private Reservation(
        List<String> addresses,
        int hostPort,
        PortSpec port,
        Target target,
        String owner,
        PortSocket socket) {
      this.addresses = List.copyOf(addresses);
      this.hostPort = hostPort;
      this.port = port;
      this.target = target;
      this.owner = owner;
      this.socket = socket;
    }

    /** Takes a socket that was opened later; false when the port was given back meanwhile. */
    private synchronized boolean hold(PortSocket opened) {
      if (closed) {
        opened.close();
        return false;
      }
      socket = opened;
      return true;
    }

    private synchronized void close() {
      closed = true;
      socket.close();
    }

    private String repair() {
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
     * What leads packets to the container. IPv6 ports of a container without IPv6 are relayed by
     * the socket.
     */
    public List<Element> elements() {
      List<Element> elements = new ArrayList<>();
      byte[] to = NftBatch.be16(port.containerPort());
      byte[] protocol = {(byte) number(port.protocol())};
      Ip6 target6 = target.address6;
      if (target.mode4 == GatewayMode.ROUTED) {
        elements.add(Element.member("direct4", Ip4.bytes(target.address), protocol, to));
      }
      if (target6 != null && target.mode6 == GatewayMode.ROUTED) {
        elements.add(Element.member("direct6", target6.bytes(), protocol, to));
      }
      byte[] to4 = NftBatch.key(Ip4.bytes(target.address), to);
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

    private boolean isRelayed() {
      return target.address6 == null
          && addresses.stream().anyMatch(each -> each.indexOf(':') >= 0 && !each.equals("::1"));
    }

    /** Packets are led to the container, and flows remembered with the way that they take. */
    public boolean isLedOn() {
      return !elements().isEmpty();
    }

    private boolean meets(String address) {
      return addresses.stream().anyMatch(own -> overlap(own, address));
    }

    private String key() {
      return PublishedPorts.key(port.protocol(), hostPort);
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

  /**
   * Where a container's ports lead to.
   *
   * @param address6 null without IPv6
   * @param networkDefault host address for ports that name none, or empty for the engine's
   */
  public record Target(
      int address,
      @Nullable Ip6 address6,
      GatewayMode mode4,
      GatewayMode mode6,
      String networkDefault) {
    private PortSocket.Destination to(PortSpec port, String owner) {
      return new PortSocket.Destination(
          new InetSocketAddress(Ip4.inet(address), port.containerPort()), owner);
    }

    /** An IPv6 address of the host leads to a container without IPv6 as well, by the relay. */
    boolean isTranslated(String hostAddress) {
      boolean ipv6 = hostAddress.indexOf(':') >= 0 && address6 != null;
      return ipv6 ? mode6.isNat() : mode4.isNat();
    }
  }
}
