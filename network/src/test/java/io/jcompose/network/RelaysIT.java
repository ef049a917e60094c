package io.jcompose.network;

import static io.jcompose.network.TestNamespaces.inside;
import static io.jcompose.network.TestNamespaces.lan;
import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.linux.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What reaches published ports by the engine's relays. */
class RelaysIT extends NetworkLab {
  private static final int IDLE = 2000;
  private static final int BYTES_EACH = 8 * 1024;

  @Test
  void aNeighboursIdleConnectionsCostLittleAndOtherPortsServe() throws Exception {
    network("attacked", false);
    network("other", false);
    Sandbox victim =
        sandbox(
            "victim",
            List.of(on("attacked", "v")),
            port("", 18080, 80, "tcp"),
            port("", 18081, 81, "tcp"));
    Sandbox web = sandbox("web", List.of(on("other", "w")), port("", 18090, 80, "tcp"));
    for (int port : new int[] {80, 81}) {
      // nobody accepts; the kernel does
      open.add(inside(victim, () -> new ServerSocket(port, 4096)));
    }
    serve(web, 80, "hello");
    assertThat(fetch(null, "::1", 18090)).isEqualTo("hello");
    List<Socket> idle = new ArrayList<>();
    try (NetworkNamespace lan = lan()) {
      long before = heap();
      inside(lan, () -> connect(idle));
      await("the relays to take them", () -> descriptors() > IDLE);
      assertThat(heap() - before).isLessThan((long) IDLE * BYTES_EACH);
      assertThat(fetch(null, "::1", 18090)).isEqualTo("hello");
      assertThat(fetchIn(lan, "2001:db8::1", 18090)).isEqualTo("hello");
      assertThat(fetchIn(lan, "192.0.2.1", 18090)).isEqualTo("hello");
    } finally {
      for (Socket each : idle) {
        each.close();
      }
      sh("ip link del lan0");
    }
  }

  private static boolean connect(List<Socket> all) throws IOException {
    for (int i = 0; i < IDLE; i++) {
      Socket socket = new Socket();
      all.add(socket);
      socket.connect(
          new InetSocketAddress(InetAddress.ofLiteral("2001:db8::1"), 18080 + i % 2), 20_000);
    }
    return true;
  }

  private static long descriptors() {
    return sh("ls /proc/" + ProcessHandle.current().pid() + "/fd").lines().count();
  }

  private static long heap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
