package io.jcompose.network.port;

import static io.jcompose.network.TestNamespaces.inside;
import static io.jcompose.network.TestNamespaces.lan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.NetworkLab;
import io.jcompose.network.NetworkStack;
import io.jcompose.network.Sandbox;
import io.jcompose.network.nft.Nft;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Flows that outlive what they began with: peers that send from one port without a pause. */
class UdpPeersIT extends NetworkLab {
  private static final String OTHERS =
      "table inet others { chain forward { type filter hook forward priority 0;"
          + " ct state established accept; }; }";

  private final Queue<String> peers = new ConcurrentLinkedQueue<>();

  @Test
  void whoSentBeforeTheContainerWasThereIsKnownByItsAddress() throws Exception {
    network("shop", false);
    try (NetworkNamespace lan = lan();
        DatagramSocket peer = inside(lan, () -> new DatagramSocket(5000))) {
      for (int round = 0; round < 2; round++) {
        send(peer);
        Sandbox web = sandbox("web", List.of(on("shop", "web")), port("", 18053, 53, "udp"));
        listen(web);
        assertThat(firstPeer(peer)).isEqualTo("192.0.2.2");
        web.close();
        open.remove(web);
      }
      Sandbox web = sandbox("web", List.of(on("shop", "web")), port("", 18053, 53, "udp"));
      listen(web);
      List<Process> tasks = detach(web);
      sh("nft flush ruleset");
      send(peer);
      stack = NetworkStack.open(config);
      adopt(tasks, web);
      assertThat(firstPeer(peer)).isEqualTo("192.0.2.2");
    } finally {
      sh("ip link del lan0");
    }
  }

  @Test
  void whoSentWhileTheRulesWereMissingLeavesByTheHostsAddress() throws Exception {
    network("shop", false);
    try (NetworkNamespace lan = lan();
        DatagramSocket server = inside(lan, () -> new DatagramSocket(6000))) {
      Sandbox app = sandbox("app", List.of(on("shop", "app")));
      String address = app.endpoints().getFirst().ipv4Address();
      record(server);
      DatagramSocket own = inside(app, () -> new DatagramSocket(5000));
      open.add(own);
      List<Process> tasks = detach(app);
      // as where another firewall is loaded, which looks at connections
      assertThat(sh("nft 'flush ruleset; " + OTHERS + "'")).isEmpty();
      await("a packet by its own address", () -> sendOut(own) && peers.contains(address));
      stack = NetworkStack.open(config);
      adopt(tasks, app);
      await("one by the host's", () -> sendOut(own) && peers.contains("192.0.2.1"));
    } finally {
      sh("nft delete table inet others");
      sh("ip link del lan0");
    }
  }

  /** A client that is gone without a word may be somebody who comes again by the same ports. */
  @Test
  void aConnectionThatNobodyClosedLeadsToNoOtherContainer() throws Exception {
    network("shop", false);
    try (NetworkNamespace lan = lan()) {
      Sandbox web =
          stack.open(request("web", List.of(on("shop", "web")), port("", 18080, 80, "tcp")));
      open.add(web);
      ServerSocket listening = inside(web, () -> new ServerSocket(80));
      open.add(listening);
      inside(
          lan,
          () -> {
            try (Socket client = from(4000)) {
              client.connect(new InetSocketAddress("192.0.2.1", 18080), 20_000);
              Nft.load(
                  "table ip quiet { chain out { type filter hook output priority 0;"
                      + " tcp flags & (fin | rst) != 0 drop; }; }");
              client.setSoLinger(true, 0);
            }
            return true;
          });
      listening.close();
      web.close();
      Sandbox other = sandbox("other", List.of(on("shop", "other")));
      assertThat(other.endpoints().getFirst().ipv4Address())
          .isEqualTo(web.endpoints().getFirst().ipv4Address());
      serve(other, 80, "secret");
      assertThatThrownBy(
              () ->
                  inside(
                      lan,
                      () -> {
                        try (Socket client = from(4000)) {
                          client.connect(new InetSocketAddress("192.0.2.1", 18080), 3000);
                          client.setSoTimeout(3000);
                          return client.getInputStream().readAllBytes();
                        }
                      }))
          .isInstanceOf(IOException.class);
    } finally {
      sh("ip link del lan0");
    }
  }

  private static Socket from(int port) throws IOException {
    Socket socket = new Socket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress("192.0.2.2", port));
    return socket;
  }

  private static boolean sendOut(DatagramSocket own) {
    try {
      own.send(new DatagramPacket(new byte[1], 1, InetAddress.ofLiteral("192.0.2.2"), 6000));
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String firstPeer(DatagramSocket peer) {
    peers.clear();
    await(
        "a datagram",
        () -> {
          send(peer);
          return !peers.isEmpty();
        });
    return peers.element();
  }

  private static void send(DatagramSocket peer) {
    try {
      peer.send(new DatagramPacket(new byte[1], 1, InetAddress.ofLiteral("192.0.2.1"), 18053));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void listen(Sandbox sandbox) throws Exception {
    DatagramSocket socket = inside(sandbox, () -> new DatagramSocket(53));
    open.add(socket);
    record(socket);
  }

  private void record(DatagramSocket socket) {
    Thread.startVirtualThread(
        () -> {
          try {
            while (true) {
              DatagramPacket packet = new DatagramPacket(new byte[10], 10);
              socket.receive(packet);
              peers.add(packet.getAddress().getHostAddress());
            }
          } catch (IOException e) {
            return;
          }
        });
  }
}
