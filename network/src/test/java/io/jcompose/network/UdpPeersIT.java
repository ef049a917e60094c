package io.jcompose.network;

import static io.jcompose.network.TestNamespaces.inside;
import static io.jcompose.network.TestNamespaces.lan;
import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.linux.NetworkNamespace;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** Peers that send from one port without a pause: WireGuard, SIP, syslog. */
class UdpPeersIT extends NetworkLab {
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
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void listen(Sandbox sandbox) throws Exception {
    DatagramSocket socket = inside(sandbox, () -> new DatagramSocket(53));
    open.add(socket);
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
