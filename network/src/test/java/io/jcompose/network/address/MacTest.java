package io.jcompose.network.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacTest {
  @Test
  void goesWithItsIpv4Address() {
    assertThat(Mac.of(Ip4.parse("10.201.0.255"))).isEqualTo("02:42:0a:c9:00:ff");
  }

  @ParameterizedTest
  @ValueSource(strings = {"02:42:0a:c9:00:ff", "02-42-0A-C9-00-FF"})
  void isReadWithColonsOrHyphens(String text) {
    assertThat(Mac.parse(text)).containsExactly(0x02, 0x42, 0x0a, 0xc9, 0x00, 0xff);
  }

  /** A group's address (its first bit on the wire is set) is nobody's own, and zero is none. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "02:42:0a:c9:00",
        "02:42:0a:c9:00:ff:01",
        "02:42:0a:c9:00:fg",
        "0242.0ac9.00ff",
        "01:00:5e:00:00:01",
        "ff:ff:ff:ff:ff:ff",
        "00:00:00:00:00:00"
      })
  void refusesWhatNoInterfaceCanHave(String text) {
    assertThatThrownBy(() -> Mac.parse(text))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage("invalid MAC address: " + text);
  }
}
