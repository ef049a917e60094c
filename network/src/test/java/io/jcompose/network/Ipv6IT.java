package io.jcompose.network;

import static io.jcompose.network.TestNamespaces.inside;
import static io.jcompose.network.TestNamespaces.lan;
import static io.jcompose.network.TestNamespaces.process;
import static io.jcompose.network.dns.DnsClient.ask;
import static io.jcompose.network.dns.DnsClient.resolve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks.Pool;
import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.dns.DnsQuery;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Networks with IPv6 beside IPv4. */
class Ipv6IT extends NetworkLab {
  private static final Pool POOL4 = new Pool("10.88.0.0/24", "", "", Map.of());
  private static final Pool POOL6 = new Pool("fd00:88::/64", "", "", Map.of());

  @Test
  void containersHaveBothFamilies() throws Exception {
    network("shop", true, Map.of(), POOL4, POOL6);
    Sandbox web = sandbox("web", List.of(on("shop", "web")));
    Sandbox app = sandbox("app", List.of(on("shop", "app")));
    assertThat(web.endpoints().getFirst().ipv6Address()).isEqualTo("fd00:88::2");
    Path hosts = state.resolve("hosts");
    web.hosts().writeTo(hosts);
    assertThat(hosts).content().contains("10.88.0.2\t", "fd00:88::2\t");
    serve(web, 80, "web");
    assertThat(ask(app, "web", DnsQuery.TYPE_AAAA))
        .containsExactly(InetAddress.ofLiteral("fd00:88::2"));
    assertThat(resolve(app, "web")).isEqualTo(InetAddress.ofLiteral("10.88.0.2"));
    assertThat(fetch(app, "fd00:88::2", 80)).isEqualTo("web");
    assertThat(fetch(null, "fd00:88::2", 80)).isEqualTo("web");
    assertThat(sysctl(app, "eth0/accept_ra")).isEqualTo("0");
    assertThat(sysctl(app, "eth0/disable_ipv6")).isEqualTo("0");
    String bridge = "jc" + stack.networks().find("shop").orElseThrow().id().substring(0, 12);
    assertThat(Files.readString(Path.of("/proc/sys/net/ipv6/conf", bridge, "accept_ra")).strip())
        .isEqualTo("0");
    web.close();
    assertThat(ask(app, "web", DnsQuery.TYPE_AAAA)).isEmpty();
  }

  @Test
  void leavesByTheHostsAddressAndPublishesPorts() throws Exception {
    network("shop", true, Map.of());
    network("other", true, Map.of());
    Sandbox web = sandbox("web", List.of(on("shop", "web")), port("", 18080, 80, "tcp"));
    Sandbox sibling = sandbox("sibling", List.of(on("shop", "sibling")));
    Sandbox stranger = sandbox("stranger", List.of(on("other", "stranger")));
    String own = web.endpoints().getFirst().ipv6Address();
    serve(web, 80, "hello");
    assertThat(fetch(null, "::1", 18080)).isEqualTo("hello");
    try (NetworkNamespace lan = lan()) {
      serve(lan, 81, "outside");
      assertThat(fetch(web, "2001:db8::2", 81)).isEqualTo("outside");
      assertThat(lastPeer).isEqualTo("2001:db8:0:0:0:0:0:1");
      assertThat(fetchIn(lan, "2001:db8::1", 18080)).isEqualTo("hello");
      assertThat(lastPeer).isEqualTo("2001:db8:0:0:0:0:0:2");
      assertThat(fetch(null, "2001:db8::1", 18080)).isEqualTo("hello");
      assertThat(fetch(sibling, "2001:db8::1", 18080)).isEqualTo("hello");
      assertThat(fetch(web, "2001:db8::1", 18080)).isEqualTo("hello");
      assertThat(fetch(stranger, "2001:db8::1", 18080)).isEqualTo("hello");
      assertThatThrownBy(() -> tryFetchIn(lan, own, 80)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> tryFetch(stranger, own, 80)).isInstanceOf(IOException.class);
    } finally {
      sh("ip link del lan0");
    }
  }

  @Test
  void aNetworkWithoutIpv6HasNoneInside() throws Exception {
    network("dual", true, Map.of());
    network("single", false);
    Sandbox both = sandbox("both", List.of(on("single", "a"), on("dual", "a")));
    assertThat(sysctl(both, "eth0/disable_ipv6")).isEqualTo("1");
    assertThat(sysctl(both, "eth1/disable_ipv6")).isEqualTo("0");
    assertThat(both.endpoints().getFirst().ipv6Address()).isEmpty();
    Sandbox plain = sandbox("plain", List.of(on("single", "b")));
    assertThat(inside(plain, () -> Files.readString(Path.of("/proc/thread-self/net/if_inet6"))))
        .doesNotContain("eth0");
    assertThatThrownBy(() -> sandbox("x", List.of(at6("single", "fd00::9"))))
        .hasMessageContaining("which has no IPv6");
  }

