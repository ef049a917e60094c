package io.jcompose.network;

import static io.jcompose.network.TestNamespaces.inside;
import static io.jcompose.network.TestNamespaces.process;
import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Ids;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import io.jcompose.linux.netlink.NetworkNamespace;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A test host with a network stack, and ways to act in sandboxes. Nothing may be left after a test.
 */
public abstract class NetworkLab {
  public static final Path IP_FORWARD = Path.of("/proc/sys/net/ipv4/ip_forward");
  public static final Path IP6_FORWARD = Path.of("/proc/sys/net/ipv6/conf/all/forwarding");

  private static final int PATIENT_MILLIS = 20_000;
  private static final int SHORT_MILLIS = 1000;

  public @TempDir Path state;

  public final List<AutoCloseable> open = new ArrayList<>();

  /** Who last asked a server of {@link #serve}. */
  public volatile String lastPeer = "";

  public NetworkConfig config;
  public NetworkStack stack;

  /** What the tests do to links, firewall and forwarding is not for a machine that anybody uses. */
  @BeforeAll
  static void onlyInATestHost() {
    assertThat(sh("ip -o link").lines()).as("interfaces of a test host").hasSize(1);
  }

  @BeforeEach
  public void start() throws Exception {
    // as on hosts that were routers before; others have a guard
    Files.writeString(IP_FORWARD, "1");
    Files.writeString(IP6_FORWARD, "1");
    Path resolv = Files.writeString(state.resolve("resolv.conf"), "search example.test\n");
    config =
        new NetworkConfig(
            state.resolve("networks"),
            "it",
            AddressPool.DEFAULTS,
            List.of("0.0.0.0", "::"),
            resolv,
            Path.of("/etc/hosts"),
            false,
            Map.of());
    stack = NetworkStack.open(config);
  }

