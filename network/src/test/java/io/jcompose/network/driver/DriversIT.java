package io.jcompose.network.driver;

import static io.jcompose.network.TestNamespaces.inside;
import static io.jcompose.network.TestNamespaces.lan;
import static io.jcompose.network.TestNamespaces.process;
import static io.jcompose.network.dns.DnsClient.ask;
import static io.jcompose.network.dns.DnsClient.askTcp;
import static io.jcompose.network.dns.DnsClient.resolve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointOptions;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Networks.Pool;
import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.NetworkLab;
import io.jcompose.network.Sandbox;
import io.jcompose.network.dns.DnsQuery;
import io.jcompose.network.link.RateLimit;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Drivers and options of networks and endpoints. */
class DriversIT extends NetworkLab {
  private static final String MACVLAN = "macvlan";
  private static final Pool LAN = new Pool("192.0.2.0/24", "192.0.2.1", "192.0.2.64/26", Map.of());

  @Test
  void macvlanContainersAreHostsOfTheLan() throws Exception {
    try (NetworkNamespace lan = lan()) {
      create("lan", MACVLAN, false, Map.of("parent", "lan0"), LAN);
      network("shop", false);
      Sandbox web = sandbox("web", List.of(on("lan", "web")), port("", 18080, 80, "tcp"));
      Sandbox app = sandbox("app", List.of(on("lan", "app"), on("shop", "app")));
      assertThat(web.endpoints().getFirst().ipv4Address()).isEqualTo("192.0.2.64");
      assertThat(web.ports().getFirst().hostPort()).isZero();
      serve(web, 80, "hello");
      assertThat(fetchIn(lan, "192.0.2.64", 80)).isEqualTo("hello");
      assertThat(resolve(app, "web").getHostAddress()).isEqualTo("192.0.2.64");
      assertThat(fetch(app, "192.0.2.64", 80)).isEqualTo("hello");
      assertThat(resolve(web, "app").getHostAddress()).isEqualTo("192.0.2.65");
      assertThat(askTcp(web, "app", DnsQuery.TYPE_A)).hasSize(1);
      Sandbox again = restart(web, app).getFirst();
      assertThat(resolve(again, "app").getHostAddress()).isEqualTo("192.0.2.65");
      assertThatThrownBy(() -> create("two", MACVLAN, false, Map.of("parent", "lan0")))
          .hasMessage("network lan is already using parent interface lan0");
    } finally {
      for (AutoCloseable each : open.reversed()) {
        each.close();
      }
      open.clear();
      sh("ip link del lan0");
    }
  }

  /** Its namespace lives on, until the kernel comes to it or for as long as somebody shares it. */
  @Test
  void aMacvlanContainersAddressIsTheNextOnesAtOnce() throws Exception {
    try (NetworkNamespace lan = lan()) {
      create("lan", MACVLAN, false, Map.of("parent", "lan0"), LAN);
      Sandbox former = stack.open(request("web", List.of(on("lan", "web"))));
      Process sharing = process(former);
      open.add(() -> sharing.destroyForcibly().waitFor());
      former.close();
      Sandbox next = sandbox("web", List.of(on("lan", "web")));
      assertThat(next.endpoints().getFirst().ipv4Address()).isEqualTo("192.0.2.64");
      serve(next, 80, "next");
      assertThat(fetchIn(lan, "192.0.2.64", 80)).isEqualTo("next");
    } finally {
      for (AutoCloseable each : open.reversed()) {
        each.close();
      }
      open.clear();
      sh("ip link del lan0");
    }
  }

  @Test
  void macvlanNetworksAreChecked() {
    assertThatThrownBy(() -> create("x", MACVLAN, false, Map.of()))
        .hasMessageContaining("needs driver_opts: parent:");
    assertThatThrownBy(() -> create("x", MACVLAN, false, Map.of("parent", "eth9.5")))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("the host has no interface eth9.5");
    assertThatThrownBy(
            () -> create("x", MACVLAN, false, Map.of("parent", "lo", "macvlan_mode", "fast")))
        .hasMessageContaining("invalid macvlan_mode");
  }

