package io.jcompose.network;

import io.jcompose.linux.NetlinkBatch;
import io.jcompose.linux.NetlinkMessage;
import io.jcompose.linux.NetlinkSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads chains and rules of nftables (linux/netfilter/nf_tables.h). Platform threads only. */
final class NftListing {
  private static final int HEADER = 4;
  private static final int HOOK_INPUT = 1;
  private static final int HOOK_FORWARD = 2;
  private static final int DROP = 0;
  private static final int JUMP = -3;
  private static final int GOTO = -4;
  private static final int DATA_VERDICT = 2;

  /** What may stand beside the verdict of a rule that every packet meets. */
  private static final Set<String> NEUTRAL = Set.of("counter", "log", "comment");

  private NftListing() {}

  /** Base chains at the forward hook of families ip, ip6 and inet that filter. */
  static List<Chain> forwardChains() {
    return chains(HOOK_FORWARD);
  }

  /** The same at the input hook. */
  static List<Chain> inputChains() {
    return chains(HOOK_INPUT);
  }

  private static List<Chain> chains(int wanted) {
    List<Chain> chains = new ArrayList<>();
    for (NetlinkMessage message : dump(NftBatch.dumpChains())) {
      Map<Integer, byte[]> attributes = message.attributes(HEADER);
      byte[] hook = attributes.get(4);
      byte[] type = attributes.get(7);
      if (hook == null || type == null || !NetlinkMessage.text(type).equals("filter")) {
        continue;
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
    }
    return chains;
  }

  /** Rules in their order; an empty table or chain means all. */
  static List<Rule> rules(int family, String table, String chain) {
    List<Rule> rules = new ArrayList<>();
    for (NetlinkMessage message : dump(NftBatch.dumpRules(family, table, chain))) {
      Map<Integer, byte[]> attributes = message.attributes(HEADER);
      byte[] handle = attributes.get(3);
      if (handle == null) {
        continue;
      }
      Verdict verdict = verdict(attributes.get(4));
      rules.add(
          new Rule(
              message.u8(0),
              text(attributes, 1),
              text(attributes, 2),
              ByteBuffer.wrap(handle).getLong(),
              verdict.stops,
              Set.copyOf(verdict.targets),
              verdict.always,
              comment(attributes.get(7))));
    }
    return rules;
  }

  /**
   * True when a chain has so many rules. No more than that are looked at: in a namespace of a
   * container there may be more than there is memory for.
   */
  static boolean has(int count, int family, String table, String chain) {
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
  static Seal seal(String table, String chain) {
    String comment = "";
    MessageDigest sum = sha256();
    boolean empty = true;
    for (NetlinkMessage message : dump(NftBatch.dumpRules(NftBatch.INET, table, ""))) {
      Map<Integer, byte[]> attributes = message.attributes(HEADER);
      String name = text(attributes, 2);
      if (name.equals(chain)) {
        comment = comment(attributes.get(7));
        continue;
      }
      empty = false;
      sum.update(name.getBytes(StandardCharsets.UTF_8));
      sum.update(attributes.getOrDefault(4, new byte[0]));
    }
    return new Seal(empty ? "" : hex(sum), comment);
  }

  static String sum(String text) {
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
  static boolean stops(String chain, List<Rule> rules) {
    return stops(chain, rules, new HashSet<>());
  }

  /** The table of an engine, this one or another. */
  static boolean isOwn(String table) {
    return table.equals("jcompose") || table.startsWith("jcompose_");
  }

  static String family(int family) {
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
        .filter(rule -> rule.chain.equals(chain) && rule.always)
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

  private static List<NetlinkMessage> dump(NetlinkBatch batch) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER)) {
      return socket.dump(batch);
    }
  }

  /** Collects what a rule does. */
  private static final class Verdict {
    private boolean stops;
    private boolean always = true;
    private final Set<String> targets = new HashSet<>();
  }

  /**
   * The rules of a table in short.
   *
   * @param sum of all rules but the one with the comment; empty when there are none
   */
  record Seal(String sum, String comment) {}

  /**
   * A base chain.
   *
   * @param drops its policy is drop
   */
  record Chain(int family, String table, String name, boolean drops) {}

  /**
   * A rule.
   *
   * @param stops drops or rejects what it matches
   * @param targets chains it jumps to
   * @param always every packet matches
   */
  record Rule(
      int family,
      String table,
      String chain,
      long handle,
      boolean stops,
      Set<String> targets,
      boolean always,
      String comment) {}
}
