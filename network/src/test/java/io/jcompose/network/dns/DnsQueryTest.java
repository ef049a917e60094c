package io.jcompose.network.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.dns.NameTable.Member;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DnsQueryTest {
  private static final int SOA = 6;

  @Test
  void answersWithAllAddresses() {
    NameTable network = network();
    DnsView view = view(network);
    network.add(member("10.9.0.2", List.of("shop-web-1", "web")));
    network.add(member("10.9.0.3", List.of("shop-web-2", "web")));
    byte[] answer = ask(view, "WEB", DnsQuery.TYPE_A).orElseThrow();
    assertThat(ByteBuffer.wrap(answer).getShort(6)).isEqualTo((short) 2);
    assertThat(HexFormat.of().formatHex(answer)).contains("0a090002", "0a090003", "03574542");
    assertThat(ask(view, "web.shop", DnsQuery.TYPE_A)).isPresent();
    assertThat(ask(view, "db", DnsQuery.TYPE_A)).isEmpty();
    network.remove(member("10.9.0.2", List.of("shop-web-1", "web")));
    assertThat(ByteBuffer.wrap(ask(view, "web", DnsQuery.TYPE_A).orElseThrow()).getShort(6))
        .isEqualTo((short) 1);
    assertThat(ask(view, "shop-web-1", DnsQuery.TYPE_A)).isEmpty();
  }

  @Test
  void knownNamesHaveNoOtherRecords() {
    NameTable network = network();
    DnsView view = view(network);
    network.add(member("10.9.0.2", List.of("web")));
    for (int type : new int[] {DnsQuery.TYPE_AAAA, SOA}) {
      byte[] answer = ask(view, "web", type).orElseThrow();
      assertThat(answer[3] & 15).isEqualTo(DnsQuery.NOERROR);
      assertThat(ByteBuffer.wrap(answer).getShort(6)).isZero();
    }
  }

  @Test
  void namesAnAddress() {
    NameTable network = network();
    DnsView view = view(network);
    network.add(member("10.9.0.2", List.of("shop-web-1", "web")));
    byte[] answer = ask(view, "2.0.9.10.in-addr.arpa", DnsQuery.TYPE_PTR).orElseThrow();
    assertThat(new String(answer, StandardCharsets.ISO_8859_1))
        .contains("\nshop-web-1\u0004shop\u0000");
  }

  @Test
  void everyFamilyIsAnsweredFromTheFirstNetworkThatHasIt() {
    NameTable one = new NameTable("one");
    NameTable two = new NameTable("two");
    DnsView view = view(one, two);
    one.add(member("10.9.0.2", List.of("web")));
    Ip6 ipv6 = Ip6.parse("fd00:8::2");
    two.add(new Member(Ip4.parse("10.8.0.2"), ipv6, List.of("web")));
    assertThat(hex(ask(view, "web", DnsQuery.TYPE_A))).contains("0a090002").doesNotContain("0a08");
    assertThat(hex(ask(view, "web.two", DnsQuery.TYPE_A))).contains("0a080002");
    assertThat(hex(ask(view, "web", DnsQuery.TYPE_AAAA)))
        .contains(HexFormat.of().formatHex(ipv6.bytes()));
    assertThat(hex(ask(view, ipv6.nibbles() + ".ip6.arpa", DnsQuery.TYPE_PTR)))
        .contains("0377656203" + "74776f00");
    assertThat(ask(view(one), ipv6.nibbles() + ".ip6.arpa", 12)).isEmpty();
  }

  private static String hex(Optional<byte[]> answer) {
    return HexFormat.of().formatHex(answer.orElseThrow());
  }

  @Test
  void cutsWhatDoesNotFit() {
    List<byte[]> many = Collections.nCopies(100, new byte[4]);
    DnsQuery query = DnsQuery.parse(ByteBuffer.wrap(query("web", DnsQuery.TYPE_A))).orElseThrow();
    byte[] answer = query.addresses(many, 512);
    assertThat(answer.length).isLessThanOrEqualTo(512);
    assertThat(answer[2] & 2).isEqualTo(2);
    assertThat(query.addresses(many, 65_535)[2] & 2).isZero();
  }

  @Test
  void anAnswerEchoesWhatWasAsked() {
    DnsQuery query = DnsQuery.parse(ByteBuffer.wrap(query("web", DnsQuery.TYPE_A))).orElseThrow();
    byte[] answer = query.addresses(List.of(new byte[] {10, 9, 0, 2}), 512);
    // id 42; response, recursion desired and available; one question, one answer; the question; a
    // pointer to its name, A, IN, 2 seconds, 4 bytes
    assertThat(HexFormat.of().formatHex(answer))
        .isEqualTo(
            "002a8180"
                + "00010001"
                + "00000000"
                + "0377656200"
                + "00010001"
                + "c00c"
                + "0001"
                + "0001"
                + "00000002"
                + "0004"
                + "0a090002");
    byte[] unasked = query("web", DnsQuery.TYPE_A);
    unasked[2] = 0; // recursion is not desired
    DnsQuery plain = DnsQuery.parse(ByteBuffer.wrap(unasked)).orElseThrow();
    assertThat(HexFormat.of().formatHex(plain.empty(DnsQuery.NXDOMAIN))).startsWith("002a8083");
  }

  @Test
  void whoTakesMoreByUdpSaysSoAndIsAnsweredInKind() {
    byte[] plain = query("web", DnsQuery.TYPE_A);
    DnsQuery query = DnsQuery.parse(ByteBuffer.wrap(plain)).orElseThrow();
    assertThat(query.edns()).isFalse();
    assertThat(query.udpSize()).isEqualTo(512);
    for (int[] sizes : new int[][] {{100, 512}, {1000, 1000}, {4096, 1232}}) {
      DnsQuery large = DnsQuery.parse(ByteBuffer.wrap(edns(plain, sizes[0]))).orElseThrow();
      assertThat(large.edns()).isTrue();
      assertThat(large.udpSize()).isEqualTo(sizes[1]);
      assertThat(HexFormat.of().formatHex(large.empty(DnsQuery.NOERROR)))
          .startsWith("002a8180" + "00010000" + "00000001")
          .endsWith("000029" + "04d0" + "00000000" + "0000");
    }
    byte[] other = edns(plain, 4096);
    other[plain.length + 2] = 40; // a record of another kind
    assertThat(DnsQuery.parse(ByteBuffer.wrap(other)).orElseThrow().edns()).isFalse();
  }

  private static byte[] edns(byte[] query, int size) {
    ByteBuffer out = ByteBuffer.allocate(query.length + 11).put(query);
    out.put((byte) 0).putShort((short) 41).putShort((short) size).putInt(0).putShort((short) 0);
    return out.putShort(10, (short) 1).array();
  }

  @Test
  void onlyQuestionsAreAnswered() {
    byte[] response = query("web", DnsQuery.TYPE_A);
    response[2] |= (byte) 0x80;
    assertThat(DnsQuery.parse(ByteBuffer.wrap(response))).isEmpty();
    byte[] two = query("web", DnsQuery.TYPE_A);
    two[5] = 2;
    assertThat(DnsQuery.parse(ByteBuffer.wrap(two))).isEmpty();
    byte[] update = query("web", DnsQuery.TYPE_A);
    update[2] = 5 << 3;
    assertThat(DnsQuery.parse(ByteBuffer.wrap(update)).orElseThrow().opcode()).isEqualTo(5);
  }

  @Test
  void anAnswerIsToItsQuestionWhateverTheCaseOfItsName() {
    DnsQuery query = DnsQuery.parse(ByteBuffer.wrap(query("Web", DnsQuery.TYPE_A))).orElseThrow();
    assertThat(query.isSameQuestion(ByteBuffer.wrap(query("wEB", DnsQuery.TYPE_A)))).isTrue();
    assertThat(query.isSameQuestion(ByteBuffer.wrap(query("wec", DnsQuery.TYPE_A)))).isFalse();
    assertThat(query.isSameQuestion(ByteBuffer.wrap(query("web", DnsQuery.TYPE_AAAA)))).isFalse();
    byte[] none = query("web", DnsQuery.TYPE_A);
    none[5] = 0;
    assertThat(query.isSameQuestion(ByteBuffer.wrap(none))).isFalse();
  }

  /** Without a dot it can only be of this engine; what has one, a server that is dead may know. */
  @Test
  void anUnknownNameThatNobodyCanBeAskedAbout() {
    assertThat(unknown("db")).isEqualTo(DnsQuery.NXDOMAIN);
    assertThat(unknown("db.example")).isEqualTo(DnsQuery.SERVFAIL);
  }

  private static int unknown(String name) {
    DnsQuery query = DnsQuery.parse(ByteBuffer.wrap(query(name, DnsQuery.TYPE_A))).orElseThrow();
    return DnsAnswers.unknown(query)[3] & 15;
  }

  /** RFC 1035, 2.3.4: 63 bytes a label, 255 a name with its lengths. */
  @Test
  void aNameIsAsLongAsItMayBe() {
    String label = "x".repeat(63);
    String longest = label + "." + label + "." + label + "." + "y".repeat(61);
    assertThat(parse(query(longest, DnsQuery.TYPE_A)).orElseThrow().name()).isEqualTo(longest);
    assertThat(parse(query(longest + "y", DnsQuery.TYPE_A))).isEmpty();
    assertThat(parse(query(label + "x", DnsQuery.TYPE_A))).isEmpty();
    byte[] root = new byte[17];
    root[5] = 1;
    assertThat(parse(root).orElseThrow().name()).isEmpty();
  }

  @Test
  void aQueryThatIsCutIsNone() {
    byte[] whole = query("web.shop", DnsQuery.TYPE_A);
    for (int length = 0; length < whole.length; length++) {
      assertThat(parse(Arrays.copyOf(whole, length))).as(length + " bytes").isEmpty();
    }
    assertThat(parse(whole)).isPresent();
  }

  /** Records in other sections come before the one that says what is taken. */
  @Test
  void whatIsTakenIsReadOnlyWhereItStandsFirst() {
    byte[] large = edns(query("web", DnsQuery.TYPE_A), 4096);
    for (int section : new int[] {7, 9}) {
      byte[] other = large.clone();
      other[section] = 1;
      assertThat(parse(other).orElseThrow().edns()).isFalse();
    }
    assertThat(parse(Arrays.copyOf(large, large.length - 1)).orElseThrow().edns()).isFalse();
    assertThat(parse(large).orElseThrow().edns()).isTrue();
  }

  /** An answer of several networks' addresses is cut by what the view takes, its own words too. */
  @Test
  void fillsAnAnswerToItsLastByte() {
    List<byte[]> many = Collections.nCopies(40, new byte[4]);
    DnsQuery plain = parse(query("web", DnsQuery.TYPE_A)).orElseThrow();
    int three = 12 + 9 + 3 * 16;
    assertThat(plain.addresses(many, three)).hasSize(three);
    assertThat(plain.addresses(many, three - 1)).hasSize(three - 16);
    assertThat(plain.addresses(many, 12)).hasSize(21);
    DnsQuery large = parse(edns(query("web", DnsQuery.TYPE_A), 4096)).orElseThrow();
    assertThat(large.addresses(many, three + 11)).hasSize(three + 11);
    assertThat(large.addresses(many, three + 10)).hasSize(three + 11 - 16);
  }

  @Test
  void anAnswerToAnotherQuestionIsNotTaken() {
    DnsQuery query = parse(query("wez", DnsQuery.TYPE_A)).orElseThrow();
    byte[] answer = query("wez", DnsQuery.TYPE_A);
    assertThat(query.isSameQuestion(ByteBuffer.wrap(answer))).isTrue();
    assertThat(query.isSameQuestion(ByteBuffer.wrap(Arrays.copyOf(answer, answer.length - 1))))
        .isFalse();
    for (int at = 12; at < answer.length; at++) {
      byte[] other = answer.clone();
      other[at] ^= 1;
      assertThat(query.isSameQuestion(ByteBuffer.wrap(other))).as("byte " + at).isFalse();
    }
    // the type is no letter, whose case would not count
    DnsQuery ninety = parse(query("aZ", 'A')).orElseThrow();
    assertThat(ninety.isSameQuestion(ByteBuffer.wrap(query("Az", 'A')))).isTrue();
    assertThat(ninety.isSameQuestion(ByteBuffer.wrap(query("Az", 'a')))).isFalse();
    assertThat(ninety.isSameQuestion(ByteBuffer.wrap(query("A[", 'A')))).isFalse();
    assertThat(ninety.isSameQuestion(ByteBuffer.wrap(query("@Z", 'A')))).isFalse();
  }

  @Test
  void aNameThatNoAnswerHasRoomForHasNone() {
    DnsQuery query = parse(query("2.0.9.10.in-addr.arpa", DnsQuery.TYPE_PTR)).orElseThrow();
    String label = "x".repeat(63);
    assertThat(ByteBuffer.wrap(query.pointer(label)).getShort(6)).isEqualTo((short) 1);
    assertThat(ByteBuffer.wrap(query.pointer(label + "x")).getShort(6)).isZero();
    assertThat(ByteBuffer.wrap(query.pointer("a..b")).getShort(6)).isZero();
  }

  @Test
  void onlyQuestionsOfTheStandardKindAreAnswered() {
    byte[] update = query("web", DnsQuery.TYPE_A);
    update[2] = 5 << 3;
    DnsView view = view(network());
    byte[] answer = DnsAnswers.answer(parse(update).orElseThrow(), view, false).orElseThrow();
    assertThat(answer[3] & 15).isEqualTo(DnsQuery.NOTIMP);
  }

  @Test
  void anAnswerByTcpIsNotCut() {
    NameTable network = network();
    for (int i = 1; i <= 100; i++) {
      network.add(member("10.9.0." + i, List.of("web")));
    }
    DnsQuery query = parse(query("web", DnsQuery.TYPE_A)).orElseThrow();
    byte[] udp = DnsAnswers.answer(query, view(network), false).orElseThrow();
    byte[] tcp = DnsAnswers.answer(query, view(network), true).orElseThrow();
    assertThat(udp.length).isLessThanOrEqualTo(512);
    assertThat(tcp).hasSize(12 + 9 + 100 * 16);
  }

  /** So that replicas share the load of clients that take the first address. */
  @Test
  void theOrderOfAddressesChanges() {
    NameTable network = network();
    network.add(member("10.9.0.2", List.of("web")));
    network.add(member("10.9.0.3", List.of("web")));
    Set<String> answers = new HashSet<>();
    for (int i = 0; i < 200; i++) { // it stays the same once in 2^199 runs
      answers.add(hex(ask(view(network), "web", DnsQuery.TYPE_A)));
    }
    assertThat(answers).hasSize(2);
  }

  private static Optional<DnsQuery> parse(byte[] packet) {
    return DnsQuery.parse(ByteBuffer.wrap(packet));
  }

  @Property
  void survivesAnyPacket(@ForAll byte[] packet) {
    parseAndAnswer(packet);
  }

  @Property
  void survivesAnyChangeOfAQuery(@ForAll int at, @ForAll byte value) {
    byte[] packet = query("web.shop", DnsQuery.TYPE_A);
    packet[Math.floorMod(at, packet.length)] = value;
    parseAndAnswer(packet);
  }

  private static void parseAndAnswer(byte[] packet) {
    DnsView view = view(network());
    Optional<DnsQuery> query = DnsQuery.parse(ByteBuffer.wrap(packet));
    query.ifPresent(
        each -> {
          assertThat(DnsAnswers.answer(each, view, false).orElseGet(() -> DnsAnswers.unknown(each)))
              .startsWith(packet[0], packet[1]);
        });
  }

  private static Optional<byte[]> ask(DnsView view, String name, int type) {
    return DnsAnswers.answer(
        DnsQuery.parse(ByteBuffer.wrap(query(name, type))).orElseThrow(), view, false);
  }

  private static byte[] query(String name, int type) {
    ByteBuffer out = ByteBuffer.allocate(300);
    out.putShort((short) 42).putShort((short) 0x100).putShort((short) 1).putShort((short) 0);
    out.putInt(0);
    for (String label : name.split("\\.")) {
      out.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.put((byte) 0).putShort((short) type).putShort((short) 1).flip();
    byte[] bytes = new byte[out.remaining()];
    out.get(bytes);
    return bytes;
  }

  private static Member member(String address, List<String> names) {
    return new Member(Ip4.parse(address), null, names);
  }

  private static NameTable network() {
    return new NameTable("shop");
  }

  private static DnsView view(NameTable... networks) {
    return new DnsView(List.of(networks), Map.of(), List.of(), ChannelFactory.HOST, false, false);
  }
}
