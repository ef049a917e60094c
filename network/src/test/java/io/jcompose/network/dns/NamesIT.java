package io.jcompose.network.dns;

import static io.jcompose.network.TestNamespaces.inside;
import static io.jcompose.network.dns.DnsClient.ask;
import static io.jcompose.network.dns.DnsClient.askTcp;
import static io.jcompose.network.dns.DnsClient.resolve;
import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Ids;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointOptions;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.NetworkLab;
import io.jcompose.network.NetworkStack;
import io.jcompose.network.Sandbox;
import io.jcompose.network.SandboxRequest;
import io.jcompose.network.nft.Nft;
import io.jcompose.network.nft.NftBatch;
import io.jcompose.network.nft.NftListing;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What containers are told when they ask for names. */
class NamesIT extends NetworkLab {
  private static final int MANY_RULES = 20_000;

  private static final InetAddress ANSWER = InetAddress.ofLiteral("203.0.113.7");

  /** Who last asked {@link #nameServer}. */
  private volatile String asked = "";

  @Test
  void aContainersOwnNameServersAreAskedFromItsNetwork() throws Exception {
    network("shop", false);
    network("inner", true);
    Sandbox server = sandbox("ns", List.of(on("shop", "ns"), on("inner", "ns")));
    nameServer(server);
    String address = server.endpoints().getFirst().ipv4Address();
    Sandbox app = asking("app", List.of(on("shop", "app")), "192.0.2.99", address);
    assertThat(ask(app, "outside.test", DnsQuery.TYPE_A)).containsExactly(ANSWER);
    assertThat(asked).isEqualTo(app.endpoints().getFirst().ipv4Address());
    assertThat(askTcp(app, "outside.test", DnsQuery.TYPE_A)).containsExactly(ANSWER);
    assertThat(resolve(app, "ns").getHostAddress()).isEqualTo(address);
    Sandbox hidden =
        asking("hidden", List.of(on("inner", "h")), server.endpoints().getLast().ipv4Address());
    assertThat(ask(hidden, "outside.test", DnsQuery.TYPE_A)).containsExactly(ANSWER);
    Sandbox again = restart(app, hidden, server).getFirst();
    assertThat(ask(again, "outside.test", DnsQuery.TYPE_A)).containsExactly(ANSWER);
  }

  @Test
  void anOwnNdotsKeepsBareNamesInside() throws Exception {
    network("shop", false);
    Sandbox server = sandbox("ns", List.of(on("shop", "ns")));
    nameServer(server);
    Networking networking =
        Networking.NONE
            .with()
            .mode("networks")
            .endpoints(List.of(on("shop", "app")))
            .dns(List.of(server.endpoints().getFirst().ipv4Address()))
            .dnsOptions(List.of("ndots:1"))
            .build();
    Sandbox app = open(new SandboxRequest(Ids.next(), "app", List.of(), "", "", null, networking));
    assertThat(ask(app, "outside", DnsQuery.TYPE_A)).isEmpty();
    assertThat(ask(app, "out.side", DnsQuery.TYPE_A)).containsExactly(ANSWER);
    assertThat(resolve(app, "ns")).isNotNull();
  }

  @Test
  void linksAreNamesForOneContainer() throws Exception {
    network("shop", false);
    Sandbox web = sandbox("shop-web-1", List.of(on("shop", "web")));
    EndpointOptions links = new EndpointOptions(Map.of(), Map.of("Backend", "web"), 0, 0);
    Sandbox app =
        sandbox("app", List.of(EndpointSpec.of("shop", List.of("app")).withOptions(links)));
    Sandbox other = sandbox("other", List.of(on("shop", "other")));
    InetAddress address = InetAddress.ofLiteral(web.endpoints().getFirst().ipv4Address());
    assertThat(resolve(app, "backend")).isEqualTo(address);
    assertThat(resolve(other, "backend")).isNull();
    assertThat(resolve(restart(app, web, other).getFirst(), "backend")).isEqualTo(address);
  }

