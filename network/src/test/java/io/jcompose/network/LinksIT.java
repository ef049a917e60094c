package io.jcompose.network;

import static io.jcompose.network.TestNamespaces.inside;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.link.HostLinks;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The host's interfaces: what containers may not do to them, and other programs do. */
class LinksIT extends NetworkLab {
  private static final String BRIDGE_NAME = "com.docker.network.bridge.name";
  private static final String ICC = "com.docker.network.bridge.enable_icc";

  @Test
  void nobodyTakesTheHostsIpv6ByARouterAdvertisement() throws Exception {
    // as on most hosts, which take addresses and routes from their LAN's router
    Files.writeString(IP6_FORWARD, "0");
    String four = network("four", false, Map.of(BRIDGE_NAME, "four0"));
    Sandbox web = sandbox("web", List.of(on("four", "web")));
    advertise(web);
    assertThat(believed()).isEmpty();
    believesNothing("four0", "1");
    believesNothing(hostInterface(web), "1");
    network("six", true, Map.of(BRIDGE_NAME, "six0"));
    Sandbox app = sandbox("app", List.of(on("six", "app")));
    advertise(app);
    assertThat(believed()).isEmpty();
    believesNothing("six0", "0");
    Sandbox[] all = {web, app};
    List<Process> tasks = detach(all);
    sh("sysctl -qw net.ipv6.conf.four0.disable_ipv6=0 net.ipv6.conf.four0.accept_ra=2");
    stack = NetworkStack.open(config);
    believesNothing("four0", "1");
    advertise(adopt(tasks, all).getFirst());
    assertThat(believed()).isEmpty();
    assertThat(four).isNotEmpty();
  }

  @Test
  void nobodyPassesForTheHostByALoopbackAddress() throws Exception {
    network("shop", false, Map.of(BRIDGE_NAME, "shop0"));
    Sandbox web = sandbox("web", List.of(on("shop", "web")));
    byte[] gateway = NetworkInterface.getByName("shop0").getHardwareAddress();
    int index = inside(web, () -> NetworkInterface.getByName("eth0").getIndex());
    // where it is on, the kernel itself looks at sources
    sh("sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.shop0.rp_filter=0");
    try (DatagramSocket server = new DatagramSocket(9999, InetAddress.ofLiteral("0.0.0.0"))) {
      server.setSoTimeout(20_000);
      for (String from : List.of("127.0.0.5", "127.1.2.3", "10.201.0.2")) {
        byte[] frame = RawFrames.udp(gateway, from, "10.201.0.1", 9999, "from " + from);
        inside(
            web,
            () -> {
              RawFrames.send(index, frame);
              return true;
            });
      }
      DatagramPacket first = new DatagramPacket(new byte[100], 100);
      server.receive(first);
      assertThat(new String(first.getData(), 0, first.getLength(), StandardCharsets.US_ASCII))
          .isEqualTo("from 10.201.0.2");
    }
  }

  @Test
  void aBridgeThatIsTakenAwayComesBackWithItsPorts() throws Exception {
    network("shop", false, Map.of(BRIDGE_NAME, "shop0"));
    Sandbox web = sandbox("web", List.of(on("shop", "web")), port("", 18080, 80, "tcp"));
    serve(web, 80, "hello");
    sh("ip link del shop0");
    await("the port on its bridge", () -> master(web).equals("shop0"));
    assertThat(fetch(null, "10.201.0.1", 18080)).isEqualTo("hello");
    believesNothing("shop0", "1");
    sh("ip link set " + hostInterface(web) + " nomaster");
    await("the port on its bridge again", () -> master(web).equals("shop0"));
    List<Process> tasks = detach(web);
    sh("ip link del shop0");
    stack = NetworkStack.open(config);
    Sandbox adopted = adopt(tasks, web).getFirst();
    assertThat(master(adopted)).isEqualTo("shop0");
    assertThat(fetch(null, "10.201.0.1", 18080)).isEqualTo("hello");
    assertThat(stack.networks().warnings()).isEmpty();
  }

