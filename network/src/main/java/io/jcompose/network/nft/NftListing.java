package io.jcompose.network.nft;

import io.jcompose.linux.netlink.NetlinkBatch;
import io.jcompose.linux.netlink.NetlinkMessage;
import io.jcompose.linux.netlink.NetlinkSocket;
import io.jcompose.network.nft.NftBatch.Element;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Reads chains and rules of nftables (linux/netfilter/nf_tables.h). Platform threads only. */
public final class NftListing {
  private static final int HEADER = 4;
  private static final int HOOK_INPUT = 1;
  private static final int HOOK_FORWARD = 2;
  private static final int DROP = 0;
  private static final int JUMP = -3;
  private static final int GOTO = -4;
  private static final int DATA_VERDICT = 2;

  /** What may stand beside the verdict of a rule that every packet meets. */
  private static final Set<String> NEUTRAL = Set.of("counter", "log", "comment");

  /** What comments of engines' rules in foreign chains begin with. */
  public static final String OWN_COMMENT = "jcompose:";

  /** As many as are kept. */
  private static final int RULES = 20_000;

  private NftListing() {}

  /** Base chains at the forward hook of families ip, ip6 and inet that filter. */
  public static List<Chain> forwardChains() {
    return chains(HOOK_FORWARD);
  }

  /** The same at the input hook. */
  public static List<Chain> inputChains() {
    return chains(HOOK_INPUT);
  }

  private static List<Chain> chains(int wanted) {
    List<Chain> chains = new ArrayList<>();
    dump(
        NftBatch.dumpChains(),
        message -> {
          Map<Integer, byte[]> attributes = message.attributes(HEADER);
          byte[] hook = attributes.get(4);
          byte[] type = attributes.get(7);
          if (hook == null || type == null || !NetlinkMessage.text(type).equals("filter")) {
            return;
          }
          byte[] number = NetlinkMessage.nested(hook).get(1);
          byte[] policy = attributes.get(5);
          int family = message.u8(0);
          if (number != null
              && be32(number) == wanted
              && Set.of(NftBatch.IP, NftBatch.IP6, NftBatch.INET).contains(family)) {
            chains.add(
                new Chain(
                    family,
                    text(attributes, 1),
                    text(attributes, 3),
                    policy != null && be32(policy) == DROP));
          }
        });
    return chains;
  }

