package io.jcompose.network;

import static io.jcompose.network.dns.DnsClient.resolve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import io.jcompose.network.SandboxRecord.EndpointRecord;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Containers that join networks and leave them while they run. */
class JoinIT extends NetworkLab {
  private static EndpointSpec on(String network) {
    return EndpointSpec.of(network, List.of());
  }

  /** By a program that enters: a JVM's thread that waits for its children would stay inside. */
  private static String ip(Sandbox sandbox, String arguments) {
    return sh("nsenter --net=" + sandbox.netnsPath() + " ip -o " + arguments);
  }

  private static String address(Sandbox sandbox, int index) {
    return sandbox.endpoints().get(index).ipv4Address();
  }

  private static void leave(Sandbox sandbox, String networkId) {
    AtomicReference<SandboxRecord> told = new AtomicReference<>();
    sandbox.leave(networkId, told::set);
    assertThat(told).hasValue(sandbox.record());
  }

  private String id(String network) {
    return stack.networks().find(network).orElseThrow().id();
  }

  private static long hostLinks() {
    return sh("ip -o link").lines().filter(line -> line.contains(": je")).count();
  }

  @Test
  void namesAndPacketsGoBothWaysUntilItLeaves() throws Exception {
    network("m", false);
    network("n", false);
    Sandbox web = sandbox("web", List.of(on("m")));
    Sandbox db = sandbox("db", List.of(on("n")));
    serve(web, 80, "web");
    serve(db, 80, "db");
    assertThat(resolve(web, "db")).isNull();
    web.join(on("n", "front"));
    assertThat(ip(web, "link show eth1")).contains("state UP");
    assertThat(ip(web, "route show default")).contains("dev eth0");
    assertThat(resolve(web, "db").getHostAddress()).isEqualTo(address(db, 0));
    assertThat(fetch(web, address(db, 0), 80)).isEqualTo("db");
    assertThat(resolve(db, "front").getHostAddress()).isEqualTo(address(web, 1));
    assertThat(resolve(db, "web").getHostAddress()).isEqualTo(address(web, 1));
    assertThat(fetch(db, address(web, 1), 80)).isEqualTo("web");
    assertThatThrownBy(() -> web.join(on("n")))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessage("endpoint with name web already exists in network n");
    assertThatThrownBy(() -> stack.networks().remove(id("n"))).hasMessageContaining("\"web\"");
    String given = address(web, 1);
    leave(web, id("n"));
    assertThat(web.endpoints()).hasSize(1);
    assertThat(ip(web, "link")).doesNotContain("eth1");
    assertThat(hostLinks()).isEqualTo(2);
    assertThat(resolve(db, "front")).isNull();
    assertThat(resolve(db, "web")).isNull();
    assertThat(resolve(web, "db")).isNull();
    assertThatThrownBy(() -> tryFetch(db, given, 80)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> tryFetch(web, address(db, 0), 80)).isInstanceOf(IOException.class);
    assertThat(address(sandbox("next", List.of(on("n"))), 0)).isEqualTo(given);
    leave(web, id("m"));
    assertThat(ip(web, "link").lines()).hasSize(1);
    assertThat(resolve(web, "web")).isNull();
    web.join(on("n"));
    assertThat(resolve(web, "db").getHostAddress()).isEqualTo(address(db, 0));
    assertThat(fetch(web, resolve(web, "db").getHostAddress(), 80)).isEqualTo("db");
  }

