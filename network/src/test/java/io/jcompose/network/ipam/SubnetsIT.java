package io.jcompose.network.ipam;

import static io.jcompose.network.TestNamespaces.lan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.Pool;
import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.AddressPool;
import io.jcompose.network.NetworkLab;
import io.jcompose.network.address.Subnet6;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Subnets on hosts with routes of VPNs. */
class SubnetsIT extends NetworkLab {
  private static final int ROUTES = 15_000;

  @Test
  void findsASubnetBesideTheRoutesOfVpns() throws Exception {
    try (NetworkNamespace vpn = lan()) {
      assertThat(vpn.fd()).isPositive();
      sh("ip route add 0.0.0.0/1 via 192.0.2.2; ip route add 128.0.0.0/1 via 192.0.2.2");
      assertThat(made("halves")).isEqualTo("10.201.0.0/22");
      sh("ip route add 10.0.0.0/8 via 192.0.2.2 table 77");
      assertThat(made("company")).isEqualTo("172.16.0.0/22");
      sh("ip route add 172.16.0.0/12 via 192.0.2.2; ip route add unreachable 192.168.0.0/16");
      assertThat(made("inside")).isEqualTo("10.201.4.0/22");
      Files.writeString(config.resolvConf(), "nameserver 10.201.9.53\n");
      assertThat(made("resolver")).isEqualTo("10.201.12.0/22");
      sh("ip -6 route add fc00::/7 via 2001:db8::2");
      String id = network("six", true, Map.of());
      assertThat(pools(id).getLast().subnet()).startsWith("fd").endsWith("::/64");
      sh("ip route add 10.0.0.0/8 dev lan0; ip route add 172.16.0.0/12 dev lan0 metric 5");
      sh("ip route add 192.168.0.0/16 dev lan0 metric 5");
      assertThatThrownBy(() -> made("nowhere"))
          .isInstanceOf(JcomposeException.Unavailable.class)
          .hasMessageContaining("all predefined address pools have been fully subnetted")
          .hasMessageContaining("route 10.0.0.0/8 dev lan0; route 172.16.0.0/12 dev lan0;");
    } finally {
      sh("ip link del lan0; ip route del unreachable 192.168.0.0/16");
    }
  }

  /** A router may have the whole internet's table. */
  @Test
  void onlyRoutesThatCouldBeInTheWayAreKept() throws Exception {
    try (NetworkNamespace upstream = lan()) {
      assertThat(upstream.fd()).isPositive();
      StringBuilder routes = new StringBuilder("route add 10.201.0.0/22 via 192.0.2.2\n");
      for (int i = 0; i < ROUTES; i++) {
        routes.append("route add 8.").append(i >> 8).append('.').append(i & 255);
        routes.append(".0/24 via 192.0.2.2\n");
      }
      Path batch = Files.writeString(state.resolve("routes"), routes);
      assertThat(sh("ip -batch " + batch)).isEmpty();
      Subnet6 local = Subnet6.local("it");
      assertThat(HostRoutes.read(List.of("192.0.2.53"), AddressPool.DEFAULTS, local).ipv4())
          .extracting(each -> each.to().toString())
          .containsExactly("10.201.0.0/22", "192.0.2.53/32");
      assertThat(made("beside")).isEqualTo("10.201.4.0/22");
      List<AddressPool> there = List.of(new AddressPool("8.0.0.0/8", 22));
      assertThatThrownBy(() -> HostRoutes.read(List.of(), there, local))
          .isInstanceOf(JcomposeException.Unavailable.class)
          .hasMessageContaining("more than 10000 routes inside of the engine's address pools");
    } finally {
      sh("ip link del lan0");
    }
  }

  private String made(String name) {
    return pools(network(name, false, Map.of())).getFirst().subnet();
  }

  private List<Pool> pools(String id) {
    return stack.networks().find(id).orElseThrow().spec().pools();
  }
}