  @Test
  void aContainerGivesItsPortBackWhateverBecameOfItsInterface() {
    network("shop", false, Map.of(BRIDGE_NAME, "shop0"));
    for (String attack :
        List.of("ip link set %s nomaster", "ip link del shop0", "ip link del %s")) {
      Sandbox web =
          stack.open(request("web", List.of(on("shop", "a")), port("", 18080, 80, "tcp")));
      sh(attack.formatted(hostInterface(web)));
      web.close();
    }
    Sandbox last = sandbox("last", List.of(on("shop", "a")), port("", 18080, 80, "tcp"));
    assertThat(last.endpoints().getFirst().ipv4Address()).isEqualTo("10.201.0.2");
  }

  @Test
  void otherProgramsInterfacesStayTheirs() throws Exception {
    sh("ip link add lan0 type veth peer name lan1; ip link set lan0 up; ip link set lan1 up");
    sh("ip link add jet0 type veth peer name jet1");
    String before = sh("ip -o link show jet0; ip -o link show jet1");
    stack
        .networks()
        .create(
            NetworkSpec.of("lan")
                .with()
                .driver("macvlan")
                .options(Map.of("parent", "lan0"))
                .build());
    network("shop", false, Map.of(BRIDGE_NAME, "wan7"));
    network("other", false, Map.of());
    stack.close();
    sh("ip link del wan7; ip link add wan7 type veth peer name wan8");
    try {
      stack = NetworkStack.open(config);
      stack.finishAdoption();
      assertThat(sh("ip -o link show jet0; ip -o link show jet1")).isEqualTo(before);
      assertThat(sh("ip -d link show wan7; ip addr show wan7")).doesNotContain("alias", "inet ");
      assertThat(stack.networks().warnings())
          .singleElement()
          .asString()
          .contains("network shop does not work")
          .contains("interface wan7 is a veth of another program");
      assertThat(sh("nft list set inet jcompose_it nets")).doesNotContain("wan7");
      assertThatThrownBy(() -> sandbox("web", List.of(on("shop", "web"))))
          .isInstanceOf(JcomposeException.Conflict.class)
          .hasMessageContaining("of another program");
      sandbox("app", List.of(on("other", "app")));
      stack.networks().remove("shop");
      await("the removal", () -> stack.networks().warnings().isEmpty());
      stack.networks().remove("lan");
      assertThat(sh("ip -o link show wan7")).contains("wan7");
    } finally {
      sh("ip link del wan7; ip link del jet0; ip link del lan0");
    }
  }

  @Test
  void oneNetworkThatCannotBeMadeKeepsNobodyElseFromComingBack() throws Exception {
    network("six", true, Map.of());
    network("shop", false, Map.of());
    stack.close();
    sh("mount -t tmpfs tmpfs /proc/sys/net/ipv6");
    try {
      stack = NetworkStack.open(config);
      stack.finishAdoption();
      assertThat(stack.networks().warnings())
          .singleElement()
          .asString()
          .contains("network six does not work")
          .contains("IPv6, which is switched off");
      Sandbox web = sandbox("web", List.of(on("shop", "web")), port("", 18080, 80, "tcp"));
      serve(web, 80, "hello");
      assertThat(fetch(null, "127.0.0.1", 18080)).isEqualTo("hello");
      assertThatThrownBy(() -> sandbox("app", List.of(on("six", "app"))))
          .isInstanceOf(JcomposeException.NotSupported.class);
    } finally {
      sh("umount /proc/sys/net/ipv6");
    }
    sandbox("app", List.of(on("six", "app")));
    assertThat(stack.networks().warnings()).isEmpty();
  }