  @Test
  void defaultRouteAndPortsGoByTheNetworkThatGivesThemAtAStart() throws Exception {
    network("b", false);
    network("a", false);
    network("inner", true);
    Sandbox web =
        sandbox(
            "web",
            List.of(on("inner")),
            port("", 18080, 80, "tcp"),
            port("127.0.0.1", 0, 80, "tcp"));
    serve(web, 80, "hello");
    int chosen = web.ports().getLast().hostPort();
    assertThat(ip(web, "route show default")).isEmpty();
    for (String each : List.of("b", "a")) {
      web.join(on(each));
      assertThat(ip(web, "route show default")).contains("dev eth" + (each.equals("b") ? 1 : 2));
      assertThat(leadsTo(18080)).contains(address(web, each.equals("b") ? 1 : 2));
      assertThat(fetch(null, "127.0.0.1", 18080)).isEqualTo("hello");
      assertThat(fetch(null, "::1", 18080)).isEqualTo("hello");
      assertThat(fetch(null, "127.0.0.1", chosen)).isEqualTo("hello");
      assertThat(web.ports().getLast().hostPort()).isEqualTo(chosen);
    }
    network("c", false);
    web.join(on("c").withGatewayPriority(5));
    assertThat(ip(web, "route show default")).contains("dev eth3");
    leave(web, id("c"));
    leave(web, id("a"));
    assertThat(ip(web, "route show default")).contains("dev eth1");
    assertThat(leadsTo(18080)).contains(address(web, 1));
    assertThat(fetch(null, "127.0.0.1", 18080)).isEqualTo("hello");
    leave(web, id("b"));
    leave(web, id("inner"));
    assertThat(web.ports()).isEmpty();
    assertThat(sh("nft list map inet jcompose_it pub4")).doesNotContain("elements");
    assertThat(sh("ss -Hltn")).isEmpty();
    web.join(on("a"));
    assertThat(fetch(null, "127.0.0.1", 18080)).isEqualTo("hello");
  }

  private static String leadsTo(int port) {
    return sh("nft list map inet jcompose_it pub4 | grep -o '" + port + " : [0-9.]*'");
  }

  @Test
  void whatFailsLeavesAllAsItWas() throws Exception {
    network("b", false);
    network("a", false);
    network("fixed", false, Map.of(), new Pool("10.9.0.0/24", "", "", Map.of()));
    Sandbox other = sandbox("other", List.of(at("fixed", "10.9.0.9")));
    Sandbox web = sandbox("web", List.of(on("b")));
    SandboxRecord before = web.record();
    assertThatThrownBy(() -> web.join(at("fixed", "10.9.0.9")))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("Address already in use");
    assertThatThrownBy(() -> web.join(on("a").withInterfaceName("eth0")))
        .hasMessageContaining("interface name \"eth0\" is taken");
    assertThatThrownBy(() -> web.join(on("nope")))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessage("network nope not found");
    assertThatThrownBy(() -> web.join(on("a").withMacAddress("01:00:5e:00:00:01"))) // a group's
        .isInstanceOf(RuntimeException.class);
    assertThat(web.record()).isEqualTo(before);
    assertThat(ip(web, "link")).doesNotContain("eth1");
    assertThat(hostLinks()).isEqualTo(2);
    assertThat(other.endpoints()).hasSize(1);
    // networks of which a container still counted as a member would stay
    stack.networks().remove(id("a"));
    Sandbox none = open(request("none", List.of()));
    assertThat(ip(none, "link").lines()).hasSize(1);
  }

  @Test
  void ipv6ComesWithTheNetworkThatHasIt() throws Exception {
    network("four", false);
    network("six", true, Map.of());
    Sandbox web = sandbox("web", List.of(on("four")));
    Sandbox db = sandbox("db", List.of(on("six")));
    web.join(on("six"));
    String own = web.endpoints().get(1).ipv6Address();
    assertThat(ip(web, "-6 addr show eth1")).contains(own).doesNotContain("tentative");
    assertThat(ip(web, "-6 addr show eth0")).isEmpty();
    assertThat(ip(web, "-6 route show default")).contains("dev eth1");
    serve(db, 80, "db");
    assertThat(fetch(web, db.endpoints().getFirst().ipv6Address(), 80)).isEqualTo("db");
    db.join(on("four"));
    assertThat(ip(db, "-6 addr show eth1")).isEmpty();
    leave(web, id("six"));
    assertThat(ip(web, "-6 route show default")).isEmpty();
  }

