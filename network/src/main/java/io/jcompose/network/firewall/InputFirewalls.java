package io.jcompose.network.firewall;

import io.jcompose.network.nft.NftBatch;
import io.jcompose.network.nft.NftListing;
import io.jcompose.network.nft.Ruleset;
import io.jcompose.network.nft.Ruleset.Chain;
import io.jcompose.network.notice.Notices;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Tells when another program's firewall keeps out what the engine relays: IPv6 connections to ports
 * of networks without IPv6 end at a socket of the host, while the same ports by IPv4 are forwarded
 * and do not meet that firewall. Owned by {@link ForeignFirewalls}; platform threads only.
 */
final class InputFirewalls {
  private static final String NOTICE = "input firewall";

  private final BooleanSupplier relayed;
  private final LegacyIptables legacy;
  private final Notices notices;
  private Optional<String> dropping = Optional.empty();

  /**
   * @param relayed there are such ports
   */
  InputFirewalls(BooleanSupplier relayed, LegacyIptables legacy, Notices notices) {
    this.relayed = relayed;
    this.legacy = legacy;
    this.notices = notices;
  }

  /**
   * Raises the notice or takes it back.
   *
   * @param changed nftables is not as it was
   */
  void look(boolean changed) {
    if (changed) {
      dropping = dropping();
    }
    Optional<String> chain =
        relayed.getAsBoolean()
            ? dropping.or(
                () ->
                    legacy.dropsIpv6Input()
                        ? Optional.of("INPUT of ip6tables-legacy")
                        : Optional.empty())
            : Optional.empty();
    chain.ifPresentOrElse(
        where ->
            notices.raise(
                NOTICE,
                "chain "
                    + where
                    + " of another program drops what comes in, so published ports of networks"
                    + " without IPv6 are reached from other hosts by IPv4 only; give the networks"
                    + " enable_ipv6: true, or open the ports in that firewall"),
        () -> notices.clear(NOTICE));
  }

  private static Optional<String> dropping() {
    for (Chain base : NftListing.inputChains()) {
      boolean other = !Ruleset.isOwn(base.table());
      boolean ipv6 = Set.of(NftBatch.IP6, NftBatch.INET).contains(base.family());
      if (other && ipv6 && drops(base)) {
        return Optional.of(Ruleset.family(base.family()) + " " + base.table() + " " + base.name());
      }
    }
    return Optional.empty();
  }

  private static boolean drops(Chain base) {
    return base.drops()
        || Ruleset.stops(base.name(), NftListing.rules(base.family(), base.table(), ""));
  }
}