  @Test
  void isolatedNetworksHideTheHost() throws Exception {
    Map<String, String> isolated =
        Map.of("com.docker.network.bridge.gateway_mode_ipv4", "isolated");
    assertThatThrownBy(() -> create("alone", "", false, isolated))
        .hasMessageContaining("give it internal: true");
    create("alone", "", true, isolated, new Pool("10.66.0.0/24", "", "", Map.of()));
    Sandbox web = sandbox("web", List.of(on("alone", "web")));
    Sandbox app = sandbox("app", List.of(on("alone", "app")));
    serve(web, 80, "hello");
    assertThat(resolve(app, "web").getHostAddress()).isEqualTo("10.66.0.2");
    assertThat(fetch(app, "10.66.0.2", 80)).isEqualTo("hello");
    assertThat(sh("ip -4 addr")).doesNotContain("10.66.");
    assertThat(ask(app, "example.test", DnsQuery.TYPE_A)).isEmpty();
  }

  @Test
  void interfacesAreNamedAndSetAsAsked() throws Exception {
    create(
        "shop",
        "",
        false,
        Map.of(
            "com.docker.network.bridge.name", "shopbr",
            "com.docker.network.driver.mtu", "1400",
            "com.docker.network.container_iface_prefix", "net"));
    assertThat(sh("ip -o link show shopbr")).contains("mtu 1400");
    EndpointOptions options =
        new EndpointOptions(
            Map.of(
                "com.docker.network.endpoint.sysctls",
                "net.ipv4.conf.IFNAME.log_martians=1, net.ipv4.neigh.IFNAME.retrans_time_ms=800"),
            Map.of(),
            0,
            0);
    Sandbox web = sandbox("web", List.of(with(options)));
    assertThat(sysctl(web, "ipv4/conf/net0/log_martians")).isEqualTo("1");
    assertThat(sysctl(web, "ipv4/neigh/net0/retrans_time_ms")).isEqualTo("800");
    assertThatThrownBy(
            () -> create("two", "", false, Map.of("com.docker.network.bridge.name", "shopbr")))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("interface shopbr");
    assertThat(sh("ip -o link show shopbr")).contains("mtu 1400");
  }

  /** The kernel takes a while to delete a bridge; its name is free for the next one at once. */
  @Test
  void aNetworkIsMadeAnewUnderTheBridgeThatItNames() throws Exception {
    Map<String, String> own = Map.of("com.docker.network.bridge.name", "shopbr");
    for (int i = 0; i < 5; i++) {
      create("shop", "", false, own, new Pool("10.99." + i + ".0/24", "", "", Map.of()));
      NetworkView former = stack.networks().find("shop").orElseThrow();
      Pool within = new Pool("10.99." + i + ".0/25", "", "", Map.of());
      NetworkSpec next = NetworkSpec.of("shop").with().options(own).pools(List.of(within)).build();
      assertThat(stack.networks().problems(next, former.id())).isEmpty();
      assertThat(stack.networks().problems(next, "")).hasSize(1);
      stack.networks().remove(former.id());
    }
    assertThat(stack.networks().find("shop")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "com.docker.network.endpoint.sysctls=net.ipv4.conf.all.forwarding=1",
        "com.docker.network.endpoint.sysctls=kernel.core_pattern=x",
        "com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME./../x=1",
        "com.docker.network.endpoint.other=1"
      })
  void refusesOtherOptionsOfEndpoints(String option) {
    network("shop", false);
    int equals = option.indexOf('=');
    EndpointOptions options =
        new EndpointOptions(
            Map.of(option.substring(0, equals), option.substring(equals + 1)), Map.of(), 0, 0);
    assertThatThrownBy(() -> sandbox("web", List.of(with(options))))
        .isInstanceOf(JcomposeException.class)
        .hasMessageContaining("endpoint");
  }