  /**
   * Rules that every packet meets and that end its way or send it elsewhere, and those with a
   * comment of an engine's, in their order; an empty table or chain means all. Of the others there
   * may be hundred thousands (lists of addresses that are kept out, services of Kubernetes).
   */
  public static List<Rule> rules(int family, String table, String chain) {
    List<Rule> rules = new ArrayList<>();
    dump(
        NftBatch.dumpRules(family, table, chain),
        message -> {
          Map<Integer, byte[]> attributes = message.attributes(HEADER);
          byte[] handle = attributes.get(3);
          Verdict verdict = verdict(attributes.get(4));
          String comment = comment(attributes.get(7));
          if (handle != null
              && rules.size() < RULES
              && (verdict.decides() || comment.startsWith(OWN_COMMENT))) {
            rules.add(
                new Rule(
                    message.u8(0),
                    text(attributes, 1),
                    text(attributes, 2),
                    ByteBuffer.wrap(handle).getLong(),
                    verdict.stops,
                    Set.copyOf(verdict.targets),
                    comment));
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
          .mapToInt(NftListing::be32)
          .findFirst()
          .orElse(0);
    }
  }

  /** The elements that a message tells the deletion of, by {@link Element#describe}. */
  public static List<String> deleted(NetlinkMessage message) {
    if (message.type() != (NftBatch.SUBSYSTEM << 8 | NftBatch.MSG_DELSETELEM)) {
      return List.of();
    }
    Map<Integer, byte[]> attributes = message.attributes(HEADER);
    String set = text(attributes, 2);
    return NetlinkMessage.list(attributes.getOrDefault(3, new byte[0])).stream()
        .map(item -> NetlinkMessage.nested(item).getOrDefault(1, new byte[0]))
        .map(key -> NetlinkMessage.nested(key).getOrDefault(1, new byte[0]))
        .map(key -> Element.describe(set, key))
        .toList();
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
          message ->
              !text(message.attributes(HEADER), 2).equals(chain)
                  || found.incrementAndGet() <= count);
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
          Map<Integer, byte[]> attributes = message.attributes(HEADER);
          String name = text(attributes, 2);
          if (name.equals(chain)) {
            comment.set(comment(attributes.get(7)));
          } else {
            count.incrementAndGet();
            sum.update(name.getBytes(StandardCharsets.UTF_8));
            sum.update(attributes.getOrDefault(4, new byte[0]));
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

  /** True when a packet that no other rule takes is dropped or rejected in the chain. */
  public static boolean stops(String chain, List<Rule> rules) {
    return stops(chain, rules, new HashSet<>());
  }

  /** The table of an engine, this one or another. */
  public static boolean isOwn(String table) {
    return table.equals("jcompose") || table.startsWith("jcompose_");
  }

  public static String family(int family) {
    return switch (family) {
      case NftBatch.IP -> "ip";
      case NftBatch.IP6 -> "ip6";
      default -> "inet";
    };
  }

  private static boolean stops(String chain, List<Rule> rules, Set<String> seen) {
    if (!seen.add(chain)) {
      return false;
    }
    return rules.stream()
        .filter(rule -> rule.chain.equals(chain))
        .anyMatch(
            rule -> rule.stops || rule.targets.stream().anyMatch(next -> stops(next, rules, seen)));
  }

  private static Verdict verdict(byte @org.jspecify.annotations.Nullable [] expressions) {
    Verdict verdict = new Verdict();
    if (expressions == null) {
      return verdict;
    }
    for (byte[] item : NetlinkMessage.list(expressions)) {
      Map<Integer, byte[]> expression = NetlinkMessage.nested(item);
      String name = text(expression, 1);
      byte[] data = expression.get(2);
      if (name.equals("reject")) {
        verdict.stops = true;
      } else if (name.equals("immediate") && data != null) {
        immediate(NetlinkMessage.nested(data).get(2), verdict);
      } else if (!NEUTRAL.contains(name)) {
        verdict.always = false;
      }
    }
    return verdict;
  }

  private static void immediate(byte @org.jspecify.annotations.Nullable [] data, Verdict verdict) {
    byte[] nest = data == null ? null : NetlinkMessage.nested(data).get(DATA_VERDICT);
    if (nest == null) {
      return;
    }
    Map<Integer, byte[]> attributes = NetlinkMessage.nested(nest);
    byte[] code = attributes.get(1);
    int number = code == null ? Integer.MAX_VALUE : be32(code);
    if (number == DROP) {
      verdict.stops = true;
    } else if (number == JUMP || number == GOTO) {
      verdict.targets.add(text(attributes, 2));
    }
  }

  /** Type, length, text with its final zero: the first of type 0 is the comment. */
  private static String comment(byte @org.jspecify.annotations.Nullable [] data) {
    if (data == null || data.length < 3 || data[0] != 0) {
      return "";
    }
    int length = Math.min(data[1] & 255, data.length - 2);
    return new String(data, 2, Math.max(0, length - 1), StandardCharsets.UTF_8);
  }

  private static String text(Map<Integer, byte[]> attributes, int type) {
    byte[] value = attributes.get(type);
    return value == null ? "" : NetlinkMessage.text(value);
  }

  private static int be32(byte[] value) {
    return ByteBuffer.wrap(value).getInt();
  }

  private static void dump(NetlinkBatch batch, Consumer<NetlinkMessage> each) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER)) {
      socket.dump(batch, each);
    }
  }

  /** Collects what a rule does. */
  private static final class Verdict {
    private boolean stops;
    private boolean always = true;
    private final Set<String> targets = new HashSet<>();

    private boolean decides() {
      return always && (stops || !targets.isEmpty());
    }
  }

  /**
   * The rules of a table in short.
   *
   * @param sum of all rules but the one with the comment; empty when there are none
   */
  public record Seal(String sum, String comment) {}

  /**
   * A base chain.
   *
   * @param drops its policy is drop
   */
  public record Chain(int family, String table, String name, boolean drops) {}

  /**
   * A rule.
   *
   * @param stops drops or rejects every packet
   * @param targets chains that every packet jumps to
   */
  public record Rule(
      int family,
      String table,
      String chain,
      long handle,
      boolean stops,
      Set<String> targets,
      String comment) {}
}
