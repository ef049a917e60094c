package io.jcompose.network.sandbox;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.netlink.NetlinkMessage;
import io.jcompose.linux.netlink.NetlinkSocket;
import io.jcompose.network.catalog.EngineNetworks;
import io.jcompose.network.catalog.Network;
import io.jcompose.network.link.HostLinks;
import io.jcompose.network.link.HostLinks.Link;
import io.jcompose.network.link.RtMessages;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the networks' bridges there, and containers' interfaces on them: a thread that listens to
 * changes of the host's interfaces and makes again what another program took away (a restart of the
 * host's network, {@code ip link del}). Owned by the network stack.
 */
public final class LinkWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LinkWatch.class);
  private static final int GROUP_LINK = 1;
  private static final int WAKE_SECONDS = 10;
  private static final String PREFIX = "je";

  private final String owner;
  private final EngineNetworks networks;
  private final Sandboxes sandboxes;
  private final NetlinkSocket socket;
  private volatile boolean closed;

  /** All sandboxes that are adopted are known: what none of them claims is nobody's. */
  private volatile boolean settled;

  public LinkWatch(String owner, EngineNetworks networks, Sandboxes sandboxes) {
    this.owner = owner;
    this.networks = networks;
    this.sandboxes = sandboxes;
    socket = NetlinkSocket.open(NetlinkSocket.ROUTE).join(GROUP_LINK);
    socket.receiveTimeout(WAKE_SECONDS);
    Thread.ofPlatform().daemon().name("jcompose-links").start(this::watch);
  }

  /** The thread ends by itself within {@link #WAKE_SECONDS} and does nothing more. */
  @Override
  public void close() {
    closed = true;
  }

  /**
   * Deletes the interfaces of containers that are gone, and puts those of others where they belong.
   * What fails is logged.
   */
  public void settle() {
    attempt(this::sweep);
    attempt(this::repair);
    settled = true;
  }

  /**
   * An interface goes with its container's namespace, which may outlive it for minutes: a TCP
   * connection whose last words nobody confirms holds it, as does a program that shares it. Or it
   * is in one that lives, of a container that has left the network or was about to join it.
   */
  private void sweep() {
    // links first: a sandbox that opens meanwhile claims its interface before making it
    List<Link> links = HostLinks.links();
    Map<String, Network> claimed = sandboxes.hostInterfaces();
    boolean swept = false;
    for (Link link : links) {
      if (link.name().startsWith(PREFIX)
          && link.alias().equals(owner)
          && !claimed.containsKey(link.name())) {
        LOG.info("removing interface {} that no container has", link.name());
        attempt(() -> HostLinks.delete(link));
        swept = true;
      }
    }
    if (swept) {
      sandboxes.restoreRoutes();
    }
  }

  /** Makes bridges that are gone, and puts containers' interfaces back on theirs. */
  private void repair() {
    // a list that is read while interfaces are renamed may have a name twice
    Map<String, Link> links =
        HostLinks.links().stream()
            .collect(Collectors.toMap(Link::name, Function.identity(), (_, last) -> last));
    for (Network network : networks.all()) {
      Link link = links.get(network.bridge());
      int index = network.bridgeIndex();
      // a list that changed while it was read may lack one that is there
      if (index != 0
          && !network.isRemoved()
          && (link == null || link.index() != index)
          && networks.attempt(network)
          && network.bridgeIndex() != index) {
        LOG.warn("another program took bridge {} away; it is back", network.bridge());
      }
    }
    sandboxes
        .hostInterfaces()
        .forEach(
            (name, network) -> {
              Link link = links.get(name);
              int bridge = network.bridgeIndex();
              if (link != null && bridge != 0 && link.master() != bridge) {
                LOG.info("putting interface {} back on its bridge", name);
                attempt(
                    () -> HostLinks.enslave(name, bridge, !network.options().talkAmong(), owner));
              }
            });
  }

  private void watch() {
    try (socket) {
      while (!closed) {
        List<NetlinkMessage> messages = socket.receive();
        if (!closed) {
          attempt(() -> look(messages));
        }
      }
    } catch (KernelException e) {
      LOG.error("no longer watching the host's interfaces; those that go stay away", e);
    }
  }

  private void look(List<NetlinkMessage> messages) {
    // empty: nothing came for a while, or the kernel dropped messages; then look at all
    if (messages.isEmpty() && settled) {
      settle();
    } else if (messages.isEmpty() || messages.stream().anyMatch(this::concernsUs)) {
      repair();
    }
  }

  /** One of ours is gone, or on no bridge; a new one is told of before, but not up yet. */
  private boolean concernsUs(NetlinkMessage message) {
    if (!RtMessages.isLink(message)) {
      return false;
    }
    Link link = Link.of(message);
    if (link.kind().equals("bridge")) {
      return RtMessages.isGone(message)
          && networks.all().stream()
              .anyMatch(each -> each.bridge().equals(link.name()) && !each.isRemoved());
    }
    return link.up()
        && link.name().startsWith(PREFIX)
        && link.master() == 0
        && sandboxes.hostInterfaces().containsKey(link.name())
        && Optional.of(link.name())
            .flatMap(HostLinks::find)
            .filter(now -> now.master() == 0)
            .isPresent();
  }

  private static void attempt(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.warn("the host's interfaces stay as they are", e);
    }
  }
}
