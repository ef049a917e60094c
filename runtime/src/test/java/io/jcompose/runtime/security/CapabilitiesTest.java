package io.jcompose.runtime.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CapabilitiesTest {
  @Test
  void resolvesCapabilities() {
    assertThat(Capabilities.DEFAULT).isEqualTo(0xa80425fbL);
    long all = Capabilities.ALL;
    assertThat(Capabilities.resolve(List.of("net_admin"), List.of("CAP_CHOWN"), false, all))
        .isEqualTo(0xa80435faL);
    assertThat(Capabilities.resolve(List.of("CHOWN"), List.of("ALL"), false, all)).isEqualTo(1);
    assertThat(Capabilities.resolve(List.of("CHOWN"), List.of("CHOWN"), false, all))
        .as("what is added stays")
        .isEqualTo(Capabilities.DEFAULT);
    assertThat(Capabilities.resolve(List.of("ALL"), List.of("SYS_ADMIN"), false, all))
        .isEqualTo(0x1ffffffffffL & ~(1L << 21));
    assertThat(Capabilities.resolve(List.of(), List.of(), true, 5)).isEqualTo(5);
    assertThatThrownBy(() -> Capabilities.resolve(List.of("FLY"), List.of(), false))
        .hasMessage("invalid CapAdd: unknown capability: \"CAP_FLY\"");
    assertThatThrownBy(() -> Capabilities.resolve(List.of("SYS_TIME"), List.of(), false, 1))
        .hasMessageContaining("not available in the current environment: \"CAP_SYS_TIME\"");
  }

  @Test
  void aMaskHasTheNamesOfItsBits() {
    assertThat(Capabilities.names(0)).isEmpty();
    assertThat(Capabilities.names(0x201001))
        .containsExactly("CAP_CHOWN", "CAP_NET_ADMIN", "CAP_SYS_ADMIN");
    assertThat(Capabilities.names(Capabilities.DEFAULT)).hasSize(14);
  }
}
