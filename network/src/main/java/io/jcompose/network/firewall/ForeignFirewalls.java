package io.jcompose.network.firewall;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.netlink.NetlinkSocket;
import io.jcompose.network.nft.NftBatch;
import io.jcompose.network.nft.NftListing;
import io.jcompose.network.nft.Ruleset;
import io.jcompose.network.nft.Ruleset.Chain;
import io.jcompose.network.nft.Ruleset.Rule;
import io.jcompose.network.notice.Notices;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import jnr.constants.platform.Errno;

/**
 * Makes packets that the engine's table let through pass the forward chains of other programs as
 * well (Docker's and ufw's {@code FORWARD} with policy drop, firewalld's final reject): an accept
 * of ours never overrides a drop of theirs. Each such chain gets one constant rule, which accepts
 * what carries the engine's mark; no policy and no other rule is touched. Called on platform
 * threads; guarded by {@code this}.
 */
public final class ForeignFirewalls {
  private static final String DOCKER_CHAIN = "DOCKER-USER";
  private static final String NOTICE = "foreign firewall ";

  private final String comment;
  private final Notices notices;
  private final LegacyIptables legacy;
  private final InputFirewalls inputs;
  private final Set<String> told = new LinkedHashSet<>();

  /** The tables as they were when all was passed; 0 is never one. */
  private int seen;

  /**
   * @param relayed there are ports whose packets the host itself takes in
   */
  public ForeignFirewalls(String table, BooleanSupplier relayed, Notices notices) {
    this.comment = Ruleset.OWN_COMMENT + table;
    this.notices = notices;
    this.legacy = new LegacyIptables(comment, notices);
    this.inputs = new InputFirewalls(relayed, legacy, notices);
  }

  /** Puts the rule into every chain that needs it and has it not. */
  public synchronized void pass() {
    try {
      int generation = NftListing.generation();
      // listing takes the longer the more rules there are, and this is called again and again
      boolean changed = generation == 0 || generation != seen;
      if (changed) {
        seen = passAll() ? generation : 0;
      }
      inputs.look(changed);
    } catch (KernelException e) {
      seen = 0;
      notices.raise(
          NOTICE + "nftables",
          "the firewall cannot be listed, so nobody knows whether another program's rules drop the"
              + " containers' packets: "
              + e.getMessage());
    }
    legacy.pass();
  }

  /** False when a chain takes no rule. */
  private boolean passAll() {
    Set<String> now = new LinkedHashSet<>();
    boolean whole = true;
    try {
      for (Chain base : NftListing.forwardChains()) {
        if (!Ruleset.isOwn(base.table())) {
          whole &= pass(base, now);
        }
      }
      notices.clear(NOTICE + "nftables");
    } finally {
      told.stream().filter(key -> !now.contains(key)).forEach(notices::clear);
      told.clear();
      told.addAll(now);
    }
    return whole;
  }

  /** Takes every rule of {@link #pass} back. */
  public synchronized void withdraw() {
    for (Rule rule : NftListing.rules(0, "", "")) {
      if (rule.comment().equals(comment)) {
        NftBatch batch = new NftBatch();
        batch.deleteRule(rule.family(), rule.table(), rule.chain(), rule.handle());
        send(batch, Errno.ENOENT);
      }
    }
    legacy.withdraw();
    told.forEach(notices::clear);
    told.clear();
    seen = 0;
  }

  private boolean pass(Chain base, Set<String> now) {
    List<Rule> rules = NftListing.rules(base.family(), base.table(), "");
    if (!base.drops() && !Ruleset.stops(base.name(), rules)) {
      return true;
    }
    String target = place(base, rules);
    String key = NOTICE + base.family() + " " + base.table() + " " + base.name();
    String where = Ruleset.family(base.family()) + " " + base.table() + " " + target;
    now.add(key);
    Optional<Rule> there =
        rules.stream()
            .filter(rule -> rule.chain().equals(target) && rule.comment().equals(comment))
            .findFirst();
    if (there.isEmpty() && !takesRule(base, target, key, where)) {
      return false;
    }
    notices.raise(
        key,
        "chain "
            + Ruleset.family(base.family())
            + " "
            + base.table()
            + " "
            + base.name()
            + " drops forwarded packets; the engine added a rule to "
            + (target.equals(base.name()) ? "it" : target)
            + " that accepts those of its containers (mark 0x01000000)");
    return true;
  }

  private boolean takesRule(Chain base, String target, String key, String where) {
    NftBatch batch = new NftBatch();
    batch.acceptMarked(base.family(), base.table(), target, Firewall.MARK, comment);
    try {
      // a chain that went meanwhile needs no rule
      send(batch, Errno.ENOENT);
      return true;
    } catch (KernelException e) {
      notices.raise(
          key,
          "chain "
              + where
              + " of another program drops the containers' packets and takes no rule ("
              + e.getMessage()
              + "); run: iptables -I FORWARD 1 "
              + LegacyIptables.RULE);
      return false;
    }
  }

  /** Docker keeps the rules of its own chain for users when it starts again. */
  private static String place(Chain base, List<Rule> rules) {
    boolean docker =
        rules.stream()
            .anyMatch(
                rule -> rule.chain().equals(base.name()) && rule.targets().contains(DOCKER_CHAIN));
    return docker ? DOCKER_CHAIN : base.name();
  }

  private static void send(NftBatch batch, Errno harmless) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER)) {
      socket.request(batch.finish());
    } catch (KernelException e) {
      if (!e.is(harmless)) {
        throw e;
      }
    }
  }
}
