package io.jcompose.network.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.Networking.PortSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class SandboxPortsTest {
  private static PortSpec port(String hostIp, int first, int last) {
    return new PortSpec(hostIp, first, last, 80, "tcp");
  }

  private static PortBinding at(String hostIp, int hostPort) {
    return new PortBinding(hostIp, hostPort, 80, "tcp");
  }

  @Test
  void portsThatTheEngineChoseKeepTheirNumbers() {
    assertThat(
            SandboxPorts.pinned(
                List.of(port("", 0, 0), port("127.0.0.1", 8000, 8010), port("", 0, 0)),
                List.of(
                    at("0.0.0.0", 40001),
                    at("::", 40001),
                    at("127.0.0.1", 8003),
                    at("0.0.0.0", 40002),
                    at("::", 40002))))
        .containsExactly(
            port("", 40001, 40001), port("127.0.0.1", 8003, 8003), port("", 40002, 40002));
  }

  @Test
  void portsThatWereNotTakenAreChosenAnew() {
    List<PortSpec> published = List.of(port("", 0, 0), port("10.0.0.1", 80, 80));
    assertThat(SandboxPorts.pinned(published, List.of())).isEqualTo(published);
    assertThat(SandboxPorts.pinned(published, List.of(new PortBinding("", 0, 80, "tcp"))))
        .isEqualTo(published);
  }
}