  @AfterEach
  public void nothingIsLeft() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    stack.networks().list(Map.of()).forEach(network -> stack.networks().remove(network.id()));
    stack.close();
    await("links to go", () -> sh("ip -o link").lines().count() == 1);
    assertThat(sh("ss -Hltn")).isEmpty();
    assertThat(sh("nft list tables")).doesNotContain("jcompose_it");
  }

  public void network(String name, boolean internal) {
    stack
        .networks()
        .create(
            NetworkSpec.of(name).with().internal(internal).labels(Map.of("test", "it")).build());
  }

  public String network(String name, boolean ipv6, Map<String, String> options, Pool... pools) {
    return stack
        .networks()
        .create(
            NetworkSpec.of(name)
                .with()
                .options(options)
                .ipv6(ipv6)
                .pools(List.of(pools))
                .labels(Map.of("test", "it"))
                .build());
  }

  public static EndpointSpec on(String network, String alias) {
    return EndpointSpec.of(network, List.of(alias));
  }

  public static EndpointSpec at(String network, String address) {
    return EndpointSpec.of(network, List.of()).withIpv4Address(address);
  }

  public static PortSpec port(String hostIp, int hostPort, int containerPort, String protocol) {
    return new PortSpec(hostIp, hostPort, hostPort, containerPort, protocol);
  }

  public Sandbox sandbox(String name, List<EndpointSpec> endpoints, PortSpec... ports) {
    return open(request(name, endpoints, ports));
  }

  public Sandbox open(SandboxRequest request) {
    Sandbox sandbox = stack.open(request);
    open.add(sandbox);
    return sandbox;
  }

  /** A container with name servers of its own. */
  public Sandbox asking(String name, List<EndpointSpec> endpoints, String... servers) {
    return open(
        new SandboxRequest(
            Ids.next(),
            name,
            List.of(),
            "",
            "",
            null,
            Networking.NONE
                .with()
                .mode("networks")
                .endpoints(endpoints)
                .dns(List.of(servers))
                .build()));
  }

  /** Ends the engine and starts it again; gives what it adopted, in the same order. */
  public List<Sandbox> restart(Sandbox... all) throws Exception {
    List<Process> tasks = detach(all);
    stack = NetworkStack.open(config);
    return adopt(tasks, all);
  }

  /** Ends the engine and leaves a process in each sandbox. */
  public List<Process> detach(Sandbox... all) throws Exception {
    List<Process> tasks = new ArrayList<>();
    for (Sandbox each : all) {
      Process task = process(each);
      tasks.add(task);
      open.addFirst(() -> task.destroyForcibly().waitFor());
    }
    stack.close();
    open.removeAll(List.of(all));
    return tasks;
  }

  /** A task's, for a stack that takes it over. */
  public static Path namespace(Process task) {
    return Path.of("/proc/" + task.pid() + "/ns/net");
  }

  public List<Sandbox> adopt(List<Process> tasks, Sandbox... all) {
    List<Sandbox> adopted = new ArrayList<>();
    for (int i = 0; i < all.length; i++) {
      adopted.add(stack.adopt(all[i].record(), namespace(tasks.get(i))));
    }
    stack.finishAdoption();
    open.addAll(adopted);
    return adopted;
  }

  public static SandboxRequest request(
      String name, List<EndpointSpec> endpoints, PortSpec... ports) {
    return new SandboxRequest(
        Ids.next(),
        name,
        List.of(),
        "",
        "",
        null,
        Networking.NONE.with().mode("networks").endpoints(endpoints).ports(List.of(ports)).build());
  }

  public void serve(Sandbox sandbox, int port, String text) throws Exception {
    serve(inside(sandbox, () -> new ServerSocket(port)), text);
  }

  public void serve(NetworkNamespace namespace, int port, String text) throws Exception {
    serve(inside(namespace, () -> new ServerSocket(port)), text);
  }

  private void serve(ServerSocket server, String text) {
    open.add(server);
    Thread.startVirtualThread(
        () -> {
          while (!server.isClosed()) {
            try (Socket client = server.accept()) {
              lastPeer = client.getInetAddress().getHostAddress();
              client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
              return;
            }
          }
        });
  }

  public static void echo(DatagramSocket socket) {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        socket.receive(packet);
        socket.send(packet);
      }
    } catch (IOException e) {
      return;
    }
  }

  /** What a server of {@link #serve} says; a machine under load may need seconds to connect. */
  public static String fetch(@Nullable Sandbox from, String host, int port) throws Exception {
    return from == null
        ? fetch(host, port, PATIENT_MILLIS)
        : inside(from, () -> fetch(host, port, PATIENT_MILLIS));
  }

  public static String fetchIn(NetworkNamespace from, String host, int port) throws Exception {
    return inside(from, () -> fetch(host, port, PATIENT_MILLIS));
  }

  /** For what shall not be reached. */
  public static String tryFetch(Sandbox from, String host, int port) throws Exception {
    return inside(from, () -> fetch(host, port, SHORT_MILLIS));
  }

  public static String tryFetchIn(NetworkNamespace from, String host, int port) throws Exception {
    return inside(from, () -> fetch(host, port, SHORT_MILLIS));
  }

  private static String fetch(String host, int port, int connectMillis) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral(host), port), connectMillis);
      socket.setSoTimeout(PATIENT_MILLIS);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Sends a packet until an answer comes: a link that just came up may lose one. */
  public static ByteBuffer exchange(InetAddress host, int port, byte[] data) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(SHORT_MILLIS);
      DatagramPacket answer = new DatagramPacket(new byte[512], 512);
      for (int tries = 1; true; tries++) {
        socket.send(new DatagramPacket(data, data.length, host, port));
        try {
          socket.receive(answer);
          return ByteBuffer.wrap(answer.getData(), 0, answer.getLength());
        } catch (SocketTimeoutException e) {
          if (tries * SHORT_MILLIS > PATIENT_MILLIS) {
            throw e;
          }
        }
      }
    }
  }

  public static String sh(String command) {
    try {
      Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return output;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public static void await(String what, BooleanSupplier condition) {
    await(what, Duration.ofSeconds(30), condition);
  }

  public static void await(String what, Duration limit, BooleanSupplier condition) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(end);
      Thread.onSpinWait();
    }
  }
}
