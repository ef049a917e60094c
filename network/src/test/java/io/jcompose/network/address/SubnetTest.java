package io.jcompose.network.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges of both families. */
class SubnetTest {
  @Property
  void holdsWhatLiesBetweenItsEnds(
      @ForAll int base, @ForAll @IntRange(max = 32) int prefix, @ForAll int address) {
    Subnet subnet = new Subnet(base, prefix);
    long first = Integer.toUnsignedLong(subnet.lowest());
    long last = Integer.toUnsignedLong(subnet.highest());
    long asked = Integer.toUnsignedLong(address);
    assertThat(subnet.holds(address)).isEqualTo(asked >= first && asked <= last);
    assertThat(last - first + 1).isEqualTo(subnet.size());
    assertThat(subnet.holds(base)).isTrue();
    assertThat(Subnet.parse(subnet.toString())).isEqualTo(subnet);
  }

  @Property
  void holdsWhatLiesBetweenItsEnds6(
      @ForAll long high,
      @ForAll long low,
      @ForAll @IntRange(max = 128) int prefix,
      @ForAll long otherLow) {
    Subnet6 subnet = new Subnet6(new Ip6(high, low), prefix);
    for (Ip6 address : new Ip6[] {new Ip6(high, otherLow), new Ip6(otherLow, low)}) {
      assertThat(subnet.holds(address))
          .isEqualTo(!address.isBefore(subnet.lowest()) && !subnet.highest().isBefore(address));
    }
    assertThat(subnet.holds(new Ip6(high, low))).isTrue();
    assertThat(Subnet6.parse(subnet.toString())).isEqualTo(subnet);
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3/16, 10.1.0.0/16, 10.1.0.0, 10.1.255.255",
    "10.1.2.3/32, 10.1.2.3/32, 10.1.2.3, 10.1.2.3",
    "10.1.2.3/31, 10.1.2.2/31, 10.1.2.2, 10.1.2.3",
    "10.1.2.3/0, 0.0.0.0/0, 0.0.0.0, 255.255.255.255",
    "2001:db8:0:9::7/64, 2001:db8:0:9::/64, 2001:db8:0:9::, 2001:db8:0:9:ffff:ffff:ffff:ffff",
    "2001:db8::7/65, 2001:db8::/65, 2001:db8::, 2001:db8::7fff:ffff:ffff:ffff",
    "2001:db8::7/63, 2001:db8::/63, 2001:db8::, 2001:db8:0:1:ffff:ffff:ffff:ffff",
    "2001:db8::7/128, 2001:db8::7/128, 2001:db8::7, 2001:db8::7",
    "2001:db8::7/0, ::/0, ::, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
  })
  void clearsTheBitsBehindItsPrefix(String text, String expected, String first, String last) {
    AddressRange<?> range = range(text);
    assertThat(range).hasToString(expected);
    assertThat(ends(range)).containsExactly(first, last);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/a", "10.0.0.0/-1", "/8"})
  void refusesWhatIsNoIpv4Range(String text) {
    assertThatThrownBy(() -> Subnet.parse(text))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("invalid ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"fd00::", "fd00::/129", "fd00::/", "fd00::/a", "/64", "10.0.0.0/8", "64"})
  void refusesWhatIsNoIpv6Range(String text) {
    assertThatThrownBy(() -> Subnet6.parse(text))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("invalid ");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 33})
  void refusesAPrefixThatNoIpv4RangeHas(int prefix) {
    assertThatThrownBy(() -> new Subnet(0, prefix)).hasMessage("invalid prefix length " + prefix);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 129})
  void refusesAPrefixThatNoIpv6RangeHas(int prefix) {
    assertThatThrownBy(() -> new Subnet6(new Ip6(0, 0), prefix))
        .hasMessage("invalid prefix length " + prefix);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.1.0.0/16, true, true",
    "10.1.0.0/16, 10.0.0.0/8, true, false",
    "10.1.0.0/16, 10.1.0.0/16, true, true",
    "10.1.0.0/16, 10.2.0.0/16, false, false",
    "10.1.0.0/16, 10.1.0.0/15, true, false",
    "2001:db8::/32, 2001:db8:1::/48, true, true",
    "2001:db8:1::/48, 2001:db8::/32, true, false",
    "2001:db8::/48, 2001:db8::/48, true, true",
    "2001:db8::/64, 2001:db8:0:1::/64, false, false"
  })
  void overlapsWhenOneHoldsTheOther(String one, String other, boolean overlaps, boolean contains) {
    if (one.indexOf(':') < 0) {
      Subnet first = Subnet.parse(one);
      Subnet second = Subnet.parse(other);
      assertThat(first.overlaps(second)).isEqualTo(overlaps);
      assertThat(first.meets(second)).isEqualTo(overlaps);
      assertThat(first.contains(second)).isEqualTo(contains);
    } else {
      Subnet6 first = Subnet6.parse(one);
      Subnet6 second = Subnet6.parse(other);
      assertThat(first.overlaps(second)).isEqualTo(overlaps);
      assertThat(first.meets(second)).isEqualTo(overlaps);
      assertThat(first.contains(second)).isEqualTo(contains);
    }
  }

  /** Network and broadcast address; RFC 3021 gives both of a /31 to hosts, RFC 6164 of a /127. */
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/30, '10.0.0.0 10.0.0.3'",
    "10.0.0.0/31, ''",
    "fd00::/126, fd00::",
    "fd00::/127, ''"
  })
  void knowsWhatNoHostMayHave(String text, String expected) {
    assertThat(String.join(" ", unusable(range(text)))).isEqualTo(expected);
  }

  @Test
  void walksThroughItsAddresses() {
    Subnet four = Subnet.parse("127.255.255.0/8");
    assertThat(four.format(four.after(Ip4.parse("127.0.0.255")))).isEqualTo("127.0.1.0");
    assertThat(four.isBefore(Ip4.parse("127.255.255.255"), Ip4.parse("128.0.0.0"))).isTrue();
    assertThat(four.isBefore(four.base(), four.base())).isFalse();
    assertThat(four.family()).isEqualTo("IPv4");
    Subnet6 six = Subnet6.parse("fd00::/64");
    assertThat(six.format(six.after(six.base()))).isEqualTo("fd00::1");
    assertThat(six.isBefore(six.base(), six.highest())).isTrue();
    assertThat(six.isBefore(six.base(), six.base())).isFalse();
    assertThat(six.family()).isEqualTo("IPv6");
  }

  /** Computed by sha256sum: the last five bytes of the hash of the host's id. */
  @Test
  void aHostHasARangeOfItsOwn() {
    assertThat(Subnet6.local("host")).hasToString("fd5b:3f47:5145::/48");
    assertThat(Subnet6.local("another")).isNotEqualTo(Subnet6.local("host"));
    assertThat(Subnet6.parse("fd00:1:2::/48").part64(0)).hasToString("fd00:1:2::/64");
    assertThat(Subnet6.parse("fd00:1:2::/48").part64(0xffff)).hasToString("fd00:1:2:ffff::/64");
  }

  private static AddressRange<?> range(String text) {
    return text.indexOf(':') < 0 ? Subnet.parse(text) : Subnet6.parse(text);
  }

  private static <A> Stream<String> ends(AddressRange<A> range) {
    return Stream.of(range.lowest(), range.highest()).map(range::format);
  }

  private static <A> Iterable<String> unusable(AddressRange<A> range) {
    return range.unusable().stream().map(range::format).toList();
  }
}
