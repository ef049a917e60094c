package io.jcompose.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AddressBookTest {
  @Test
  void givesTheLowestFreeAddressAndTakesItBack() {
    AddressBook book = book("10.0.0.0/24", "10.0.0.0/24");
    assertThat(Ip4.format(book.take())).isEqualTo("10.0.0.2");
    int second = book.take();
    assertThat(Ip4.format(book.take())).isEqualTo("10.0.0.4");
    book.release(second);
    assertThat(Ip4.format(book.take())).isEqualTo("10.0.0.3");
  }

  @Test
  void staysInsideTheRange() {
    AddressBook book = book("10.0.0.0/24", "10.0.0.128/30");
    for (int last = 128; last < 132; last++) {
      assertThat(Ip4.format(book.take())).isEqualTo("10.0.0." + last);
    }
    assertThatThrownBy(book::take)
        .hasMessage("no available IPv4 addresses on this network's address pools: net (id)");
    book.take(Ip4.parse("10.0.0.5"));
  }

  @Property
  void neverGivesAnAddressTwice(@ForAll List<@IntRange(min = 0, max = 20) Integer> steps) {
    AddressBook book = book("192.168.5.0/27", "192.168.5.0/27");
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
    Pool pool =
        SubnetChoice.choose(
            spec,
            AddressPool.DEFAULTS,
            List.of(Subnet.parse("10.201.0.0/24")),
            List.of(Subnet.parse("10.201.1.128/25")));
    assertThat(pool.subnet()).isEqualTo("10.201.2.0/24");
    assertThat(pool.gateway()).isEqualTo("10.201.2.1");
    assertThatThrownBy(
            () ->
                SubnetChoice.choose(
                    spec, AddressPool.DEFAULTS, List.of(), List.of(Subnet.parse("10.0.0.0/8"))))
        .hasMessageContaining("all predefined address pools have been fully subnetted");
  }

  private static AddressBook book(String subnet, String range) {
    Subnet parsed = Subnet.parse(subnet);
    return new AddressBook(parsed, Subnet.parse(range), Set.of(parsed.base() + 1), "net (id)");
  }
}
