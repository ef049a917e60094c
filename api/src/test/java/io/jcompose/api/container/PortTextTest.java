package io.jcompose.api.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerView.PortBinding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The texts are those of Docker's {@code ps}. */
class PortTextTest {
  private static PortBinding tcp(String ip, int host, int container) {
    return new PortBinding(ip, host, container, "tcp");
  }

  @Test
  void portsWithOtherNumbersAreNamedOneByOne() {
    assertThat(PortText.of(List.of(tcp("::", 8080, 80), tcp("0.0.0.0", 8080, 80))))
        .isEqualTo("0.0.0.0:8080->80/tcp, [::]:8080->80/tcp");
    assertThat(PortText.of(List.of(tcp("", 0, 6379)))).isEqualTo("6379/tcp");
    assertThat(PortText.of(List.of())).isEmpty();
  }

  @Test
  void neighboursAreOneRangeForEachAddressAndProtocol() {
    List<PortBinding> ports = new ArrayList<>();
    for (int port = 7000; port <= 7003; port++) {
      ports.add(tcp("0.0.0.0", port, port));
      ports.add(tcp("::", port, port));
      ports.add(new PortBinding("0.0.0.0", port, port, "udp"));
    }
    ports.add(tcp("127.0.0.1", 7100, 80));
    ports.add(tcp("0.0.0.0", 7005, 7005));
    Collections.reverse(ports);
    assertThat(PortText.of(ports))
        .isEqualTo(
            "0.0.0.0:7000-7003->7000-7003/tcp, 0.0.0.0:7000-7003->7000-7003/udp,"
                + " [::]:7000-7003->7000-7003/tcp, 0.0.0.0:7005->7005/tcp, 127.0.0.1:7100->80/tcp");
  }
}
