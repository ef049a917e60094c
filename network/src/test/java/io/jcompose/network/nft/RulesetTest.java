package io.jcompose.network.nft;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.linux.netlink.NetlinkMessage;
import io.jcompose.network.nft.Ruleset.Chain;
import io.jcompose.network.nft.Ruleset.Rule;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages as linux/netfilter/nf_tables.h has them. */
class RulesetTest {
  private static final byte[] COUNTER = expression("counter", new byte[0]);
  private static final byte[] MATCH = expression("cmp", new byte[0]);
  private static final byte[] REJECT = expression("reject", new byte[0]);
  private static final byte[] DROP = verdict(0, "");

  @Test
  void aChainThatFiltersAtTheHookIsRead() {
    assertThat(Ruleset.filter(chain(NftBatch.IP, 2, 0, "filter"), Ruleset.HOOK_FORWARD))
        .contains(new Chain(NftBatch.IP, "t", "c", true));
    assertThat(Ruleset.filter(chain(NftBatch.INET, 1, 1, "filter"), Ruleset.HOOK_INPUT))
        .contains(new Chain(NftBatch.INET, "t", "c", false));
    byte[] withoutPolicy = join(text(1, "t"), text(3, "c"), hook(2), text(7, "filter"));
    assertThat(Ruleset.filter(message(NftBatch.IP6, withoutPolicy), Ruleset.HOOK_FORWARD))
        .contains(new Chain(NftBatch.IP6, "t", "c", false));
  }

  @Test
  void otherChainsAreNot() {
    int bridge = 7;
    assertThat(Ruleset.filter(chain(NftBatch.IP, 1, 0, "filter"), Ruleset.HOOK_FORWARD)).isEmpty();
    assertThat(Ruleset.filter(chain(NftBatch.IP, 2, 0, "nat"), Ruleset.HOOK_FORWARD)).isEmpty();
    assertThat(Ruleset.filter(chain(bridge, 2, 0, "filter"), Ruleset.HOOK_FORWARD)).isEmpty();
    byte[] notBase = join(text(1, "t"), text(3, "c"));
    assertThat(Ruleset.filter(message(NftBatch.IP, notBase), Ruleset.HOOK_FORWARD)).isEmpty();
    byte[] noNumber = join(text(1, "t"), text(3, "c"), attribute(4), text(7, "filter"));
    assertThat(Ruleset.filter(message(NftBatch.IP, noNumber), Ruleset.HOOK_FORWARD)).isEmpty();
  }

  @Test
  void aRuleThatEveryPacketMeetsIsReadWithItsVerdict() {
    assertThat(Ruleset.decisive(rule("", COUNTER, DROP)))
        .contains(new Rule(NftBatch.INET, "t", "c", 0x1_0000_0002L, true, Set.of(), ""));
    assertThat(Ruleset.decisive(rule("note", COUNTER, REJECT)).orElseThrow())
        .matches(Rule::stops)
        .extracting(Rule::comment)
        .isEqualTo("note");
    for (int jump : new int[] {-3, -4}) {
      Rule rule = Ruleset.decisive(rule("", verdict(jump, "next"))).orElseThrow();
      assertThat(rule.stops()).isFalse();
      assertThat(rule.targets()).containsExactly("next");
    }
  }

  @Test
  void aRuleForSomePacketsOrWithoutAnEndIsNot() {
    assertThat(Ruleset.decisive(rule("", MATCH, DROP))).isEmpty();
    assertThat(Ruleset.decisive(rule("", MATCH, REJECT))).isEmpty();
    assertThat(Ruleset.decisive(rule("", DROP, MATCH))).isEmpty();
    assertThat(Ruleset.decisive(rule("", COUNTER))).isEmpty();
    assertThat(Ruleset.decisive(rule("", COUNTER, verdict(1, "")))).isEmpty();
    assertThat(Ruleset.decisive(rule("", expression("immediate", attribute(2))))).isEmpty();
    assertThat(Ruleset.decisive(rule("", expression("immediate")))).isEmpty();
    assertThat(Ruleset.decisive(rule(""))).isEmpty();
    byte[] noHandle = join(text(1, "t"), text(2, "c"), attribute(4, item(DROP)));
    assertThat(Ruleset.decisive(message(NftBatch.IP, noHandle))).isEmpty();
    byte[] noExpressions = join(text(1, "t"), text(2, "c"), attribute(3, be64(7)));
    assertThat(Ruleset.decisive(message(NftBatch.IP, noExpressions))).isEmpty();
  }

  @Test
  void aRuleWithAnEnginesCommentIsReadWhateverItDoes() {
    Rule rule = Ruleset.decisive(rule("jcompose:mine", MATCH, verdict(1, ""))).orElseThrow();
    assertThat(rule.comment()).isEqualTo("jcompose:mine");
    assertThat(rule.stops()).isFalse();
    assertThat(rule.targets()).isEmpty();
    assertThat(Ruleset.decisive(rule("of jcompose:mine", MATCH))).isEmpty();
  }

  @Test
  void aCommentIsTheFirstUserDataOfItsType() {
    assertThat(comment(0, 3, 'a', 'b', 0)).isEqualTo("ab");
    assertThat(comment(0, 3, 'a', 'b', 0, 1, 1, 9)).isEqualTo("ab");
    assertThat(comment(1, 3, 'a', 'b', 0)).isEmpty();
    assertThat(comment(0, 200, 'a', 'b', 0)).isEqualTo("ab");
    assertThat(comment(0, 0, 0)).isEmpty();
    assertThat(comment(0, 1)).isEmpty();
    assertThat(Ruleset.comment(message(NftBatch.INET, text(2, "c")))).isEmpty();
  }

