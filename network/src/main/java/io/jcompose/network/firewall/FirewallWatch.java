package io.jcompose.network.firewall;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.netlink.NetlinkMessage;
import io.jcompose.linux.netlink.NetlinkSocket;
import io.jcompose.network.nft.NftBatch;
import io.jcompose.network.nft.Ruleset;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that listens to changes of nftables and puts the engine's table back when another
 * program took it ({@code nft flush ruleset}) or some of it, and keeps other programs' chains from
 * dropping what the engine lets through. Owned by the network stack.
 */
public final class FirewallWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FirewallWatch.class);
  private static final int GROUP_NFTABLES = 7;
  private static final int WAKE_SECONDS = 10;
  private static final int DRAINED_SECONDS = 1;
  private static final int HEADER = 4;

  private final Firewall firewall;
  private final ForeignFirewalls foreign;
  private final NetlinkSocket socket;
  private volatile boolean closed;

  /** Of the watching thread: the kernel may drop messages without a word. */
  private boolean dropping;

  public FirewallWatch(Firewall firewall, ForeignFirewalls foreign) {
    this.firewall = firewall;
    this.foreign = foreign;
    socket = NetlinkSocket.open(NetlinkSocket.NETFILTER).join(GROUP_NFTABLES);
    socket.receiveTimeout(WAKE_SECONDS);
    Thread.ofPlatform().daemon().name("jcompose-firewall").start(this::watch);
  }

  /** The thread ends by itself within {@link #WAKE_SECONDS} and does nothing more. */
  @Override
  public void close() {
    closed = true;
  }

  private void watch() {
    try (socket) {
      while (!closed) {
        List<NetlinkMessage> messages = socket.receive();
        // empty: nothing came, or the kernel dropped messages; then look as well
        if (messages.isEmpty() || messages.stream().anyMatch(this::touchesOurs)) {
          restore();
        }
        restoreElements(messages);
        if (messages.isEmpty() || messages.stream().anyMatch(FirewallWatch::changesRules)) {
          pass();
        }
      }
    } catch (KernelException e) {
      LOG.error("no longer watching the firewall; a flush by another program stays", e);
    }
  }

  private void restore() {
    try {
      if (!closed && firewall.restore()) {
        LOG.warn("another program removed the firewall table; it is back");
      }
    } catch (RuntimeException e) {
      LOG.error("another program removed the firewall table and it cannot be put back", e);
    }
  }

  /** The engine's own deletions are among them, but it does not miss what it deleted. */
  private void restoreElements(List<NetlinkMessage> messages) {
    boolean lost = isLost(messages);
    Set<String> gone =
        messages.stream()
            .filter(this::isOurs)
            .flatMap(message -> Ruleset.deleted(message).stream())
            .collect(Collectors.toSet());
    try {
      if (!closed && (lost || !gone.isEmpty())) {
        firewall.restoreElements(each -> lost || gone.contains(each));
      }
    } catch (RuntimeException e) {
      LOG.error("elements of the firewall table cannot be put back", e);
    }
  }

  /**
   * Once the kernel has said that it drops messages, it drops more without a word until all that
   * wait are read: so it is looked at once, and again when none are left.
   */
  private boolean isLost(List<NetlinkMessage> messages) {
    if (socket.hasLost()) {
      dropping = true;
      socket.receiveTimeout(DRAINED_SECONDS);
      return true;
    }
    boolean drained = dropping && messages.isEmpty();
    if (drained) {
      dropping = false;
      socket.receiveTimeout(WAKE_SECONDS);
    }
    return drained;
  }

  private void pass() {
    try {
      if (!closed) {
        foreign.pass();
      }
    } catch (RuntimeException e) {
      LOG.error("another program's firewall may drop the containers' packets", e);
    }
  }

  private static boolean changesRules(NetlinkMessage message) {
    int kind = message.type() - (NftBatch.SUBSYSTEM << 8);
    return kind >= NftBatch.MSG_NEWTABLE && kind <= NftBatch.MSG_DELRULE;
  }

  /** Elements of sets come and go by the engine itself. */
  private boolean touchesOurs(NetlinkMessage message) {
    return changesRules(message) && isOurs(message);
  }

  private boolean isOurs(NetlinkMessage message) {
    byte[] table = message.attributes(HEADER).get(1);
    return table != null && NetlinkMessage.text(table).equals(firewall.table());
  }
}