  @Test
  void theNextEngineGoesOnWithWhatWasJoinedAndLeft() throws Exception {
    network("a", false);
    network("b", false);
    Sandbox web = sandbox("web", List.of(on("b")), port("", 18080, 80, "tcp"));
    Sandbox db = sandbox("db", List.of(on("a")));
    serve(web, 80, "hello");
    web.join(on("a", "front").withGatewayPriority(-1));
    List<Sandbox> adopted = restart(web, db);
    Sandbox again = adopted.getFirst();
    assertThat(again.record()).isEqualTo(web.record());
    assertThat(resolve(adopted.getLast(), "front").getHostAddress()).isEqualTo(address(again, 1));
    assertThat(resolve(again, "db").getHostAddress()).isEqualTo(address(db, 0));
    assertThat(ip(again, "route show default")).contains("dev eth0");
    leave(again, id("b"));
    assertThat(ip(again, "route show default")).contains("dev eth1");
    assertThat(fetch(null, "127.0.0.1", 18080)).isEqualTo("hello");
    Sandbox third = restart(again, adopted.getLast()).getFirst();
    assertThat(third.endpoints()).hasSize(1);
    assertThat(fetch(null, "127.0.0.1", 18080)).isEqualTo("hello");
    third.join(on("b"));
    assertThat(ip(third, "link show eth0")).contains("state UP");
  }

  /** As a crash leaves it after the kernel has it, and before the record. */
  @Test
  void whatTheRecordDoesNotHaveGoesWithTheNextStart() throws Exception {
    network("b", false);
    network("a", false);
    Sandbox web = sandbox("web", List.of(on("b")), port("", 18080, 80, "tcp"));
    serve(web, 80, "hello");
    SandboxRecord before = web.record();
    web.join(on("a"));
    assertThat(ip(web, "route show default")).contains("dev eth1");
    String given = address(web, 1);
    List<Process> tasks = detach(web);
    stack = NetworkStack.open(config);
    Sandbox again = stack.adopt(before, namespace(tasks.getFirst()));
    open.add(again);
    stack.finishAdoption();
    assertThat(hostLinks()).isEqualTo(1);
    assertThat(ip(again, "link")).doesNotContain("eth1");
    assertThat(ip(again, "route show default")).contains("dev eth0");
    assertThat(fetch(null, "127.0.0.1", 18080)).isEqualTo("hello");
    assertThat(address(sandbox("next", List.of(on("a"))), 0)).isEqualTo(given);
  }

  /** The same with an interface that has no end on the host. */
  @Test
  void macvlanInterfacesComeAndGo() throws Exception {
    sh(
        "ip link add parent0 type veth peer name parent1; ip link set parent0 up; ip link set parent1 up");
    try {
      network("b", false);
      stack
          .networks()
          .create(
              NetworkSpec.of("lan")
                  .with()
                  .driver("macvlan")
                  .options(Map.of("parent", "parent0"))
                  .pools(List.of(new Pool("10.8.0.0/24", "10.8.0.1", "", Map.of())))
                  .build());
      Sandbox web = sandbox("web", List.of(on("b")));
      Sandbox peer = sandbox("peer", List.of(on("lan")));
      serve(peer, 80, "peer");
      SandboxRecord before = web.record();
      web.join(on("lan"));
      assertThat(fetch(web, address(peer, 0), 80)).isEqualTo("peer");
      leave(web, id("lan"));
      assertThat(ip(web, "link")).doesNotContain("macvlan").doesNotContain("eth1");
      web.join(on("lan"));
      sh(
          "nsenter --net="
              + web.netnsPath()
              + " sh -c 'ip link set eth1 down; ip link set eth1 name own; ip link set own up'");
      leave(web, id("lan")); // also where the container calls it something else
      assertThat(ip(web, "link")).doesNotContain("own@");
      web.join(on("lan").withGatewayPriority(9));
      assertThat(ip(web, "route show default")).contains("dev eth1");
      List<Process> tasks = detach(web, peer);
      stack = NetworkStack.open(config);
      Sandbox again = stack.adopt(before, namespace(tasks.getFirst()));
      open.add(again);
      open.add(stack.adopt(peer.record(), namespace(tasks.getLast())));
      stack.finishAdoption();
      assertThat(ip(again, "link")).doesNotContain("eth1");
      assertThat(ip(again, "route show default")).contains("dev eth0");
      for (EndpointRecord each : again.record().endpoints()) {
        assertThat(each.interfaceName()).isEqualTo("eth0");
      }
    } finally {
      for (AutoCloseable each : open.reversed()) {
        each.close();
      }
      open.clear();
      sh("ip link del parent0");
    }
  }
}