  @Test
  void containersThatMayNotTalkDoNotSoByTheGateway() throws Exception {
    network("apart", false, Map.of(BRIDGE_NAME, "apart0", ICC, "false"));
    network("open", false, Map.of(BRIDGE_NAME, "open0"));
    assertThat(passes("apart0", "apart", 5)).isFalse();
    assertThat(passes("open0", "open", 50)).isTrue();
    // else the kernel bridges what it translated, and isolated ports keep it apart as well
    sh("sysctl -qw net.bridge.bridge-nf-call-iptables=0");
    Sandbox web = sandbox("web", List.of(on("apart", "web")), port("", 18080, 80, "tcp"));
    Sandbox app = sandbox("app", List.of(on("apart", "app")));
    serve(web, 80, "hello");
    assertThat(fetch(app, "10.201.0.1", 18080)).isEqualTo("hello");
  }

  @Test
  void aNamespaceThatSomebodyHoldsHasItsAddressNoLonger() throws Exception {
    network("shop", false, Map.of());
    Sandbox db = sandbox("db", List.of(on("shop", "db")));
    serve(db, 80, "data");
    Sandbox old = sandbox("old", List.of(on("shop", "web")));
    try (NetworkNamespace held = NetworkNamespace.at(old.netnsPath())) {
      old.close();
      // the kernel takes a port in use again when its carrier comes back
      inside(held, () -> sh("ip link set eth0 down; ip link set eth0 up"));
      await("the carrier", () -> sh("ip link show " + hostInterface(old)).contains("LOWER_UP"));
      Sandbox web = sandbox("web", List.of(on("shop", "web")));
      String address = web.endpoints().getFirst().ipv4Address();
      assertThat(address).isEqualTo(old.endpoints().getFirst().ipv4Address());
      serve(web, 80, "hello");
      assertThat(fetch(null, address, 80)).isEqualTo("hello");
      String other = db.endpoints().getFirst().ipv4Address();
      assertThat(fetch(web, other, 80)).isEqualTo("data");
      assertThatThrownBy(() -> tryFetchIn(held, other, 80)).isInstanceOf(IOException.class);
    }
  }

  /** As a TCP connection does whose last words nobody confirms. */
  @Test
  void aNamespaceThatSomebodyHoldsHasItsInterfaceNoLonger() throws Exception {
    network("shop", false);
    Sandbox web = stack.open(request("web", List.of(on("shop", "web"))));
    String hostInterface = hostInterface(web);
    stack.finishAdoption();
    try (NetworkNamespace held = NetworkNamespace.at(web.netnsPath())) {
      web.close();
      assertThat(held).isNotNull();
      await("the interface to go", () -> !sh("ip -o link").contains(hostInterface));
    }
  }

  /** An engine that waits for a silent shim looks at the interfaces several times meanwhile. */
  @Test
  void whatIsNotAdoptedYetKeepsItsInterface() throws Exception {
    network("shop", false);
    Sandbox web = sandbox("web", List.of(on("shop", "web")));
    String hostInterface = hostInterface(web);
    List<Process> tasks = detach(web);
    stack = NetworkStack.open(config);
    long end = System.nanoTime() + Duration.ofSeconds(13).toNanos(); // it looks after ten
    while (System.nanoTime() < end) {
      assertThat(sh("ip -o link")).contains(hostInterface);
    }
    assertThat(master(adopt(tasks, web).getFirst())).isNotEmpty();
  }

  @Test
  void interfacesHaveTheFirstNumberThatIsFree() throws Exception {
    network("a", false);
    network("b", false);
    Sandbox web = sandbox("web", List.of(named("a", "eth1"), on("b", "web")));
    assertThat(web.record().endpoints())
        .extracting(SandboxRecord.EndpointRecord::interfaceName)
        .containsExactly("eth1", "eth0");
    assertThatThrownBy(() -> sandbox("two", List.of(named("a", "x"), named("b", "x"))))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("interface name \"x\" is taken");
    for (String name : List.of("eth%d", "all", "default", "netz\u00e4")) {
      assertThatThrownBy(() -> sandbox("odd", List.of(named("a", name))))
          .hasMessage("invalid interface name \"" + name + "\"");
    }
  }

