package io.jcompose.network.nft;

import io.jcompose.linux.netlink.NetlinkBatch;
import io.jcompose.linux.netlink.NetlinkMessage;
import io.jcompose.linux.netlink.NetlinkSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Asks the kernel for chains and rules of nftables. Platform threads only. */
public final class NftListing {
  private static final int HEADER = 4;

  /** As many as are kept. */
  private static final int RULES = 20_000;

  private NftListing() {}

  /** Base chains at the forward hook of families ip, ip6 and inet that filter. */
  public static List<Ruleset.Chain> forwardChains() {
    return chains(Ruleset.HOOK_FORWARD);
  }

  /** The same at the input hook. */
  public static List<Ruleset.Chain> inputChains() {
    return chains(Ruleset.HOOK_INPUT);
  }

  private static List<Ruleset.Chain> chains(int wanted) {
    List<Ruleset.Chain> chains = new ArrayList<>();
    dump(NftBatch.dumpChains(), message -> Ruleset.filter(message, wanted).ifPresent(chains::add));
    return chains;
  }

  /**
   * Rules that every packet meets and that end its way or send it elsewhere, and those with a
   * comment of an engine's, in their order; an empty table or chain means all. Of the others there
   * may be hundred thousands (lists of addresses that are kept out, services of Kubernetes).
   */
  public static List<Ruleset.Rule> rules(int family, String table, String chain) {
    List<Ruleset.Rule> rules = new ArrayList<>();
    dump(
        NftBatch.dumpRules(family, table, chain),
        message -> {
          if (rules.size() < RULES) {
            Ruleset.decisive(message).ifPresent(rules::add);
          }
        });
    return rules;
  }

  /** Counts the changes of all tables. */
  public static int generation() {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER)) {
      return socket.request(NftBatch.generation()).stream()
          .map(message -> message.attributes(HEADER).get(1))
          .filter(Objects::nonNull)
          .mapToInt(value -> ByteBuffer.wrap(value).getInt())
          .findFirst()
          .orElse(0);
    }
  }

  /**
   * True when a chain has so many rules. No more than that are looked at: in a namespace of a
   * container there may be more than there is memory for.
   */
  public static boolean has(int count, int family, String table, String chain) {
    AtomicInteger found = new AtomicInteger();
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER)) {
      socket.dumpWhile(
          NftBatch.dumpRules(family, table, chain),
          message -> !Ruleset.chainOf(message).equals(chain) || found.incrementAndGet() <= count);
    }
    return found.get() == count;
  }

  /**
   * What a table of family inet holds.
   *
   * @param chain has a rule with a comment, which is not counted; it is empty for a table that is
   *     not there
   */
  public static Seal seal(String table, String chain) {
    AtomicReference<String> comment = new AtomicReference<>("");
    MessageDigest sum = sha256();
    AtomicInteger count = new AtomicInteger();
    dump(
        NftBatch.dumpRules(NftBatch.INET, table, ""),
        message -> {
          String name = Ruleset.chainOf(message);
          if (name.equals(chain)) {
            comment.set(Ruleset.comment(message));
          } else {
            count.incrementAndGet();
            sum.update(name.getBytes(StandardCharsets.UTF_8));
            sum.update(Ruleset.expressions(message));
          }
        });
    return new Seal(count.get() == 0 ? "" : hex(sum), comment.get());
  }

  public static String sum(String text) {
    MessageDigest sum = sha256();
    sum.update(text.getBytes(StandardCharsets.UTF_8));
    return hex(sum);
  }

  private static String hex(MessageDigest sum) {
    return HexFormat.of().formatHex(sum.digest(), 0, 16);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private static void dump(NetlinkBatch batch, Consumer<NetlinkMessage> each) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER)) {
      socket.dump(batch, each);
    }
  }

  /**
   * The rules of a table in short.
   *
   * @param sum of all rules but the one with the comment; empty when there are none
   */
  public record Seal(String sum, String comment) {}
}