  @Test
  void aSealReadsTheChainAndTheExpressions() {
    NetlinkMessage message = rule("", DROP);
    assertThat(Ruleset.chainOf(message)).isEqualTo("c");
    assertThat(Ruleset.expressions(message)).isEqualTo(item(DROP));
    assertThat(Ruleset.chainOf(message(NftBatch.INET, new byte[0]))).isEmpty();
    assertThat(Ruleset.expressions(message(NftBatch.INET, new byte[0]))).isEmpty();
  }

  @Test
  void deletedElementsAreDescribedAsTheyWereAdded() {
    byte[] key = {10, 9, 0, 2};
    byte[] element = attribute(1, attribute(1, attribute(1, key)));
    byte[] body = join(text(1, "t"), text(2, "allowed"), attribute(3, element));
    int deleted = NftBatch.SUBSYSTEM << 8 | NftBatch.MSG_DELSETELEM;
    assertThat(Ruleset.deleted(message(deleted, NftBatch.INET, body)))
        .containsExactly(NftBatch.Element.describe("allowed", key));
    assertThat(Ruleset.deleted(message(deleted - 2, NftBatch.INET, body))).isEmpty();
    assertThat(Ruleset.deleted(message(deleted, NftBatch.INET, text(2, "allowed")))).isEmpty();
  }

  @Test
  void aChainStopsWhereItOrOneThatItJumpsToDoes() {
    List<Rule> rules =
        List.of(
            jump("forward", "docker"),
            jump("docker", "forward"),
            jump("docker", "last"),
            new Rule(NftBatch.IP, "t", "last", 1, true, Set.of(), ""),
            jump("quiet", "nowhere"));
    assertThat(Ruleset.stops("forward", rules)).isTrue();
    assertThat(Ruleset.stops("last", rules)).isTrue();
    assertThat(Ruleset.stops("quiet", rules)).isFalse();
    assertThat(Ruleset.stops("forward", rules.subList(0, 3))).isFalse();
    assertThat(Ruleset.stops("input", rules)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"jcompose", "jcompose_a1"})
  void tablesOfEnginesAreKnownByTheirNames(String table) {
    assertThat(Ruleset.isOwn(table)).isTrue();
    assertThat(Ruleset.isOwn("my" + table)).isFalse();
    assertThat(Ruleset.isOwn("jcomposer")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"1, inet", "2, ip", "10, ip6"})
  void familiesHaveTheirWords(int family, String word) {
    assertThat(Ruleset.family(family)).isEqualTo(word);
  }

  private static Rule jump(String chain, String target) {
    return new Rule(NftBatch.IP, "t", chain, 1, false, Set.of(target), "");
  }

  private static String comment(int... data) {
    byte[] bytes = new byte[data.length];
    for (int i = 0; i < data.length; i++) {
      bytes[i] = (byte) data[i];
    }
    return Ruleset.comment(message(NftBatch.INET, attribute(7, bytes)));
  }

  private static NetlinkMessage chain(int family, int hook, int policy, String type) {
    return message(
        family,
        join(text(1, "t"), text(3, "c"), hook(hook), attribute(5, be32(policy)), text(7, type)));
  }

  private static byte[] hook(int number) {
    return attribute(4, attribute(1, be32(number)), attribute(2, be32(0)));
  }

  private static NetlinkMessage rule(String comment, byte[]... expressions) {
    byte[] list = new byte[0];
    for (byte[] each : expressions) {
      list = join(list, item(each));
    }
    byte[] body =
        join(text(1, "t"), text(2, "c"), attribute(3, be64(0x1_0000_0002L)), attribute(4, list));
    if (!comment.isEmpty()) {
      byte[] bytes = (comment + "\0").getBytes(StandardCharsets.UTF_8);
      body = join(body, attribute(7, new byte[] {0, (byte) bytes.length}, bytes));
    }
    return message(NftBatch.INET, body);
  }

  private static byte[] item(byte[] expression) {
    return attribute(1, expression);
  }

  private static byte[] expression(String name, byte[]... data) {
    return data.length == 0 ? text(1, name) : join(text(1, name), attribute(2, data));
  }

  private static byte[] verdict(int code, String target) {
    byte[] nest = attribute(1, be32(code));
    return expression(
        "immediate",
        attribute(2, attribute(2, target.isEmpty() ? nest : join(nest, text(2, target)))));
  }

  private static NetlinkMessage message(int family, byte[] attributes) {
    return message(0, family, attributes);
  }

  private static NetlinkMessage message(int type, int family, byte[] attributes) {
    byte[] header = {(byte) family, 0, 0, 0};
    return new NetlinkMessage(type, 0, 0, ByteBuffer.wrap(join(header, attributes)));
  }

  private static byte[] text(int type, String text) {
    return attribute(type, (text + "\0").getBytes(StandardCharsets.UTF_8));
  }

  /** Length and type in the machine's order, filled up to four bytes. */
  private static byte[] attribute(int type, byte[]... values) {
    byte[] value = join(values);
    ByteBuffer out = ByteBuffer.allocate((value.length + 7) & ~3).order(ByteOrder.nativeOrder());
    return out.putShort((short) (value.length + 4)).putShort((short) type).put(value).array();
  }

  private static byte[] be32(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  private static byte[] be64(long number) {
    return ByteBuffer.allocate(8).putLong(number).array();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
