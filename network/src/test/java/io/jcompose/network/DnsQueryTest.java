package io.jcompose.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import io.jcompose.network.NameTable.Asker;
import io.jcompose.network.NameTable.Member;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DnsQueryTest {
  private static final int SOA = 6;

  @Test
  void answersWithAllAddresses() {
    Network network = network();
    Asker asker = Asker.on(network);
    network.names().add(member("10.9.0.2", List.of("shop-web-1", "web")));
    network.names().add(member("10.9.0.3", List.of("shop-web-2", "web")));
    byte[] answer = ask(asker, "WEB", DnsQuery.TYPE_A).orElseThrow();
    assertThat(ByteBuffer.wrap(answer).getShort(6)).isEqualTo((short) 2);
    assertThat(HexFormat.of().formatHex(answer)).contains("0a090002", "0a090003", "03574542");
    assertThat(ask(asker, "web.shop", DnsQuery.TYPE_A)).isPresent();
    assertThat(ask(asker, "db", DnsQuery.TYPE_A)).isEmpty();
    network.names().remove(member("10.9.0.2", List.of("shop-web-1", "web")));
    assertThat(ByteBuffer.wrap(ask(asker, "web", DnsQuery.TYPE_A).orElseThrow()).getShort(6))
        .isEqualTo((short) 1);
    assertThat(ask(asker, "shop-web-1", DnsQuery.TYPE_A)).isEmpty();
  }

  @Test
  void knownNamesHaveNoOtherRecords() {
    Network network = network();
    Asker asker = Asker.on(network);
    network.names().add(member("10.9.0.2", List.of("web")));
    for (int type : new int[] {DnsQuery.TYPE_AAAA, SOA}) {
      byte[] answer = ask(asker, "web", type).orElseThrow();
      assertThat(answer[3] & 15).isEqualTo(DnsQuery.NOERROR);
      assertThat(ByteBuffer.wrap(answer).getShort(6)).isZero();
    }
  }

  @Test
  void namesAnAddress() {
    Network network = network();
    Asker asker = Asker.on(network);
    network.names().add(member("10.9.0.2", List.of("shop-web-1", "web")));
    byte[] answer = ask(asker, "2.0.9.10.in-addr.arpa", DnsQuery.TYPE_PTR).orElseThrow();
    assertThat(new String(answer, StandardCharsets.ISO_8859_1))
        .contains("\nshop-web-1\u0004shop\u0000");
  }

  @Test
  void everyFamilyIsAnsweredFromTheFirstNetworkThatHasIt() {
    Network one = network("one", new Pool("10.9.0.0/24", "10.9.0.1", "", Map.of()));
    Network two =
        network(
            "two",
            new Pool("10.8.0.0/24", "10.8.0.1", "", Map.of()),
            new Pool("fd00:8::/64", "fd00:8::1", "", Map.of()));
    Asker asker = Asker.on(one, two);
    one.names().add(member("10.9.0.2", List.of("web")));
    Ip6 ipv6 = Ip6.parse("fd00:8::2");
    two.names().add(new Member(Ip4.parse("10.8.0.2"), ipv6, List.of("web")));
    assertThat(hex(ask(asker, "web", DnsQuery.TYPE_A))).contains("0a090002").doesNotContain("0a08");
    assertThat(hex(ask(asker, "web.two", DnsQuery.TYPE_A))).contains("0a080002");
    assertThat(hex(ask(asker, "web", DnsQuery.TYPE_AAAA)))
        .contains(HexFormat.of().formatHex(ipv6.bytes()));
    assertThat(hex(ask(asker, ipv6.nibbles() + ".ip6.arpa", DnsQuery.TYPE_PTR)))
        .contains("0377656203" + "74776f00");
    assertThat(ask(Asker.on(one), ipv6.nibbles() + ".ip6.arpa", 12)).isEmpty();
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
    Asker asker = Asker.on(network());
    Optional<DnsQuery> query = DnsQuery.parse(ByteBuffer.wrap(packet));
    query.ifPresent(
        each -> {
          assertThat(
                  DnsAnswers.answer(each, asker, false).orElseGet(() -> DnsAnswers.unknown(each)))
              .startsWith(packet[0], packet[1]);
        });
  }

  private static Optional<byte[]> ask(Asker asker, String name, int type) {
    return DnsAnswers.answer(
        DnsQuery.parse(ByteBuffer.wrap(query(name, type))).orElseThrow(), asker, false);
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

  private static Network network() {
    return network("shop", new Pool("10.9.0.0/24", "10.9.0.1", "", Map.of()));
  }

  private static Network network(String name, Pool... pools) {
    NetworkSpec spec =
        new NetworkSpec(
            name, "bridge", Map.of(), false, false, pools.length > 1, List.of(pools), Map.of());
    return new Network(new NetworkRecord(name, spec, false, false, "jc0", "2026-01-01T00:00:00Z"));
  }
}
