package io.jcompose.network.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.address.Subnet;
import io.jcompose.network.address.Subnet6;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressBookTest {
  @Test
  void givesTheLowestFreeAddressAndTakesItBack() {
    AddressBook<Integer> book = book("10.0.0.0/24", "10.0.0.0/24");
    assertThat(Ip4.format(book.take())).isEqualTo("10.0.0.2");
    int second = book.take();
    assertThat(Ip4.format(book.take())).isEqualTo("10.0.0.4");
    book.release(second);
    assertThat(Ip4.format(book.take())).isEqualTo("10.0.0.3");
  }

  @Test
  void staysInsideTheRange() {
    AddressBook<Integer> book = book("10.0.0.0/24", "10.0.0.128/30");
    for (int last = 128; last < 132; last++) {
      assertThat(Ip4.format(book.take())).isEqualTo("10.0.0." + last);
    }
    assertThatThrownBy(book::take)
        .hasMessage("no available IPv4 addresses on this network's address pools: net (id)");
    book.take(Ip4.parse("10.0.0.5"));
  }

  @Test
  void keepsWhatOthersWantForThemAsLongAsItCan() {
    AddressBook<Integer> book = book("10.0.0.0/29", "10.0.0.0/29");
    Set<Integer> wanted = Set.of(Ip4.parse("10.0.0.2"), Ip4.parse("10.0.0.4"));
    assertThat(Ip4.format(book.take(wanted))).isEqualTo("10.0.0.3");
    assertThat(Ip4.format(book.take(wanted))).isEqualTo("10.0.0.5");
    assertThat(Ip4.format(book.take(wanted))).isEqualTo("10.0.0.6");
    book.take(Ip4.parse("10.0.0.2"));
    assertThat(Ip4.format(book.take(wanted))).isEqualTo("10.0.0.4");
    assertThatThrownBy(() -> book.take(wanted)).hasMessageContaining("no available IPv4 addresses");
    book.release(Ip4.parse("10.0.0.4"));
    assertThat(Ip4.format(book.take())).isEqualTo("10.0.0.4");
  }

  @Property
  void neverGivesAnAddressTwice(@ForAll List<@IntRange(min = 0, max = 20) Integer> steps) {
    AddressBook<Integer> book = book("192.168.5.0/27", "192.168.5.0/27");
    Set<Integer> held = new HashSet<>();
    for (int step : steps) {
      int address = Ip4.parse("192.168.5.0") + step;
      if (held.remove(address)) {
        book.release(address);
      } else if (held.size() < 29) {
        int given = book.take();
        assertThat(held.add(given)).isTrue();
        assertThat(given).isBetween(Ip4.parse("192.168.5.2"), Ip4.parse("192.168.5.30"));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
    "::, ::",
    "::1, ::1",
    "fe80::, fe80::",
    "1:0:0:2:0:0:0:3, 1:0:0:2::3",
    "1:0:2:3:4:5:6:7, 1:0:2:3:4:5:6:7",
    "::fffe:1:2, ::fffe:1:2"
  })
  void writesIpv6AddressesAsRfc5952(String text, String canonical) {
    assertThat(Ip6.parse(text)).hasToString(canonical);
    assertThat(Ip6.of(Ip6.parse(text).bytes())).isEqualTo(Ip6.parse(canonical));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1.2.3.4", "fe80::1%eth0", "::g", "1::2::3", "::ffff:10.0.0.1"})
  void refusesWhatIsNoIpv6Address(String text) {
    assertThatThrownBy(() -> Ip6.parse(text)).hasMessage("invalid IPv6 address: " + text);
  }

  @Test
  void givesIpv6AddressesInOrder() {
    Subnet6 subnet = Subnet6.parse("fd00:1::/64");
    AddressBook<Ip6> book =
        new AddressBook<>(subnet, subnet, Set.of(Ip6.parse("fd00:1::1")), "net (id)");
    assertThat(book.take()).hasToString("fd00:1::2");
    assertThat(book.take()).hasToString("fd00:1::3");
    book.release(Ip6.parse("fd00:1::2"));
    assertThat(book.take()).hasToString("fd00:1::2");
    book.take(subnet.highest());
    assertThatThrownBy(() -> book.take(Ip6.parse("fd00:2::1")))
        .hasMessage("no configured subnet or ip-range contain the IP address fd00:2::1");
    Subnet6 tiny = Subnet6.parse("fd00::fffe/127");
    AddressBook<Ip6> full = new AddressBook<>(tiny, tiny, Set.of(tiny.base()), "net (id)");
    assertThat(full.take()).hasToString("fd00::ffff");
    assertThatThrownBy(full::take).hasMessageContaining("no available IPv6 addresses");
  }

  private static AddressBook<Integer> book(String subnet, String range) {
    Subnet parsed = Subnet.parse(subnet);
    return new AddressBook<>(parsed, Subnet.parse(range), Set.of(parsed.base() + 1), "net (id)");
  }
}