  @Test
  void theNetworkOfTheDefaultGatewayAnswersFirst() throws Exception {
    network("a", false);
    network("b", false);
    Sandbox both = sandbox("both", List.of(on("a", "db"), on("b", "db")));
    Sandbox app =
        sandbox(
            "app",
            List.of(
                EndpointSpec.of("a", List.of("app")),
                EndpointSpec.of("b", List.of("app")).withGatewayPriority(9)));
    assertThat(resolve(app, "db").getHostAddress())
        .isEqualTo(both.endpoints().getLast().ipv4Address());
    assertThat(resolve(app, "db.a").getHostAddress())
        .isEqualTo(both.endpoints().getFirst().ipv4Address());
    assertThat(askTcp(app, "db", DnsQuery.TYPE_A)).hasSize(1);
  }

  @Test
  void anAdoptedContainerResolvesAtOnceAlsoWhenAProgramTookThePortOfTheNameServer()
      throws Exception {
    network("shop", false);
    Sandbox app = sandbox("app", List.of(on("shop", "app")));
    Sandbox again = restart(app).getFirst();
    assertThat(resolve(again, "app")).isNotNull();
    NetworkNamespace namespace = NetworkNamespace.at(again.netnsPath());
    List<Process> tasks = detach(again);
    try (namespace;
        DatagramSocket udp = inside(namespace, () -> new DatagramSocket(DnsSockets.PORT));
        ServerSocket tcp = inside(namespace, () -> new ServerSocket(DnsSockets.PORT))) {
      assertThat(List.of(udp.isBound(), tcp.isBound())).containsOnly(true);
      stack = NetworkStack.open(config);
      Sandbox third = adopt(tasks, again).getFirst();
      assertThat(resolve(third, "app")).isNotNull();
      assertThat(askTcp(third, "app", DnsQuery.TYPE_A)).hasSize(1);
    }
    Sandbox last = restart((Sandbox) open.getLast()).getFirst();
    assertThat(resolve(last, "app")).isNotNull();
    assertThat(askTcp(last, "app", DnsQuery.TYPE_A)).hasSize(1);
    assertThat(stack.networks().warnings()).isEmpty();
  }

  @Test
  void rulesThatAContainerAddedToTheNameServersAreNotListed() throws Exception {
    network("shop", false);
    Sandbox app = sandbox("app", List.of(on("shop", "app")));
    String own = app.endpoints().getFirst().ipv4Address();
    StringBuilder rules = new StringBuilder("table ip jcompose-dns {\nchain names {\n");
    for (int i = 0; i < MANY_RULES; i++) {
      rules.append("ip daddr 192.0.2.9 counter\n");
    }
    inside(
        app,
        () -> {
          Nft.load(rules.append("}\n}\n").toString());
          assertThat(NftListing.has(2, NftBatch.IP, "jcompose-dns", "names")).isFalse();
          assertThat(NftListing.has(MANY_RULES + 2, NftBatch.IP, "jcompose-dns", "names")).isTrue();
          return true;
        });
    Sandbox again = restart(app).getFirst();
    assertThat(resolve(again, "app").getHostAddress()).isEqualTo(own);
    assertThat(inside(again, () -> NftListing.has(2, NftBatch.IP, "jcompose-dns", "names")))
        .isTrue();
  }

  @Test
  void aContainerOfAnEngineThatAskedTheHostResolvesAgain() throws Exception {
    network("shop", false);
    Sandbox app = sandbox("app", List.of(on("shop", "app")));
    List<Process> tasks = detach(app);
    assertThat(
            sh(
                "nsenter -n -t "
                    + tasks.getFirst().pid()
                    + " nft 'delete table ip jcompose-dns; table ip jcompose-dns { chain output {"
                    + " type nat hook output priority -100;"
                    + " ip daddr 127.0.0.11 udp dport 53 dnat to 10.201.0.1:10053; }; }'"))
        .isEmpty();
    stack = NetworkStack.open(config);
    assertThat(resolve(adopt(tasks, app).getFirst(), "app")).isNotNull();
  }