  /** Whether one of some frames that a container sends to the gateway comes to another. */
  private boolean passes(String bridge, String network, int frames) throws Exception {
    Sandbox victim = sandbox("victim", List.of(on(network, "victim")));
    Sandbox attacker = sandbox("attacker", List.of(on(network, "attacker")));
    String to = victim.endpoints().getFirst().ipv4Address();
    String from = attacker.endpoints().getFirst().ipv4Address();
    InetAddress host = InetAddress.ofLiteral(victim.endpoints().getFirst().gateway());
    byte[] gateway = NetworkInterface.getByName(bridge).getHardwareAddress();
    byte[] frame = RawFrames.udp(gateway, from, to, 5555, "raw");
    byte[] end = "end".getBytes(StandardCharsets.US_ASCII);
    try (DatagramSocket mirror = new DatagramSocket();
        DatagramSocket socket = inside(victim, () -> new DatagramSocket(5555))) {
      Thread.startVirtualThread(() -> echo(mirror));
      // a link that just came up may lose a frame, and one processor may pass another
      for (int i = 0; i < frames; i++) {
        inside(attacker, () -> exchange(host, mirror.getLocalPort(), end));
        inside(attacker, () -> send(frame));
        inside(attacker, () -> exchange(host, mirror.getLocalPort(), end));
        if (exchangeOnce(to, socket, end).equals("raw")) {
          return true;
        }
      }
      return false;
    } finally {
      attacker.close();
      victim.close();
    }
  }

  private static String exchangeOnce(String to, DatagramSocket socket, byte[] data)
      throws IOException {
    try (DatagramSocket host = new DatagramSocket()) {
      host.send(new DatagramPacket(data, data.length, InetAddress.ofLiteral(to), 5555));
    }
    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
    socket.setSoTimeout(20_000);
    socket.receive(packet);
    return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII);
  }

  /** Advertises from a container, and then from where the host believes it. */
  private static void advertise(Sandbox container) throws Exception {
    byte[] frame = RawFrames.routerAdvertisement();
    inside(container, () -> send(frame));
    sh("ip link add ra0 type veth peer name ra1; sysctl -qw net.ipv6.conf.ra0.accept_ra=2");
    sh("ip link set ra0 up; ip link set ra1 up");
    try {
      await(
          "the host to believe a neighbour",
          () -> {
            RawFrames.send(HostLinks.index("ra1").orElseThrow(), frame);
            return sh("ip -6 route show dev ra0").contains("via fe80::1337");
          });
    } finally {
      sh("ip link del ra0");
    }
  }

  private static boolean send(byte[] frame) {
    RawFrames.send(HostLinks.index("eth0").orElseThrow(), frame);
    return true;
  }

  private static List<String> believed() {
    return Stream.concat(sh("ip -6 route").lines(), sh("ip -6 -o addr").lines())
        .filter(line -> line.contains("proto ra") || line.contains("2001:db8:bad"))
        .toList();
  }

  private static void believesNothing(String name, String disabled) throws IOException {
    Path conf = Path.of("/proc/sys/net/ipv6/conf", name);
    for (String each : List.of("accept_ra", "autoconf", "accept_redirects")) {
      assertThat(Files.readString(conf.resolve(each)).strip()).as(each).isEqualTo("0");
    }
    assertThat(Files.readString(conf.resolve("disable_ipv6")).strip()).isEqualTo(disabled);
  }

  private static String hostInterface(Sandbox sandbox) {
    return sandbox.record().endpoints().getFirst().hostInterface();
  }

  private static String master(Sandbox sandbox) {
    String link = sh("ip -o link show " + hostInterface(sandbox));
    return link.contains(" master ") ? link.split(" master ")[1].split(" ")[0] : "";
  }

  private static EndpointSpec named(String network, String interfaceName) {
    return EndpointSpec.of(network, List.of()).withInterfaceName(interfaceName);
  }
}
