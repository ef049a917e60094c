package io.jcompose.network.sandbox;

import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.core.sync.Rollback;
import io.jcompose.network.SandboxRecord;
import io.jcompose.network.firewall.Firewall;
import io.jcompose.network.nft.NftBatch.Element;
import io.jcompose.network.port.HostPort;
import io.jcompose.network.port.PortTarget;
import io.jcompose.network.port.PublishedPorts;
import io.jcompose.network.thread.KernelThreads;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host ports of one container, and what leads from them to it. Owned by its membership, and
 * changed in the container's turn.
 */
final class SandboxPorts {
  private static final Logger LOG = LoggerFactory.getLogger(SandboxPorts.class);

  private final PublishedPorts ports;
  private final Firewall firewall;
  private final KernelThreads threads;
  private final String owner;
  private final List<PortSpec> published;
  private volatile List<HostPort> reserved = List.of();

  /** Where they lead to; null for nowhere. */
  private volatile @Nullable PortTarget target;

  SandboxPorts(
      PublishedPorts ports, Firewall firewall, KernelThreads threads, SandboxRecord record) {
    this.ports = ports;
    this.firewall = firewall;
    this.threads = threads;
    this.owner = record.containerName();
    this.published = record.published();
  }

  /** As they are now, one a host address. */
  List<PortBinding> bindings() {
    return reserved.stream().map(HostPort::bindings).flatMap(List::stream).toList();
  }

  /** Takes them as they were asked for. Nothing leads to the container before {@link #open}. */
  void reserve(@Nullable PortTarget to, Rollback held) {
    reserve(published, to, held);
  }

  private void reserve(List<PortSpec> wanted, @Nullable PortTarget to, Rollback held) {
    List<HostPort> taken = new ArrayList<>();
    if (to != null) {
      for (PortSpec port : wanted) {
        HostPort reservation = ports.reserve(port, to, owner);
        held.push("release port", () -> ports.release(reservation));
        taken.add(reservation);
      }
    }
    reserved = List.copyOf(taken);
    target = to;
  }

  /** Takes over those of a running container. */
  void adopt(List<PortBinding> bindings, @Nullable PortTarget to, Rollback held) {
    List<HostPort> taken = new ArrayList<>();
    if (to != null) {
      for (List<PortBinding> each : grouped(bindings)) {
        HostPort reservation = ports.adopt(each, to, owner);
        held.push("release port", () -> ports.release(reservation));
        taken.add(reservation);
      }
    }
    reserved = List.copyOf(taken);
    target = to;
  }

  private static Collection<List<PortBinding>> grouped(List<PortBinding> bindings) {
    Map<String, List<PortBinding>> groups = new LinkedHashMap<>();
    for (PortBinding each : bindings) {
      String key = each.protocol() + " " + each.hostPort() + " " + each.containerPort();
      groups.computeIfAbsent(key, k -> new ArrayList<>()).add(each);
    }
    return groups.values();
  }

  /** Leads to the container; on a platform thread. */
  void open(Rollback undo) {
    List<Element> elements = elements();
    undo.push("take ports out of the firewall", () -> remove(elements));
    firewall.add(elements);
  }

  /**
   * Leads the ports elsewhere, with the numbers that they have. On failure they lead to where they
   * did.
   *
   * @param to null for nowhere, which gives them up
   */
  void move(@Nullable PortTarget to, Rollback held) {
    PortTarget from = target;
    if (published.isEmpty() || Objects.equals(from, to)) {
      target = to;
      return;
    }
    List<PortBinding> before = bindings();
    held.push("lead ports back", () -> takeUp(before, from));
    release();
    try (Rollback taken = new Rollback()) {
      reserve(pinned(published, before), to, taken);
      threads.run(taken, this::open);
      taken.commit();
    }
  }

  /**
   * As {@link #move}; a port that another program takes in that moment is tried until it is free.
   */
  void moveAnyhow(@Nullable PortTarget to) {
    List<PortBinding> before = bindings();
    Rollback none = new Rollback();
    try {
      move(to, none);
    } catch (RuntimeException e) {
      LOG.warn("ports of container {} are led on one by one", owner, e);
      takeUp(before, to);
    } finally {
      none.commit();
    }
  }

  private void takeUp(List<PortBinding> bindings, @Nullable PortTarget to) {
    release();
    try (Rollback held = new Rollback()) {
      adopt(bindings, to, held);
      threads.run(held, this::open);
      held.commit();
    }
  }

  /** Ports whose numbers were the engine's choice keep them. */
  static List<PortSpec> pinned(List<PortSpec> published, List<PortBinding> before) {
    List<PortBinding> left = new ArrayList<>(before);
    return published.stream()
        .map(
            port ->
                left.stream()
                    .filter(each -> isOf(port, each))
                    .findFirst()
                    .map(
                        found -> {
                          left.removeIf(each -> each.hostPort() == found.hostPort());
                          return at(port, found.hostPort());
                        })
                    .orElse(port))
        .toList();
  }

  private static boolean isOf(PortSpec port, PortBinding binding) {
    return binding.hostPort() > 0
        && binding.containerPort() == port.containerPort()
        && binding.protocol().equals(port.protocol())
        && (port.hostIp().isEmpty() || port.hostIp().equals(binding.hostIp()))
        && (port.hostPort() == 0
            || (binding.hostPort() >= port.hostPort()
                && binding.hostPort() <= Math.max(port.hostPort(), port.hostPortEnd())));
  }

  private static PortSpec at(PortSpec port, int hostPort) {
    return new PortSpec(port.hostIp(), hostPort, hostPort, port.containerPort(), port.protocol());
  }

  /** Packets are led to the container, and flows remembered with the way that they take. */
  boolean areLedOn() {
    return reserved.stream().anyMatch(HostPort::isLedOn);
  }

  /**
   * Gives them back. First what leads on: whoever gets a port next leads it on by an element of the
   * same name.
   */
  void release() {
    remove(elements());
    for (HostPort each : reserved) {
      try {
        ports.release(each);
      } catch (RuntimeException e) {
        LOG.warn("a port of container {} is kept", owner, e);
      }
    }
    reserved = List.of();
    target = null;
  }

  private void remove(List<Element> elements) {
    if (firewall.remove(elements)) {
      threads.later(firewall::flush);
    }
  }

  private List<Element> elements() {
    return reserved.stream().map(HostPort::elements).flatMap(List::stream).toList();
  }
}
