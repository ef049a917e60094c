package io.jcompose.network.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.network.NetworkLab;
import io.jcompose.network.notice.Notices;
import io.jcompose.network.port.PortSocket.Destination;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RelaysTest {
  private static final InetAddress LOCAL = InetAddress.ofLiteral("127.0.0.1");
  private static final int PATIENT_MILLIS = 30_000;

  private final Notices notices = new Notices();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  @Test
  void carriesBothWaysAndTheEndOfEachSide() throws Exception {
    Relays relays = relays(100, 1024 * 1024);
    ServerSocket server = server();
    byte[] data = new byte[3_000_000];
    new Random(1).nextBytes(data);
    try (Socket client = connect(port(relays, "tcp", server, "web"));
        Socket target = server.accept()) {
      Thread sender = Thread.startVirtualThread(() -> send(client, data));
      // all of it comes back only after it has ended: more than any socket holds meanwhile
      byte[] received = target.getInputStream().readAllBytes();
      sender.join();
      Thread answer = Thread.startVirtualThread(() -> send(target, received));
      assertThat(Arrays.equals(client.getInputStream().readAllBytes(), data)).isTrue();
      answer.join();
    }
    NetworkLab.await("everything to be given back", () -> used(relays) == 0);
  }

  @Test
  void whoDoesNotReadKeepsNoMoreThanItsShareAndHoldsUpNobodyElse() throws Exception {
    Relays relays = relays(1000, 128 * 1024);
    ServerSocket server = server();
    int port = port(relays, "tcp", server, "greedy");
    for (int i = 0; i < 20; i++) {
      Socket client = connect(port);
      Socket target = server.accept();
      open.add(client);
      open.add(target);
      byte[] data = new byte[64 * 1024];
      Thread.startVirtualThread(
          () -> {
            // until the relay takes no more; nobody reads
            while (!target.isClosed() && send(target, data, false)) {
              Thread.onSpinWait();
            }
          });
    }
    NetworkLab.await("the share to be used up", () -> relays.shared.bytes.used() > 32 * 1024);
    assertThat(relays.shared.bytes.used()).isLessThanOrEqualTo(64 * 1024);
    ServerSocket other = server();
    try (Socket client = connect(port(relays, "tcp", other, "modest"));
        Socket target = other.accept()) {
      Thread.startVirtualThread(() -> send(target, new byte[3_000_000]));
      assertThat(client.getInputStream().readAllBytes()).hasSize(3_000_000);
    }
    NetworkLab.await("only the share to be kept", () -> relays.shared.bytes.used() <= 64 * 1024);
  }

  @Test
  void idleConnectionsToOnePortLeaveRoomForAnother() throws Exception {
    Relays relays = relays(64, 1024 * 1024);
    ServerSocket server = server();
    int port = port(relays, "tcp", server, "attacked");
    for (int i = 0; i < 40; i++) {
      open.add(connect(port));
    }
    NetworkLab.await("the share to be used up", () -> relays.shared.descriptors.used() == 32);
    Socket last = (Socket) open.getLast();
    assertThat(last.getInputStream().read()).isEqualTo(-1);
    ServerSocket other = server();
    try (Socket client = connect(port(relays, "tcp", other, "other"));
        Socket target = other.accept()) {
      send(target, new byte[] {1, 2});
      assertThat(client.getInputStream().readAllBytes()).containsExactly(1, 2);
    }
    assertThat(relays.shared.descriptors.used()).isLessThanOrEqualTo(34);
  }

  @Test
  void carriesLongPacketsOverIpv6() throws Exception {
    Relays relays = relays(100, 1024);
    DatagramSocket target = echo();
    Destination to = new Destination((InetSocketAddress) target.getLocalSocketAddress(), "web");
    PortSocket port = PortSocket.open(relays, List.of("::1"), 0, "udp", to);
    open.add(port);
    try (DatagramSocket client = new DatagramSocket()) {
      client.setSoTimeout(PATIENT_MILLIS);
      byte[] data = new byte[40_000];
      new Random(2).nextBytes(data);
      InetAddress host = InetAddress.ofLiteral("::1");
      client.send(new DatagramPacket(data, data.length, host, port.port()));
      DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
      client.receive(answer);
      assertThat(Arrays.copyOf(answer.getData(), answer.getLength())).isEqualTo(data);
    }
  }

  @Test
  void aNewPacketClientTakesThePlaceOfTheLongestSilent() throws Exception {
    Relays relays = relays(8, 1024);
    DatagramSocket target = echo();
    Destination to = new Destination((InetSocketAddress) target.getLocalSocketAddress(), "web");
    PortSocket port = PortSocket.open(relays, List.of("127.0.0.1"), 0, "udp", to);
    open.add(port);
    for (int i = 0; i < 20; i++) {
      ByteBuffer answer = NetworkLab.exchange(LOCAL, port.port(), new byte[] {(byte) i});
      assertThat(answer.get(0)).isEqualTo((byte) i);
    }
    assertThat(relays.shared.descriptors.used()).isEqualTo(4);
  }

  @Test
  void aLargeRangeOfPacketPortsCostsLittle() throws Exception {
    Relays relays = relays(100, 1024);
    Destination to = new Destination(new InetSocketAddress(LOCAL, 9), "turn");
    long before = heap();
    List<PortSocket> ports = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      ports.add(PortSocket.open(relays, List.of("127.0.0.1"), 0, "udp", to));
    }
    assertThat(heap() - before).isLessThan(2000 * 4096);
    ports.forEach(PortSocket::close);
    List<Integer> numbers = ports.stream().map(PortSocket::port).toList();
    for (int number : numbers) {
      new DatagramSocket(number, LOCAL).close();
    }
  }

  /** As when the process has as many descriptors as it may. */
  @Test
  void acceptsAgainWhenDescriptorsAreThereAgain() throws Exception {
    Relays relays = relays(100, 1024);
    ServerSocket server = server();
    int port = port(relays, "tcp", server, "web");
    connect(port).close();
    server.accept().close();
    // nothing can be loaded while there are no descriptors
    NetworkLab.await("loading", () -> true);
    notices.raise("warm", "up");
    notices.clear("warm");
    relays.shared.loop.execute(() -> relays.shared.loop.after(1, () -> {}));
    try (SocketChannel client = SocketChannel.open()) {
      Process limit = withoutDescriptors();
      client.connect(new InetSocketAddress(LOCAL, port));
      try {
        NetworkLab.await("accept to fail", () -> !notices.texts().isEmpty());
      } finally {
        limit.getOutputStream().write('\n');
        limit.getOutputStream().flush();
        limit.waitFor();
      }
      assertThat(server.accept().isConnected()).isTrue();
      assertThat(notices.texts()).isEmpty();
    }
  }

  private static Process withoutDescriptors() throws IOException {
    String pid = Long.toString(ProcessHandle.current().pid());
    String script =
        "set -e; old=$(prlimit --pid $0 --nofile -o SOFT --noheadings); hard=$(prlimit --pid $0"
            + " --nofile -o HARD --noheadings);"
            + " prlimit --pid $0 --nofile=3:$hard; echo low; read line || true;"
            + " prlimit --pid $0 --nofile=$(echo $old):$(echo $hard)";
    script = script.replace("--nofile=3:$hard", "--nofile=3:$(echo $hard)");
    Process process = new ProcessBuilder("sh", "-c", script, pid).redirectErrorStream(true).start();
    byte[] said = process.getInputStream().readNBytes(4);
    assertThat(new String(said, StandardCharsets.UTF_8)).isEqualTo("low\n");
    return process;
  }

  private Relays relays(long descriptors, long bytes) {
    Relays relays = new Relays(notices, any -> false, descriptors, bytes);
    open.add(relays);
    return relays;
  }

  private int port(Relays relays, String protocol, ServerSocket server, String owner)
      throws IOException {
    Destination to = new Destination((InetSocketAddress) server.getLocalSocketAddress(), owner);
    PortSocket port = PortSocket.open(relays, List.of("127.0.0.1"), 0, protocol, to);
    open.add(port);
    return port.port();
  }

  private ServerSocket server() throws IOException {
    ServerSocket server = new ServerSocket(0, 100, LOCAL);
    server.setSoTimeout(PATIENT_MILLIS);
    open.add(server);
    return server;
  }

  private DatagramSocket echo() throws IOException {
    DatagramSocket socket = new DatagramSocket(0, LOCAL);
    open.add(socket);
    Thread.startVirtualThread(
        () -> {
          DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
          try {
            while (true) {
              packet.setLength(65_535);
              socket.receive(packet);
              socket.send(packet);
            }
          } catch (IOException e) {
            return;
          }
        });
    return socket;
  }

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket(LOCAL, port);
    socket.setSoTimeout(PATIENT_MILLIS);
    return socket;
  }

  private static void send(Socket socket, byte[] data) {
    send(socket, data, true);
  }

  private static boolean send(Socket socket, byte[] data, boolean end) {
    try {
      socket.getOutputStream().write(data);
      if (end) {
        socket.shutdownOutput();
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static long used(Relays relays) {
    return relays.shared.bytes.used() + relays.shared.descriptors.used();
  }

  private static long heap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
