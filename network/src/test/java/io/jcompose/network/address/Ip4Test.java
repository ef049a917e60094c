package io.jcompose.network.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ip4Test {
  @Property
  void everyAddressIsReadAsItIsWritten(@ForAll int address) {
    assertThat(Ip4.parse(Ip4.format(address))).isEqualTo(address);
    assertThat(Ip4.of(Ip4.bytes(address))).isEqualTo(address);
    assertThat(Ip4.inet(address).getHostAddress()).isEqualTo(Ip4.format(address));
  }

  @Test
  void theFirstByteIsTheHighest() {
    assertThat(Ip4.parse("192.0.2.255")).isEqualTo(0xc00002ff);
    assertThat(Ip4.bytes(0xc00002ff)).containsExactly(0xc0, 0, 2, 0xff);
    assertThat(Ip4.format(0xc00002ff)).isEqualTo("192.0.2.255");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "255.255.255.255", "9.10.99.100"})
  void fourBytesAreAnAddress(String text) {
    assertThat(Ip4.isAddress(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2.3",
        "1.2.3.",
        ".1.2.3",
        "1..2.3",
        "1.2.3.4.",
        "1.2.3.4.5",
        "1.2.3.256",
        "256.1.1.1",
        "1.2.3.0004",
        "1.2.3.-1",
        "1.2.3.4 ",
        "1.2.3./",
        "1.2.3.:",
        "a.2.3.4",
        "::1"
      })
  void nothingElseIs(String text) {
    assertThat(Ip4.isAddress(text)).isFalse();
    assertThatThrownBy(() -> Ip4.parse(text))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage("invalid IPv4 address: " + text);
  }
}
