package io.jcompose.network;

import static io.jcompose.network.TestNamespaces.inside;
import static io.jcompose.network.TestNamespaces.lan;
import static io.jcompose.network.TestNamespaces.process;
import static io.jcompose.network.dns.DnsClient.resolve;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import io.jcompose.linux.netlink.NetworkNamespace;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NetworkStackIT extends NetworkLab {
  @Test
  void containersOfANetworkTalkByName() throws Exception {
    network("shop", false);
    Sandbox web = sandbox("shop-web-1", List.of(on("shop", "web")));
    Sandbox app = sandbox("shop-app-1", List.of(on("shop", "app")));
    assertThat(web.endpoints().getFirst().ipv4Address()).isEqualTo("10.201.0.2");
    assertThat(app.endpoints().getFirst().ipv4Address()).isEqualTo("10.201.0.3");
    serve(web, 80, "web");
    InetAddress found = resolve(app, "web");
    assertThat(found.getHostAddress()).isEqualTo("10.201.0.2");
    assertThat(resolve(app, "SHOP-WEB-1").getHostAddress()).isEqualTo("10.201.0.2");
    assertThat(resolve(app, "web.shop").getHostAddress()).isEqualTo("10.201.0.2");
    assertThat(fetch(app, "10.201.0.2", 80)).isEqualTo("web");
    assertThat(fetch(null, "10.201.0.2", 80)).isEqualTo("web");
    assertThat(resolve(app, "nowhere")).isNull();
    web.close();
    assertThat(resolve(app, "web")).isNull();
  }

  @Test
  void networksAreApartAndInternalOnesHaveNoWayOut() throws Exception {
    network("a", false);
    network("b", false);
    network("inner", true);
    Sandbox one = sandbox("one", List.of(on("a", "one")));
    Sandbox two = sandbox("two", List.of(on("b", "two")));
    Sandbox three = sandbox("three", List.of(on("inner", "three")));
    serve(one, 80, "one");
    String address = one.endpoints().getFirst().ipv4Address();
    assertThat(resolve(two, "one")).isNull();
    assertThatThrownBy(() -> tryFetch(two, address, 80)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> tryFetch(three, address, 80)).isInstanceOf(IOException.class);
    assertThat(inside(three, () -> Files.readString(Path.of("/proc/thread-self/net/route"))))
        .doesNotContain("eth0\t00000000\t");
  }

  @Test
  void publishedPortsAreReachedFromEverywhere() throws Exception {
    network("shop", false);
    Sandbox web = sandbox("web", List.of(on("shop", "web")), port("", 18080, 80, "tcp"));
    Sandbox sibling = sandbox("app", List.of(on("shop", "app")));
    assertThat(web.ports()).hasSize(2);
    serve(web, 80, "hello");
    assertThat(fetch(null, "127.0.0.1", 18080)).isEqualTo("hello");
    assertThat(fetch(null, "10.201.0.1", 18080)).isEqualTo("hello");
    assertThat(fetch(null, "::1", 18080)).isEqualTo("hello");
    assertThat(fetch(sibling, "10.201.0.1", 18080)).isEqualTo("hello");
    assertThat(fetch(web, "10.201.0.1", 18080)).isEqualTo("hello");
    try (NetworkNamespace lan = lan()) {
      assertThat(fetchIn(lan, "192.0.2.1", 18080)).isEqualTo("hello");
      assertThatThrownBy(() -> tryFetchIn(lan, web.endpoints().getFirst().ipv4Address(), 80))
          .isInstanceOf(IOException.class);
    } finally {
      sh("ip link del lan0");
    }
    assertThatThrownBy(() -> sandbox("other", List.of(on("shop", "x")), port("", 18080, 81, "tcp")))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("Bind for 0.0.0.0:18080 failed: port is already allocated")
        .hasMessageContaining("web");
    try (ServerSocket foreign = new ServerSocket(18081)) {
      assertThat(foreign.isBound()).isTrue();
      assertThatThrownBy(
              () -> sandbox("other", List.of(on("shop", "x")), port("", 18081, 81, "tcp")))
          .hasMessageContaining("address already in use (by java, pid");
    }
    Sandbox free = sandbox("free", List.of(on("shop", "free")), port("127.0.0.1", 0, 80, "tcp"));
    assertThat(free.ports().getFirst().hostPort()).isPositive();
    Sandbox ranged =
        sandbox("r", List.of(on("shop", "r")), new PortSpec("", 18080, 18082, 80, "tcp"));
    assertThat(ranged.ports().getFirst().hostPort()).isEqualTo(18081);
  }

  @Test
  void aPortIsFreeAgainAtOnce() {
    network("shop", false);
    for (int i = 0; i < 50; i++) {
      Sandbox tcp =
          stack.open(request("web", List.of(on("shop", "a")), port("", 18080, 80, "tcp")));
      Sandbox udp =
          stack.open(request("dns", List.of(on("shop", "b")), port("", 18053, 53, "udp")));
      tcp.close();
      udp.close();
    }
    assertThat(sh("ss -Hltun 'sport = :18080 or sport = :18053'")).isEmpty();
  }

  @Test
  void udpPortsAreReached() throws Exception {
    network("shop", false);
    Sandbox dns = sandbox("dns", List.of(on("shop", "dns")), port("", 18053, 53, "udp"));
    DatagramSocket socket =
        inside(dns, () -> new DatagramSocket(new InetSocketAddress("0.0.0.0", 53)));
    open.add(socket);
    Thread.startVirtualThread(() -> echo(socket));
    for (String host : List.of("127.0.0.1", "::1", "10.201.0.1")) {
      byte[] data = host.getBytes(StandardCharsets.UTF_8);
      ByteBuffer answer = exchange(InetAddress.ofLiteral(host), 18053, data);
      assertThat(StandardCharsets.UTF_8.decode(answer).toString()).isEqualTo(host);
    }
  }

  @Test
  void comesBackAfterAForeignFlush() throws Exception {
    network("shop", false);
    Sandbox web = sandbox("web", List.of(on("shop", "web")), port("127.0.0.1", 18080, 80, "tcp"));
    serve(web, 80, "hello");
    String before = sh("nft list table inet jcompose_it");
    assertThat(sh("nft flush ruleset")).isEmpty();
    await("the table to come back", () -> sh("nft list table inet jcompose_it").equals(before));
    assertThat(fetch(null, "127.0.0.1", 18080)).isEqualTo("hello");
  }

  @Test
  void adoptsWhatRunsAfterTheEngineWentAway() throws Exception {
    network("shop", false);
    Sandbox web = sandbox("web", List.of(on("shop", "web")), port("", 18080, 80, "tcp"));
    Sandbox dead = sandbox("dead", List.of(on("shop", "dead")), port("", 18090, 80, "tcp"));
    serve(web, 80, "hello");
    Process task = process(web);
    Process ghost = process(dead);
    stack.close();
    open.remove(web);
    open.remove(dead);
    web.record().ports().forEach(each -> assertThat(each.hostPort()).isEqualTo(18080));
    stack = NetworkStack.open(config.withPublishAddresses(List.of("0.0.0.0")));
    Sandbox adopted = stack.adopt(web.record(), NetworkLab.namespace(task));
    stack.finishAdoption();
    open.add(adopted);
    assertThat(fetch(null, "127.0.0.1", 18080)).isEqualTo("hello");
    assertThat(sh("nft list map inet jcompose_it pub4")).contains("18080").doesNotContain("18090");
    assertThat(sh("ip -o link"))
        .doesNotContain(dead.record().endpoints().getFirst().hostInterface());
    Sandbox app = sandbox("app", List.of(on("shop", "app")));
    assertThat(resolve(app, "web").getHostAddress()).isEqualTo("10.201.0.2");
    assertThatThrownBy(() -> stack.networks().remove("shop"))
        .hasMessageContaining("network shop has active endpoints (name:\"web\"");
    task.destroyForcibly().waitFor();
    ghost.destroyForcibly().waitFor();
  }

  @Test
  void fixedAddressesAreChecked() {
    stack
        .networks()
        .create(
            NetworkSpec.of("fixed").withPools(List.of(new Pool("10.77.0.0/24", "", "", Map.of()))));
    network("auto", false);
    Sandbox one = sandbox("one", List.of(at("fixed", "10.77.0.9")));
    assertThat(one.endpoints().getFirst().ipv4Address()).isEqualTo("10.77.0.9");
    assertThatThrownBy(() -> sandbox("two", List.of(at("fixed", "10.77.0.9"))))
        .hasMessageContaining("Address already in use");
    assertThatThrownBy(() -> sandbox("two", List.of(at("fixed", "10.1.1.1"))))
        .hasMessageContaining("no configured subnet or ip-range contain the IP address 10.1.1.1");
    assertThatThrownBy(() -> sandbox("two", List.of(at("auto", "10.201.0.9"))))
        .hasMessageContaining("user configured subnets");
  }

  @Test
  void anAddressThatAContainerAsksForIsNoOthers() {
    network("fixed", false, Map.of(), new Pool("10.77.0.0/24", "", "", Map.of()));
    stack.close();
    stack = NetworkStack.open(config, () -> Stream.of(at("fixed", "10.77.0.2"), at("fixed", "x")));
    Sandbox first = sandbox("first", List.of(on("fixed", "first")));
    assertThat(first.endpoints().getFirst().ipv4Address()).isEqualTo("10.77.0.3");
    Sandbox late = sandbox("late", List.of(at("fixed", "10.77.0.2")));
    assertThat(late.endpoints().getFirst().ipv4Address()).isEqualTo("10.77.0.2");
  }

  @Test
  void noNetworkIsOnlyLoopback() throws Exception {
    Sandbox none =
        open(new SandboxRequest(Ids.next(), "none", List.of(), "", "", null, Networking.NONE));
    assertThat(inside(none, () -> Files.readString(Path.of("/proc/thread-self/net/dev"))))
        .contains("lo:")
        .doesNotContain("eth");
  }

  @Test
  void fiftyContainersAtOnce() throws Exception {
    network("many", false);
    for (int round = 0; round < 3; round++) {
      List<FutureTask<Sandbox>> tasks =
          IntStream.range(0, 50)
              .mapToObj(
                  i ->
                      new FutureTask<>(
                          () ->
                              stack.open(
                                  request(
                                      "c" + i,
                                      List.of(on("many", "c")),
                                      port("", 20000 + i, 80, "tcp")))))
              .toList();
      tasks.forEach(Thread::startVirtualThread);
      List<Sandbox> all = new ArrayList<>();
      for (FutureTask<Sandbox> task : tasks) {
        all.add(task.get());
      }
      List<FutureTask<Void>> closing =
          all.stream().map(each -> new FutureTask<Void>(each::close, null)).toList();
      closing.forEach(Thread::startVirtualThread);
      for (FutureTask<Void> task : closing) {
        task.get();
      }
      assertThat(all.stream().map(each -> each.endpoints().getFirst().ipv4Address()).distinct())
          .hasSize(50);
    }
    stack.networks().remove("many");
    network("other", false);
  }
}
