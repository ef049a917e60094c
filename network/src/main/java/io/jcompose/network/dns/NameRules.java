package io.jcompose.network.dns;

import io.jcompose.linux.netlink.NetlinkSocket;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.nft.NftBatch;
import io.jcompose.network.nft.NftListing;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The way from 127.0.0.11:53 to the engine's sockets inside a container's namespace: two rules of
 * nftables. So port 53 stays free for a name server of the container's own. Call on a platform
 * thread that is in the namespace.
 */
public final class NameRules {
  private static final int ADDRESS = Ip4.parse("127.0.0.11");
  private static final int NAMES = 53;
  private static final int HOOK_OUTPUT = 3;
  private static final int PRIORITY_DNAT = -100;
  private static final int UDP = 17;
  private static final int TCP = 6;
  private static final String TABLE = "jcompose-dns";

  /** Not the name it had when rules led to the host, so that such rules are replaced. */
  private static final String CHAIN = "names";

  private static final int RULES = 2;

  private NameRules() {}

  /**
   * Opens sockets and leads questions to them.
   *
   * @param again there may be rules from an earlier run of the engine; right ones are left alone,
   *     for deleting any costs the kernel a grace period
   */
  public static DnsSockets serve(boolean again) {
    DnsSockets opened;
    try {
      opened = DnsSockets.open(Ip4.inet(ADDRESS));
    } catch (IOException e) {
      throw new UncheckedIOException("failed to open a name server in a container", e);
    }
    try {
      if (!again || !opened.isUsual() || !areThere()) {
        lead(opened, again);
      }
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private static boolean areThere() {
    return NftListing.has(RULES, NftBatch.IP, TABLE, CHAIN);
  }

  private static void lead(DnsSockets to, boolean again) {
    // rules to other ports are of no use to a later run
    String chain = to.isUsual() ? CHAIN : CHAIN + "-elsewhere";
    NftBatch batch = new NftBatch();
    batch.table(NftBatch.IP, TABLE);
    if (again) {
      batch.deleteTable(NftBatch.IP, TABLE);
      batch.table(NftBatch.IP, TABLE);
    }
    batch.natChain(NftBatch.IP, TABLE, chain, HOOK_OUTPUT, PRIORITY_DNAT);
    batch.dnatRule(TABLE, chain, UDP, ADDRESS, NAMES, ADDRESS, to.udpPort());
    batch.dnatRule(TABLE, chain, TCP, ADDRESS, NAMES, ADDRESS, to.tcpPort());
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER)) {
      socket.request(batch.finish());
    }
  }
}