  @Test
  void refusesOtherDrivers() {
    assertThatThrownBy(() -> create("x", "overlay", false, Map.of()))
        .hasMessageContaining("network driver \"overlay\" is not supported");
    assertThatThrownBy(() -> create("x", "host", false, Map.of()))
        .hasMessageContaining("only one instance of \"host\" network is allowed");
    assertThatThrownBy(() -> create("x", "", false, Map.of("com.docker.network.x", "1")))
        .hasMessage("network driver option com.docker.network.x=1 is not supported");
  }

  /** Never more than the limit, however slow the machine is. */
  @ParameterizedTest
  @CsvSource({"16000000, 16729Kbit, 32Kb", "80000000, 83646Kbit, 64Kb"})
  void limitsBandwidthBothWays(long bits, String rate, String burst) throws Exception {
    network("shop", false);
    EndpointOptions options = new EndpointOptions(Map.of(), Map.of(), bits, bits);
    Sandbox limited = sandbox("limited", List.of(with(options)));
    Sandbox peer = sandbox("peer", List.of(on("shop", "peer")));
    String hostInterface = limited.record().endpoints().getFirst().hostInterface();
    String bucket = "rate " + rate + " burst " + burst;
    assertThat(sh("tc qdisc show dev " + hostInterface)).contains(bucket);
    assertThat(sh("nsenter --net=" + limited.netnsPath() + " tc qdisc show dev eth0"))
        .contains(bucket);
    assertThat(sh("nsenter --net=" + peer.netnsPath() + " tc qdisc show dev eth0"))
        .doesNotContain("tbf");
    assertThat(rate(peer, limited, bits)).isLessThan(bits * 1.05);
    assertThat(rate(limited, peer, bits)).isLessThan(bits * 1.05);
  }

  /** Payload bits a second, without what may go at once. */
  private double rate(Sandbox from, Sandbox to, long bits) throws Exception {
    int total = (int) (bits / 8 * Integer.getInteger("seconds", 1));
    String address = to.endpoints().getFirst().ipv4Address();
    try (ServerSocket server = inside(to, () -> new ServerSocket(5201))) {
      Socket sender =
          inside(
              from,
              () -> {
                Socket socket = new Socket();
                socket.connect(new InetSocketAddress(address, 5201), 20_000);
                return socket;
              });
      try (sender;
          Socket client = server.accept()) {
        client.setSoTimeout(60_000);
        // what waits in the bucket at the end is dropped, and keeps no namespace
        sender.setSoLinger(true, 0);
        long begin = System.nanoTime();
        Thread.startVirtualThread(() -> send(sender, total));
        client.getInputStream().skipNBytes(total);
        long counted = total - new RateLimit(bits).burstBytes();
        return counted * 8e9 / (System.nanoTime() - begin);
      }
    }
  }

  private static void send(Socket socket, int total) {
    try {
      OutputStream out = socket.getOutputStream();
      byte[] buffer = new byte[64 * 1024];
      for (int left = total; left > 0; left -= buffer.length) {
        out.write(buffer, 0, Math.min(left, buffer.length));
      }
    } catch (IOException e) {
      return;
    }
  }

  private static String sysctl(Sandbox sandbox, String name) throws Exception {
    return inside(
        sandbox,
        () -> {
          // such a file is read in one go or not at all
          try (InputStream in = Files.newInputStream(Path.of("/proc/sys/net", name))) {
            return new String(in.readNBytes(100), StandardCharsets.US_ASCII).strip();
          }
        });
  }

  private static EndpointSpec with(EndpointOptions options) {
    return EndpointSpec.of("shop", List.of("web")).withOptions(options);
  }

  private void create(
      String name, String driver, boolean internal, Map<String, String> options, Pool... pools) {
    stack
        .networks()
        .create(
            NetworkSpec.of(name)
                .with()
                .driver(driver)
                .options(options)
                .internal(internal)
                .pools(List.of(pools))
                .build());
  }
}
