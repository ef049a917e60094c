package io.jcompose.network.port;

import static io.jcompose.network.TestNamespaces.inside;
import static io.jcompose.network.TestNamespaces.lan;
import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.NetworkLab;
import io.jcompose.network.Sandbox;
import io.jcompose.network.link.HostLinks;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  /** Relayed ports end at the host, which an internal network's containers reach. */
  @Test
  void anInternalNetworkHasNoWayOutByARelay() throws Exception {
    network("shop", false);
    Sandbox web =
        sandbox(
            "web",
            List.of(on("shop", "web")),
            port("", 18080, 80, "tcp"),
            port("", 18053, 53, "udp"));
    serve(web, 80, "hello");
    DatagramSocket udp = inside(web, () -> new DatagramSocket(53));
    open.add(udp);
    Thread.startVirtualThread(() -> echo(udp));
    Pool four = new Pool("10.88.0.0/24", "", "", Map.of());
    Pool six = new Pool("fd00:88::/64", "", "", Map.of());
    NetworkSpec spec =
        NetworkSpec.of("inner").with().internal(true).ipv6(true).pools(List.of(four, six)).build();
    stack.networks().create(spec);
    Sandbox shut = sandbox("shut", List.of(on("inner", "shut")));
    network("outer", true, Map.of());
    Sandbox free = sandbox("free", List.of(on("outer", "free")));
    String outer = stack.networks().find("outer").orElseThrow().spec().pools().getLast().gateway();
    assertThat(fetch(free, outer, 18080)).isEqualTo("hello");
    assertThat(fetch(null, "fd00:88::1", 18080)).isEqualTo("hello");
    for (String gateway : List.of("10.88.0.1", "fd00:88::1", "fe80::1")) {
      assertThat(answers(shut, gateway)).as(gateway).isFalse();
    }
    assertThat(answers(free, outer)).isTrue();
  }

  /** Whether anything comes of a connection, or of three packets. */
  private static boolean answers(Sandbox from, String gateway) throws Exception {
    return inside(
        from,
        () -> {
          InetAddress given = InetAddress.ofLiteral(gateway);
          InetAddress host =
              given.isLinkLocalAddress()
                  ? Inet6Address.getByAddress(
                      null, given.getAddress(), HostLinks.index("eth0").orElseThrow())
                  : given;
          try (Socket tcp = new Socket()) {
            tcp.connect(new InetSocketAddress(host, 18080), 1000);
            if (tcp.getInputStream().read() >= 0) {
              return true;
            }
          } catch (IOException e) {
            // as it should be
          }
          try (DatagramSocket udp = new DatagramSocket()) {
            udp.setSoTimeout(300);
            for (int i = 0; i < 3; i++) {
              udp.send(new DatagramPacket(new byte[1], 1, host, 18053));
              try {
                udp.receive(new DatagramPacket(new byte[10], 10));
                return true;
              } catch (IOException e) {
                continue;
              }
            }
            return false;
          }
        });
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
