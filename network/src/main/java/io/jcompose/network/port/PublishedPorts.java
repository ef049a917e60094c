package io.jcompose.network.port;

import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.network.notice.Repairs;
import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
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
  private static final int EPHEMERAL_TRIES = 64;
  private static final int FIRST_EPHEMERAL = 49_152;
  private static final int LAST_EPHEMERAL = 60_999;

  private final List<String> defaultAddresses;
  private final Relays relays;
  private final Repairs repairs;

  /** Protocol and port to the reservations there; guarded by itself. */
  private final Map<String, List<HostPort>> taken = new HashMap<>();

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
  public HostPort reserve(PortSpec port, PortTarget target, String owner) {
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
  public HostPort adopt(List<PortBinding> bindings, PortTarget target, String owner) {
    PortBinding first = bindings.getFirst();
    List<String> addresses =
        bindings.stream().map(PortBinding::hostIp).filter(ip -> !ip.isEmpty()).toList();
    PortSpec port =
        new PortSpec(
            "", first.hostPort(), first.hostPort(), first.containerPort(), first.protocol());
    try {
      return claim(addresses, first.hostPort(), port, target, owner);
    } catch (JcomposeException.Conflict | JcomposeException.Unavailable e) {
      HostPort reservation =
          new HostPort(addresses, first.hostPort(), port, target, owner, PortSocket.NONE);
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

  private boolean reopen(HostPort reservation) {
    try {
      return reservation.hold(
          PortSocket.open(
              relays,
              reservation.addresses(),
              reservation.hostPort(),
              reservation.port().protocol(),
              reservation.target().to(reservation.port(), reservation.owner())));
    } catch (IOException e) {
      LOG.debug("port {} is still taken", reservation.hostPort(), e);
      return false;
    }
  }

  public void release(HostPort reservation) {
    forget(reservation);
    repairs.cancel(reservation.repair());
    reservation.close();
  }

  /** Closes every socket; the firewall goes on. */
  public void close() {
    synchronized (taken) {
      taken.values().forEach(list -> list.forEach(HostPort::close));
      taken.clear();
    }
  }

  /** True when other hosts reach one of the ports by IPv6 through the engine's relays only. */
  public boolean areRelayed() {
    synchronized (taken) {
      return taken.values().stream().flatMap(List::stream).anyMatch(HostPort::isRelayed);
    }
  }

  /** Where the port is taken on the host; nowhere for families without translation. */
  private List<String> addresses(PortSpec port, PortTarget target) {
    List<String> wanted =
        !port.hostIp().isEmpty()
            ? List.of(port.hostIp())
            : target.networkDefault().isEmpty()
                ? defaultAddresses
                : List.of(target.networkDefault());
    return wanted.stream().filter(target::isTranslated).toList();
  }

  private HostPort claim(
      List<String> addresses, int hostPort, PortSpec port, PortTarget target, String owner) {
    if (hostPort == 0 || addresses.isEmpty()) {
      return claimAny(addresses, port, target, owner);
    }
    // known before its socket is there: of two who want it at once, one is told of the other
    HostPort reservation = new HostPort(addresses, hostPort, port, target, owner, PortSocket.NONE);
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
  private HostPort claimAny(
      List<String> addresses, PortSpec port, PortTarget target, String owner) {
    PortSocket socket =
        addresses.isEmpty() ? PortSocket.NONE : socket(addresses, 0, port, target, owner);
    HostPort reservation = new HostPort(addresses, socket.port(), port, target, owner, socket);
    try {
      recordFree(reservation);
      return reservation;
    } catch (RuntimeException e) {
      reservation.close();
      throw e;
    }
  }

  private PortSocket socket(
      List<String> addresses, int hostPort, PortSpec port, PortTarget target, String owner) {
    try {
      return PortSocket.open(relays, addresses, hostPort, port.protocol(), target.to(port, owner));
    } catch (BindException e) {
      throw PortConflict.foreign(addresses.getFirst(), hostPort, target.to(port, owner), port, e);
    } catch (IOException e) {
      throw new JcomposeException.Unavailable(
          "failed to bind host port for " + addresses.getFirst() + ":" + hostPort, e);
    }
  }

  private void recordFree(HostPort reservation) {
    synchronized (taken) {
      for (HostPort other : taken.getOrDefault(reservation.key(), List.of())) {
        for (String address : reservation.addresses()) {
          if (other.meets(address)) {
            throw PortConflict.own(address, reservation.hostPort(), other.owner());
          }
        }
      }
      record(reservation);
    }
  }

  private void record(HostPort reservation) {
    synchronized (taken) {
      taken.merge(
          reservation.key(),
          List.of(reservation),
          (old, added) -> {
            List<HostPort> all = new ArrayList<>(old);
            all.addAll(added);
            return all;
          });
    }
  }

  private void forget(HostPort reservation) {
    synchronized (taken) {
      taken.computeIfPresent(
          reservation.key(),
          (key, list) -> {
            List<HostPort> rest = new ArrayList<>(list);
            rest.remove(reservation);
            return rest.isEmpty() ? null : rest;
          });
    }
  }
}
