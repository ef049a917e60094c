package io.jcompose.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import io.jcompose.network.SubnetChoice.Ranges;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressBookTest {
  private static final Ranges NONE = new Ranges(List.of(), List.of());
  private static final Subnet6 LOCAL = Subnet6.local("0123456789abcdef");

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

  @Test
  void choosesTheFirstSubnetThatMeetsNobody() {
    NetworkSpec spec = new NetworkSpec("n", "", Map.of(), false, false, false, List.of(), Map.of());
    Ranges own = new Ranges(List.of(Subnet.parse("10.201.0.0/22")), List.of());
    Ranges routes = new Ranges(List.of(Subnet.parse("10.201.5.128/25")), List.of());
    Pool pool = choose(spec, own, routes).getFirst();
    assertThat(pool.subnet()).isEqualTo("10.201.8.0/22");
    assertThat(pool.gateway()).isEqualTo("10.201.8.1");
    Ranges all = new Ranges(List.of(Subnet.parse("10.0.0.0/8")), List.of());
    assertThatThrownBy(() -> choose(spec, NONE, all))
        .hasMessageContaining("all predefined address pools have been fully subnetted");
  }

  @Test
  void choosesAnIpv6SubnetOfTheHostsOwn() {
    NetworkSpec spec = new NetworkSpec("n", "", Map.of(), false, false, true, List.of(), Map.of());
    List<Pool> first = choose(spec, NONE, NONE);
    assertThat(first).hasSize(2);
    Subnet6 subnet = Subnet6.parse(first.getLast().subnet());
    assertThat(first.getLast().subnet()).startsWith("fd").endsWith("::/64");
    assertThat(first.getLast().gateway()).isEqualTo(subnet.base().plus(1).toString());
    Ranges own = new Ranges(List.of(), List.of(subnet));
    Ranges routes = new Ranges(List.of(), List.of(LOCAL.part64(1)));
    assertThat(choose(spec, own, routes).getLast().subnet()).isEqualTo(LOCAL.part64(2).toString());
  }

  @Test
  void completesAndChecksIpv6Pools() {
    Pool given = new Pool("2001:db8:0:9::7/64", "", "2001:db8:0:9:1::/80", Map.of());
    List<Pool> pools = choose(ipv6(given), NONE, NONE);
    assertThat(pools.getFirst().subnet()).isEqualTo("10.201.0.0/22");
    assertThat(pools.getLast().subnet()).isEqualTo("2001:db8:0:9::/64");
    assertThat(pools.getLast().gateway()).isEqualTo("2001:db8:0:9::1");
    Pool outside = new Pool("2001:db8::/64", "2001:db9::1", "", Map.of());
    assertThatThrownBy(() -> choose(ipv6(outside), NONE, NONE))
        .hasMessage("gateway 2001:db9::1 is not inside subnet 2001:db8::/64");
    Ranges own = new Ranges(List.of(), List.of(Subnet6.parse("2001:db8::/32")));
    assertThatThrownBy(() -> choose(ipv6(given), own, NONE))
        .hasMessageContaining("Pool overlaps with other one on this address space");
    NetworkSpec off =
        new NetworkSpec("n", "", Map.of(), false, false, false, List.of(given), Map.of());
    assertThatThrownBy(() -> choose(off, NONE, NONE)).hasMessageContaining("no enable_ipv6: true");
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

  private static NetworkSpec ipv6(Pool pool) {
    return new NetworkSpec("n", "", Map.of(), false, false, true, List.of(pool), Map.of());
  }

  private static List<Pool> choose(NetworkSpec spec, Ranges own, Ranges routes) {
    return SubnetChoice.choose(spec, AddressPool.DEFAULTS, LOCAL, own, routes);
  }

  private static AddressBook<Integer> book(String subnet, String range) {
    Subnet parsed = Subnet.parse(subnet);
    return new AddressBook<>(parsed, Subnet.parse(range), Set.of(parsed.base() + 1), "net (id)");
  }
}
