package io.jcompose.network.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.driver.GatewayMode;
import io.jcompose.network.notice.Notices;
import io.jcompose.network.notice.Repairs;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishedPortsTest {
  private static final int PORT = 18_099;
  private static final int ROUNDS = 300;
  private static final int ASKERS = 4;

  private final Notices notices = new Notices();

  /** SCTP ports have no socket that the kernel would refuse to the second. */
  @ParameterizedTest
  @ValueSource(strings = {"sctp", "tcp"})
  void ofManyWhoWantAPortAtOnceOneGetsItAndTheOthersAreToldOfIt(String protocol) throws Exception {
    try (Relays relays = new Relays(notices, any -> false, 100, 100_000)) {
      PublishedPorts ports = ports(relays);
      CyclicBarrier barrier = new CyclicBarrier(ASKERS);
      for (int round = 0; round < ROUNDS; round++) {
        ConcurrentLinkedQueue<HostPort> got = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<String> refusals = new ConcurrentLinkedQueue<>();
        List<Thread> askers = new ArrayList<>();
        for (int i = 0; i < ASKERS; i++) {
          String owner = "c" + i;
          askers.add(
              Thread.ofPlatform()
                  .start(
                      () -> {
                        try {
                          barrier.await();
                          got.add(ports.reserve(port(PORT, protocol), target(), owner));
                        } catch (JcomposeException.Conflict e) {
                          refusals.add(String.valueOf(e.getMessage()));
                        } catch (Exception e) {
                          throw new IllegalStateException(e);
                        }
                      }));
        }
        for (Thread each : askers) {
          each.join();
        }
        assertThat(got).hasSize(1);
        assertThat(refusals)
            .hasSize(ASKERS - 1)
            .allMatch(each -> each.contains("port is already allocated"));
        ports.release(got.element());
      }
    }
  }

  @Test
  void whatCouldNotBeBoundIsFreeAgain() throws Exception {
    try (Relays relays = new Relays(notices, any -> false, 100, 100_000)) {
      PublishedPorts ports = ports(relays);
      PortSpec elsewhere = new PortSpec("192.0.2.77", PORT, PORT, 80, "tcp");
      assertThat(failure(() -> ports.reserve(elsewhere, target(), "a"))).isNotEmpty();
      HostPort next = ports.reserve(port(PORT, "tcp"), target(), "b");
      assertThat(next.bindings().getFirst().hostPort()).isEqualTo(PORT);
      ports.release(next);
    }
  }

  private static String failure(Runnable work) {
    try {
      work.run();
      return "";
    } catch (JcomposeException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private PublishedPorts ports(Relays relays) {
    return new PublishedPorts(List.of("127.0.0.1"), relays, new Repairs(notices));
  }

  private static PortSpec port(int port, String protocol) {
    return new PortSpec("", port, port, 80, protocol);
  }

  private static PortTarget target() {
    return new PortTarget(Ip4.parse("10.201.0.2"), null, GatewayMode.NAT, GatewayMode.NAT, "");
  }
}
