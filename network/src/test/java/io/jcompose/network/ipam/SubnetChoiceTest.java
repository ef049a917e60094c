package io.jcompose.network.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import io.jcompose.network.AddressPool;
import io.jcompose.network.address.Subnet;
import io.jcompose.network.address.Subnet6;
import io.jcompose.network.ipam.HostRoutes.Route;
import io.jcompose.network.ipam.SubnetChoice.Ranges;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubnetChoiceTest {
  private static final Ranges NONE = new Ranges(List.of(), List.of());
  private static final Subnet6 LOCAL = Subnet6.local("0123456789abcdef");

  @Test
  void choosesTheFirstSubnetThatMeetsNobody() {
    NetworkSpec spec = NetworkSpec.of("n");
    Ranges own = new Ranges(List.of(Subnet.parse("10.201.0.0/22")), List.of());
    Pool pool = choose(spec, own, routes(at("10.201.5.128/25"))).getFirst();
    assertThat(pool.subnet()).isEqualTo("10.201.8.0/22");
    assertThat(pool.gateway()).isEqualTo("10.201.8.1");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 172.16.0.0/22",
    "10.201.0.0/22, 10.201.4.0/22",
    "10.201.1.0/24, 10.201.4.0/22",
    "10.192.0.0/10, 172.16.0.0/22"
  })
  void keepsOffWhatTheHostReaches(String route, String expected) {
    NetworkSpec spec = spec();
    assertThat(choose(spec, NONE, routes(at(route))).getFirst().subnet()).isEqualTo(expected);
    assertThat(choose(spec, NONE, routes(by(route))).getFirst().subnet()).isEqualTo(expected);
  }

  @Test
  void takesAPartOfWhatIsFarAwayWhenNothingElseIsLeft() {
    Route<Integer> ten = by("10.0.0.0/8");
    Route<Integer> middle = by("172.16.0.0/12");
    Route<Integer> high = by("192.168.0.0/16");
    assertThat(choose(spec(), NONE, routes(ten, middle, high)).getFirst().subnet())
        .isEqualTo("10.201.0.0/22");
    assertThat(choose(spec(), NONE, routes(by("10.201.0.0/22"), ten, middle, high)).getFirst())
        .extracting(Pool::subnet)
        .isEqualTo("10.201.4.0/22");
    Route<Integer> lan = at("10.201.0.0/16");
    assertThat(choose(spec(), NONE, routes(lan, ten, middle, high)).getFirst().subnet())
        .isEqualTo("10.202.0.0/22");
  }

  @Test
  void saysWhichRouteIsInTheWay() {
    HostRoutes all = routes(at("10.0.0.0/8"), at("172.16.0.0/12"), at("192.168.0.0/16"));
    assertThatThrownBy(() -> choose(spec(), NONE, all))
        .isInstanceOf(JcomposeException.Unavailable.class)
        .hasMessageContaining("all predefined address pools have been fully subnetted")
        .hasMessageContaining("0 subnets are those of this engine's networks")
        .hasMessageContaining("in the way of others are: 10.0.0.0/8; 172.16.0.0/12;");
  }

  @Test
  void sixHundredNetworksFindSubnetsWithRoutesOfTheirOwn() {
    List<Subnet> own = new ArrayList<>();
    List<Route<Integer>> routes = new ArrayList<>(List.of(by("10.0.0.0/8")));
    for (int i = 0; i < 1400; i++) {
      Pool pool =
          choose(spec(), new Ranges(own, List.of()), new HostRoutes(routes, List.of())).getFirst();
      Subnet subnet = Subnet.parse(pool.subnet());
      assertThat(own).noneMatch(subnet::overlaps);
      own.add(subnet);
      routes.add(at(pool.subnet()));
    }
    assertThat(own.getFirst()).hasToString("172.16.0.0/22");
    assertThat(own.getLast()).hasToString("10.202.220.0/22");
  }

  @Test
  void choosesAnIpv6SubnetOfTheHostsOwn() {
    NetworkSpec spec = NetworkSpec.of("n").withIpv6(true);
    List<Pool> first = choose(spec, NONE, HostRoutes.NONE);
    assertThat(first).hasSize(2);
    Subnet6 subnet = Subnet6.parse(first.getLast().subnet());
    assertThat(first.getLast().subnet()).startsWith("fd").endsWith("::/64");
    assertThat(first.getLast().gateway()).isEqualTo(subnet.base().plus(1).toString());
    Ranges own = new Ranges(List.of(), List.of(subnet));
    HostRoutes routes =
        new HostRoutes(List.of(), List.of(new Route<>(LOCAL.part64(1), false, "a route")));
    assertThat(choose(spec, own, routes).getLast().subnet()).isEqualTo(LOCAL.part64(2).toString());
    HostRoutes vpn =
        new HostRoutes(List.of(), List.of(new Route<>(Subnet6.parse("fc00::/7"), true, "a VPN")));
    assertThat(choose(spec, own, vpn).getLast().subnet()).isEqualTo(LOCAL.part64(1).toString());
    HostRoutes taken =
        new HostRoutes(List.of(), List.of(new Route<>(Subnet6.parse("fc00::/7"), false, "a LAN")));
    assertThatThrownBy(() -> choose(spec, own, taken))
        .hasMessageContaining("in the way of others are: a LAN");
  }

  @Test
  void completesAndChecksIpv6Pools() {
    Pool given = new Pool("2001:db8:0:9::7/64", "", "2001:db8:0:9:1::/80", Map.of());
    List<Pool> pools = choose(ipv6(given), NONE, HostRoutes.NONE);
    assertThat(pools.getFirst().subnet()).isEqualTo("10.201.0.0/22");
    assertThat(pools.getLast().subnet()).isEqualTo("2001:db8:0:9::/64");
    assertThat(pools.getLast().gateway()).isEqualTo("2001:db8:0:9::1");
    Pool outside = new Pool("2001:db8::/64", "2001:db9::1", "", Map.of());
    assertThatThrownBy(() -> choose(ipv6(outside), NONE, HostRoutes.NONE))
        .hasMessage("gateway 2001:db9::1 is not inside subnet 2001:db8::/64");
    Ranges own = new Ranges(List.of(), List.of(Subnet6.parse("2001:db8::/32")));
    assertThatThrownBy(() -> choose(ipv6(given), own, HostRoutes.NONE))
        .hasMessageContaining("Pool overlaps with other one on this address space");
    NetworkSpec off = NetworkSpec.of("n").withPools(List.of(given));
    assertThatThrownBy(() -> choose(off, NONE, HostRoutes.NONE))
        .hasMessageContaining("no enable_ipv6: true");
  }

  @Test
  void completesIpv4Pools() {
    Pool given = new Pool("10.5.1.7/16", "", "10.5.2.0/24", Map.of("printer", "10.5.0.9"));
    assertThat(choose(ipv4(given), NONE, HostRoutes.NONE))
        .containsExactly(
            new Pool("10.5.0.0/16", "10.5.0.1", "10.5.2.0/24", Map.of("printer", "10.5.0.9")));
    Pool own = new Pool("10.5.0.0/16", "10.5.255.254", "", Map.of());
    assertThat(choose(ipv4(own), NONE, HostRoutes.NONE)).containsExactly(own);
    assertThat(
            choose(ipv4(new Pool("10.5.0.2/31", "", "", Map.of())), NONE, HostRoutes.NONE)
                .getFirst()
                .gateway())
        .isEqualTo("10.5.0.2");
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/7,'','','', invalid subnet 10.0.0.0/7",
    "10.0.0.1/32,'','','', invalid subnet 10.0.0.1/32",
    "10.5.0.0/16,10.6.0.1,'','', gateway 10.6.0.1 is not inside subnet 10.5.0.0/16",
    "10.5.0.0/16,'',10.6.0.0/24,'', IP range 10.6.0.0/24 is not inside subnet 10.5.0.0/16",
    "10.5.0.0/16,'',10.0.0.0/8,'', IP range 10.0.0.0/8 is not inside subnet 10.5.0.0/16",
    "10.5.0.0/16,'','',10.6.0.9, aux address 10.6.0.9 is not inside subnet 10.5.0.0/16",
    "'',10.5.0.1,'','', network n has a gateway or IP range but no subnet",
    "'','',10.5.0.0/24,'', network n has a gateway or IP range but no subnet"
  })
  void refusesIpv4PoolsThatCannotBe(
      String subnet, String gateway, String range, String aux, String problem) {
    Map<String, String> reserved = aux.isEmpty() ? Map.of() : Map.of("a", aux);
    Pool pool = new Pool(subnet, gateway, range, reserved);
    assertThatThrownBy(() -> choose(ipv4(pool), NONE, HostRoutes.NONE))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage(problem);
  }

  @ParameterizedTest
  @CsvSource({"10.5.0.0/16", "10.5.3.0/24", "10.0.0.0/8"})
  void refusesAnIpv4SubnetOfAnotherNetwork(String taken) {
    Ranges own = new Ranges(List.of(Subnet.parse(taken)), List.of());
    assertThatThrownBy(
            () -> choose(ipv4(new Pool("10.5.0.0/16", "", "", Map.of())), own, HostRoutes.NONE))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("Pool overlaps with other one on this address space: 10.5.0.0/16");
  }

  @Test
  void takesOnePoolOfAFamily() {
    Pool one = new Pool("10.5.0.0/16", "", "", Map.of());
    Pool two = new Pool("10.6.0.0/16", "", "", Map.of());
    NetworkSpec both = NetworkSpec.of("n").withPools(List.of(one, two));
    assertThatThrownBy(() -> choose(both, NONE, HostRoutes.NONE))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageContaining("more than one address pool of a family");
    NetworkSpec both6 =
        NetworkSpec.of("n")
            .with()
            .ipv6(true)
            .pools(
                List.of(
                    new Pool("2001:db8::/64", "", "", Map.of()),
                    new Pool("2001:db8:1::/64", "", "", Map.of())))
            .build();
    assertThatThrownBy(() -> choose(both6, NONE, HostRoutes.NONE))
        .isInstanceOf(JcomposeException.NotSupported.class);
  }

  @ParameterizedTest
  @CsvSource({
    "2001:db8::/15,'','', invalid subnet 2001:db8::/15",
    "2001:db8::/127,'','', invalid subnet 2001:db8::/127",
    "2001:db8::/64,2001:db9::/80,'', IP range 2001:db9::/80 is not inside subnet 2001:db8::/64",
    "2001:db8::/64,'',2001:db9::9, aux address 2001:db9::9 is not inside subnet 2001:db8::/64"
  })
  void refusesIpv6PoolsThatCannotBe(String subnet, String range, String aux, String problem) {
    Map<String, String> reserved = aux.isEmpty() ? Map.of() : Map.of("a", aux);
    Pool pool = new Pool(subnet, "", range, reserved);
    assertThatThrownBy(() -> choose(ipv6(pool), NONE, HostRoutes.NONE))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage(problem);
  }

  private static NetworkSpec ipv4(Pool pool) {
    return NetworkSpec.of("n").withPools(List.of(pool));
  }

  private static NetworkSpec spec() {
    return NetworkSpec.of("n");
  }

  private static NetworkSpec ipv6(Pool pool) {
    return NetworkSpec.of("n").with().ipv6(true).pools(List.of(pool)).build();
  }

  private static List<Pool> choose(NetworkSpec spec, Ranges own, HostRoutes routes) {
    return SubnetChoice.choose(spec, AddressPool.DEFAULTS, LOCAL, own, routes);
  }

  @SafeVarargs
  @SuppressWarnings("varargs")
  private static HostRoutes routes(Route<Integer>... routes) {
    return new HostRoutes(List.of(routes), List.of());
  }

  /** Of an interface of the host. */
  private static Route<Integer> at(String subnet) {
    return new Route<>(Subnet.parse(subnet), false, subnet);
  }

  /** By a gateway. */
  private static Route<Integer> by(String subnet) {
    return new Route<>(Subnet.parse(subnet), true, subnet);
  }
}