  @Test
  void aFloodOfOneContainerLeavesOthersTheirAnswers() throws Exception {
    network("flooding", false);
    network("shop", false);
    Sandbox bad = asking("bad", List.of(on("flooding", "bad")), "10.201.0.200");
    Sandbox server = sandbox("ns", List.of(on("shop", "ns")));
    nameServer(server);
    Sandbox good =
        asking("good", List.of(on("shop", "g")), server.endpoints().getFirst().ipv4Address());
    assertThat(bad.endpoints().getFirst().ipv4Address()).startsWith("10.201.0.");
    byte[] question = DnsClient.query("dead.test", DnsQuery.TYPE_A);
    try (DatagramSocket flood = inside(bad, () -> new DatagramSocket())) {
      InetAddress names = InetAddress.ofLiteral("127.0.0.11");
      for (int i = 0; i < 20; i++) {
        for (int j = 0; j < 200; j++) {
          flood.send(new DatagramPacket(question, question.length, names, 53));
        }
        assertThat(ask(good, "outside.test", DnsQuery.TYPE_A)).containsExactly(ANSWER);
        assertThat(askTcp(good, "outside.test", DnsQuery.TYPE_A)).containsExactly(ANSWER);
        assertThat(resolve(good, "ns")).isNotNull();
      }
    }
  }

  @Test
  void aTcpClientThatSendsHalfAQuestionHoldsNobodyUp() throws Exception {
    network("shop", false);
    Sandbox bad = sandbox("bad", List.of(on("shop", "bad")));
    Sandbox good = sandbox("good", List.of(on("shop", "good")));
    List<Socket> half = new ArrayList<>();
    try {
      inside(
          bad,
          () -> {
            for (int i = 0; i < 300; i++) {
              Socket socket = new Socket("127.0.0.11", 53);
              half.add(socket);
              socket.getOutputStream().write(0);
            }
            return true;
          });
      assertThat(askTcp(good, "bad", DnsQuery.TYPE_A)).hasSize(1);
      half.getFirst().setSoTimeout(30_000);
      assertThat(half.getFirst().getInputStream().read()).as("cut off").isEqualTo(-1);
    } finally {
      for (Socket each : half) {
        each.close();
      }
    }
  }

  @Test
  void aContainerMayServeNamesOnAllItsAddresses() throws Exception {
    network("shop", false);
    Sandbox server = sandbox("ns", List.of(on("shop", "ns")));
    nameServer(server);
    assertThat(resolve(server, "ns")).isNotEqualTo(ANSWER).isNotNull();
  }

  @Test
  void aTakenPortOfTheHostIsTriedUntilItIsFree() throws Exception {
    network("shop", false);
    Sandbox web = sandbox("web", List.of(on("shop", "web")), port("", 18080, 80, "tcp"));
    serve(web, 80, "hello");
    List<Process> tasks = detach(web);
    try (ServerSocket thief = new ServerSocket(18080)) {
      assertThat(thief.isBound()).isTrue();
      stack = NetworkStack.open(config);
      adopt(tasks, web);
      assertThat(stack.networks().warnings())
          .singleElement()
          .asString()
          .contains("port 18080/tcp of web is not reached by [::1]")
          .contains("address already in use (by java, pid");
      assertThat(fetch(null, "127.0.0.1", 18080)).isEqualTo("hello");
    }
    await("the port to be held", () -> stack.networks().warnings().isEmpty());
    assertThat(fetch(null, "::1", 18080)).isEqualTo("hello");
  }

  /** Answers every question with {@link #ANSWER}, by UDP and TCP. */
  private void nameServer(Sandbox sandbox) throws Exception {
    DatagramSocket udp = inside(sandbox, () -> new DatagramSocket(53));
    ServerSocket tcp = inside(sandbox, () -> new ServerSocket(53));
    open.add(udp);
    open.add(tcp);
    Thread.startVirtualThread(() -> answerUdp(udp));
    Thread.startVirtualThread(() -> answerTcp(tcp));
  }

  private void answerUdp(DatagramSocket socket) {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        socket.receive(packet);
        asked = packet.getAddress().getHostAddress();
        byte[] answer = answer(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      }
    } catch (IOException e) {
      return;
    }
  }

  private static void answerTcp(ServerSocket server) {
    while (true) {
      try (Socket client = server.accept()) {
        DataInputStream in = new DataInputStream(client.getInputStream());
        byte[] query = new byte[in.readUnsignedShort()];
        in.readFully(query);
        byte[] answer = answer(ByteBuffer.wrap(query));
        DataOutputStream out = new DataOutputStream(client.getOutputStream());
        out.writeShort(answer.length);
        out.write(answer);
      } catch (IOException e) {
        return;
      }
    }
  }

  private static byte[] answer(ByteBuffer query) {
    return DnsQuery.parse(query).orElseThrow().addresses(List.of(ANSWER.getAddress()), 512);
  }
}
