package io.jcompose.network.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ip6Test {
  @Property
  void everyAddressIsReadAsItIsWritten(@ForAll long high, @ForAll long low) {
    Ip6 address = new Ip6(high, low);
    assertThat(Ip6.parse(address.toString())).isEqualTo(address);
    assertThat(Ip6.of(address.bytes())).isEqualTo(address);
    assertThat(address.inet().getAddress()).isEqualTo(address.bytes());
  }

  /** RFC 5952: the longest run of zeros, the first of two, never one alone, lower case. */
  @ParameterizedTest
  @CsvSource({
    "0:0:0:0:0:0:0:0, ::",
    "0:0:0:0:0:0:0:1, ::1",
    "FE80:0:0:0:0:0:0:0, fe80::",
    "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "0:0:1:2:3:4:5:6, ::1:2:3:4:5:6",
    "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
    "2001:db8::0a00:0001, 2001:db8::a00:1",
    "::ffff:0:ffff:ffff, ::ffff:0:ffff:ffff"
  })
  void isWrittenInItsShortForm(String text, String expected) {
    assertThat(Ip6.parse(text)).hasToString(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "10.0.0.1", "fe80::1%eth0", "1::2::3", "g::", "::ffff:10.0.0.1", "db8"})
  void whatHasAScopeOrIsIpv4IsNone(String text) {
    assertThatThrownBy(() -> Ip6.parse(text))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage("invalid IPv6 address: " + text);
  }

  @Test
  void carriesIntoTheUpperHalf() {
    assertThat(Ip6.parse("fd00::ffff:ffff:ffff:ffff").plus(1)).hasToString("fd00:0:0:1::");
    assertThat(Ip6.parse("fd00::ffff:ffff:ffff:fffe").plus(1))
        .hasToString("fd00::ffff:ffff:ffff:ffff");
    assertThat(Ip6.parse("fd00::5").plus(0)).hasToString("fd00::5");
  }

  @Test
  void comparesWithoutASign() {
    assertThat(Ip6.parse("7fff::").isBefore(Ip6.parse("8000::"))).isTrue();
    assertThat(Ip6.parse("8000::").isBefore(Ip6.parse("7fff::1"))).isFalse();
    assertThat(Ip6.parse("fd00::7fff:0:0:0").isBefore(Ip6.parse("fd00::8000:0:0:0"))).isTrue();
    assertThat(Ip6.parse("fd00::2").isBefore(Ip6.parse("fd00::1"))).isFalse();
    assertThat(Ip6.parse("fd00::1").isBefore(Ip6.parse("fd00::1"))).isFalse();
    assertThat(Ip6.parse("fd01::1").isBefore(Ip6.parse("fd00::2"))).isFalse();
  }

  @Test
  void itsNibblesStandInReverse() {
    assertThat(Ip6.parse("2001:db8::b").nibbles())
        .isEqualTo("b.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2");
  }
}
