package io.jcompose.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.NetworkInterface;
import org.junit.jupiter.api.Test;

class IsolationIT {
  @Test
  void integrationTestsHaveANetworkOfTheirOwn() throws Exception {
    assertThat(NetworkInterface.networkInterfaces().map(NetworkInterface::getName))
        .containsExactly("lo");
  }
}
