package io.jcompose.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SysctlsTest {
  @Test
  void namesSysctlsWithDotsInInterfaces() {
    assertThat(Sysctls.path("net.ipv4.ip_forward")).isEqualTo("net/ipv4/ip_forward");
    assertThat(Sysctls.path("net/ipv4/conf/eth0.1/rp_filter"))
        .isEqualTo("net/ipv4/conf/eth0.1/rp_filter");
    assertThat(Sysctls.path("net.ipv4.conf.eth0/1.rp_filter"))
        .isEqualTo("net/ipv4/conf/eth0.1/rp_filter");
  }

  @Test
  void keepsSysctlsInTheirPlace() {
    for (String key :
        List.of("net.//.kernel.core_pattern", "net..ipv4", "net/../kernel/x", "net.")) {
      assertThatThrownBy(() -> Sysctls.path(key)).hasMessageContaining("invalid sysctl");
    }
  }
}
