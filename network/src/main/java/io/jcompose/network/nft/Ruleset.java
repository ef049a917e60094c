package io.jcompose.network.nft;

import io.jcompose.linux.netlink.NetlinkMessage;
import io.jcompose.network.nft.NftBatch.Element;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Chains and rules of nftables, read from the kernel's messages (linux/netfilter/nf_tables.h).
 * Pure.
 */
public final class Ruleset {
  /** What comments of engines' rules in foreign chains begin with. */
  public static final String OWN_COMMENT = "jcompose:";

  static final int HOOK_INPUT = 1;
  static final int HOOK_FORWARD = 2;

  private static final int HEADER = 4;
  private static final int DROP = 0;
  private static final int JUMP = -3;
  private static final int GOTO = -4;
  private static final int DATA_VERDICT = 2;

  /** What may stand beside the verdict of a rule that every packet meets. */
  private static final Set<String> NEUTRAL = Set.of("counter", "log", "comment");

  private Ruleset() {}

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

  /** The chain of a message when it filters at a hook, in family ip, ip6 or inet. */
  static Optional<Chain> filter(NetlinkMessage message, int wanted) {
    Map<Integer, byte[]> attributes = message.attributes(HEADER);
    byte[] hook = attributes.get(4);
    byte[] number = hook == null ? null : NetlinkMessage.nested(hook).get(1);
    byte[] policy = attributes.get(5);
    int family = message.u8(0);
    if (!text(attributes, 7).equals("filter")
        || number == null
        || be32(number) != wanted
        || !Set.of(NftBatch.IP, NftBatch.IP6, NftBatch.INET).contains(family)) {
      return Optional.empty();
    }
    boolean drops = policy != null && be32(policy) == DROP;
    return Optional.of(new Chain(family, text(attributes, 1), text(attributes, 3), drops));
  }

  /**
   * The rule of a message when every packet meets it and it ends its way or sends it elsewhere, or
   * when it has a comment of an engine's.
   */
  static Optional<Rule> decisive(NetlinkMessage message) {
    Map<Integer, byte[]> attributes = message.attributes(HEADER);
    byte[] handle = attributes.get(3);
    Verdict verdict = verdict(attributes.get(4));
    String comment = comment(attributes);
    if (handle == null || !(verdict.decides() || comment.startsWith(OWN_COMMENT))) {
      return Optional.empty();
    }
    return Optional.of(
        new Rule(
            message.u8(0),
            text(attributes, 1),
            text(attributes, 2),
            ByteBuffer.wrap(handle).getLong(),
            verdict.stops,
            Set.copyOf(verdict.targets),
            comment));
  }

  /** The chain that a rule's message names. */
  static String chainOf(NetlinkMessage message) {
    return text(message.attributes(HEADER), 2);
  }

  static String comment(NetlinkMessage message) {
    return comment(message.attributes(HEADER));
  }

  /** What a rule does, as the kernel says it. */
  static byte[] expressions(NetlinkMessage message) {
    return message.attributes(HEADER).getOrDefault(4, new byte[0]);
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

  private static Verdict verdict(byte @Nullable [] expressions) {
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

  private static void immediate(byte @Nullable [] data, Verdict verdict) {
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
  private static String comment(Map<Integer, byte[]> attributes) {
    byte[] data = attributes.get(7);
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