  @Test
  void givesFixedAddressesAndKeepsThemOverARestart() throws Exception {
    network("shop", true, Map.of(), POOL4, POOL6);
    network("auto", true, Map.of());
    Sandbox web = sandbox("web", List.of(at6("shop", "fd00:88::99")), port("", 18080, 80, "tcp"));
    assertThat(web.endpoints().getFirst().ipv6Address()).isEqualTo("fd00:88::99");
    assertThatThrownBy(() -> sandbox("x", List.of(at6("shop", "fd00:88::99"))))
        .hasMessageContaining("Address already in use: fd00:88::99");
    assertThatThrownBy(() -> sandbox("x", List.of(at6("shop", "fd00:77::1"))))
        .hasMessageContaining("no configured subnet or ip-range contain the IP address fd00:77::1");
    assertThatThrownBy(() -> sandbox("x", List.of(at6("auto", "fd00:77::1"))))
        .hasMessageContaining("user configured subnets");
    serve(web, 80, "hello");
    Process task = process(web);
    stack.close();
    open.remove(web);
    stack = NetworkStack.open(config);
    Sandbox adopted = stack.adopt(web.record(), NetworkLab.namespace(task));
    stack.finishAdoption();
    open.add(adopted);
    assertThat(adopted.endpoints()).isEqualTo(web.endpoints());
    try (NetworkNamespace lan = lan()) {
      assertThat(fetchIn(lan, "2001:db8::1", 18080)).isEqualTo("hello");
    } finally {
      sh("ip link del lan0");
    }
    Sandbox app = sandbox("app", List.of(on("shop", "app")));
    assertThat(ask(app, "web", DnsQuery.TYPE_AAAA))
        .containsExactly(InetAddress.ofLiteral("fd00:88::99"));
    task.destroyForcibly().waitFor();
  }

  @Test
  void aHostKeepsItsRouterAdvertisements() throws Exception {
    sh("ip link add ra0 type veth peer name ra1; sysctl -qw net.ipv6.conf.all.forwarding=0");
    try {
      Path accept = Path.of("/proc/sys/net/ipv6/conf/ra0/accept_ra");
      Files.writeString(accept, "1");
      network("shop", true, Map.of());
      assertThat(Files.readString(accept).strip()).isEqualTo("2");
      assertThat(Files.readString(Path.of("/proc/sys/net/ipv6/conf/all/forwarding")).strip())
          .isEqualTo("1");
    } finally {
      sh("ip link del ra0");
    }
  }

  @Test
  void routedNetworksAreReachedByTheContainersAddresses() throws Exception {
    network(
        "direct",
        true,
        Map.of(
            "com.docker.network.bridge.gateway_mode_ipv4", "routed",
            "com.docker.network.bridge.gateway_mode_ipv6", "routed"),
        POOL4,
        POOL6);
    Sandbox web = sandbox("web", List.of(on("direct", "web")), port("", 18080, 80, "tcp"));
    serve(web, 80, "hello");
    serve(web, 82, "hidden");
    assertThat(web.ports().getFirst().hostPort()).isZero();
    try (NetworkNamespace lan = lan()) {
      serve(lan, 81, "outside");
      for (String address : List.of("10.88.0.2", "fd00:88::2")) {
        assertThat(fetchIn(lan, address, 80)).isEqualTo("hello");
        assertThatThrownBy(() -> tryFetchIn(lan, address, 82)).isInstanceOf(IOException.class);
      }
      assertThat(fetch(web, "192.0.2.2", 81)).isEqualTo("outside");
      assertThat(lastPeer).isEqualTo("10.88.0.2");
      assertThat(fetch(web, "2001:db8::2", 81)).isEqualTo("outside");
      assertThat(lastPeer).isEqualTo("fd00:88:0:0:0:0:0:2");
      assertThatThrownBy(() -> tryFetchIn(lan, "192.0.2.1", 18080)).isInstanceOf(IOException.class);
    } finally {
      sh("ip link del lan0");
    }
  }

  @Test
  void unprotectedNetworksHideNoPort() throws Exception {
    network(
        "open",
        false,
        Map.of("com.docker.network.bridge.gateway_mode_ipv4", "nat-unprotected"),
        POOL4);
    Sandbox web = sandbox("web", List.of(on("open", "web")));
    serve(web, 80, "hello");
    try (NetworkNamespace lan = lan()) {
      serve(lan, 81, "outside");
      assertThat(fetchIn(lan, "10.88.0.2", 80)).isEqualTo("hello");
      assertThat(fetch(web, "192.0.2.2", 81)).isEqualTo("outside");
      assertThat(lastPeer).isEqualTo("192.0.2.1");
    } finally {
      sh("ip link del lan0");
    }
  }

  private static EndpointSpec at6(String network, String address) {
    return EndpointSpec.of(network, List.of()).withIpv6Address(address);
  }

  private static String sysctl(Sandbox sandbox, String name) throws Exception {
    return inside(sandbox, () -> Files.readString(Path.of("/proc/sys/net/ipv6/conf", name)))
        .strip();
  }
}
