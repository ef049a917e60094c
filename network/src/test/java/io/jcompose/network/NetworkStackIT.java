package io.jcompose.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.EndpointSpec;
import io.jcompose.core.ContainerSpec.Networking;
import io.jcompose.core.ContainerSpec.PortSpec;
import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import io.jcompose.linux.NetworkNamespace;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkStackIT {
  @TempDir Path state;

  private final List<AutoCloseable> open = new ArrayList<>();
  private NetworkConfig config;
  private NetworkStack stack;

  @BeforeEach
  void start() throws Exception {
    Path resolv = Files.writeString(state.resolve("resolv.conf"), "search example.test\n");
    config =
        new NetworkConfig(
            state.resolve("networks"),
            "it",
            AddressPool.DEFAULTS,
            List.of("0.0.0.0", "::"),
            resolv,
            Path.of("/etc/hosts"));
    stack = NetworkStack.open(config);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    stack.networks().list(Map.of()).forEach(network -> stack.networks().remove(network.id()));
    stack.close();
    await("links to go", () -> sh("ip -o link").lines().count() == 1);
    assertThat(sh("ss -Hltn")).isEmpty();
    assertThat(sh("nft list tables")).doesNotContain("jcompose_it");
  }

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
    assertThatThrownBy(() -> fetch(two, address, 80)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> fetch(three, address, 80)).isInstanceOf(IOException.class);
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
      assertThatThrownBy(() -> fetchIn(lan, web.endpoints().getFirst().ipv4Address(), 80))
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
  void udpPortsAreReached() throws Exception {
    network("shop", false);
    Sandbox dns = sandbox("dns", List.of(on("shop", "dns")), port("", 18053, 53, "udp"));
    DatagramSocket socket =
        inside(dns, () -> new DatagramSocket(new InetSocketAddress("0.0.0.0", 53)));
    open.add(socket);
    Thread.startVirtualThread(() -> echo(socket));
    for (String host : List.of("127.0.0.1", "::1", "10.201.0.1")) {
      try (DatagramSocket client = new DatagramSocket()) {
        client.setSoTimeout(3000);
        byte[] data = host.getBytes(StandardCharsets.UTF_8);
        client.send(new DatagramPacket(data, data.length, InetAddress.ofLiteral(host), 18053));
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        client.receive(answer);
        assertThat(new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8))
            .isEqualTo(host);
      }
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
    stack =
        NetworkStack.open(
            new NetworkConfig(
                config.stateDir(),
                "it",
                config.addressPools(),
                List.of("0.0.0.0"),
                config.resolvConf(),
                config.hosts()));
    Sandbox adopted = stack.adopt(web.record(), task.pid());
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
            new NetworkSpec(
                "fixed",
                "",
                Map.of(),
                false,
                false,
                false,
                List.of(new Pool("10.77.0.0/24", "", "", Map.of())),
                Map.of()));
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
  void noNetworkIsOnlyLoopback() throws Exception {
    Sandbox none = open(new SandboxRequest(Ids.next(), "none", List.of(), "", "", Networking.NONE));
    assertThat(inside(none, () -> Files.readString(Path.of("/proc/thread-self/net/dev"))))
        .contains("lo:")
        .doesNotContain("eth");
  }

  @Test
  void fiftyContainersAtOnce() throws Exception {
    network("many", false);
    for (int round = 0; round < 3; round++) {
      long begin = System.nanoTime();
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
      long opened = System.nanoTime();
      List<FutureTask<Void>> closing =
          all.stream().map(each -> new FutureTask<Void>(each::close, null)).toList();
      closing.forEach(Thread::startVirtualThread);
      for (FutureTask<Void> task : closing) {
        task.get();
      }
      long closed = System.nanoTime();
      System.out.printf(
          "50 sandboxes: open %.1f ms, close %.1f ms%n",
          (opened - begin) / 1e6, (closed - opened) / 1e6);
      assertThat(all.stream().map(each -> each.endpoints().getFirst().ipv4Address()).distinct())
          .hasSize(50);
    }
    long begin = System.nanoTime();
    stack.networks().remove("many");
    long removed = System.nanoTime();
    network("other", false);
    System.out.printf(
        "network: remove %.1f ms, create %.1f ms%n",
        (removed - begin) / 1e6, (System.nanoTime() - removed) / 1e6);
  }

  private void network(String name, boolean internal) {
    stack
        .networks()
        .create(
            new NetworkSpec(
                name, "", Map.of(), internal, false, false, List.of(), Map.of("test", "it")));
  }

  private static EndpointSpec on(String network, String alias) {
    return EndpointSpec.of(network, List.of(alias));
  }

  private static EndpointSpec at(String network, String address) {
    return new EndpointSpec(network, List.of(), address, "", "", "", 0);
  }

  private static PortSpec port(String hostIp, int hostPort, int containerPort, String protocol) {
    return new PortSpec(hostIp, hostPort, hostPort, containerPort, protocol);
  }

  private Sandbox sandbox(String name, List<EndpointSpec> endpoints, PortSpec... ports) {
    return open(request(name, endpoints, ports));
  }

  private Sandbox open(SandboxRequest request) {
    Sandbox sandbox = stack.open(request);
    open.add(sandbox);
    return sandbox;
  }

  private static SandboxRequest request(
      String name, List<EndpointSpec> endpoints, PortSpec... ports) {
    return new SandboxRequest(
        Ids.next(),
        name,
        List.of(),
        "",
        "",
        new Networking(
            "networks", endpoints, List.of(ports), List.of(), List.of(), List.of(), List.of()));
  }

  /** A process in the sandbox, as a task's. */
  private static Process process(Sandbox sandbox) throws Exception {
    Process process =
        new ProcessBuilder("nsenter", "--net=" + sandbox.netnsPath(), "sleep", "60").start();
    String target = Files.readSymbolicLink(Path.of(sandbox.netnsPath())).toString();
    await(
        "a process in the namespace",
        () -> {
          try {
            return Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/ns/net"))
                .toString()
                .equals(target);
          } catch (IOException e) {
            return false;
          }
        });
    return process;
  }

  private void serve(Sandbox sandbox, int port, String text) throws Exception {
    ServerSocket server = inside(sandbox, () -> new ServerSocket(port));
    open.add(server);
    Thread.startVirtualThread(
        () -> {
          while (!server.isClosed()) {
            try (Socket client = server.accept()) {
              client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
              return;
            }
          }
        });
  }

  private static void echo(DatagramSocket socket) {
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

  private static String fetch(Sandbox from, String host, int port) throws Exception {
    return from == null ? fetch(host, port) : inside(from, () -> fetch(host, port));
  }

  private static String fetchIn(NetworkNamespace from, String host, int port) throws Exception {
    return inside(from, () -> fetch(host, port));
  }

  private static String fetch(String host, int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral(host), port), 1000);
      socket.setSoTimeout(3000);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Asks 127.0.0.11 inside the sandbox, by UDP; null when there is no address. */
  private static InetAddress resolve(Sandbox sandbox, String name) throws Exception {
    return inside(
        sandbox,
        () -> {
          ByteBuffer query = ByteBuffer.allocate(512);
          query
              .putShort((short) 7)
              .putShort((short) 0x100)
              .putShort((short) 1)
              .putShort((short) 0)
              .putInt(0);
          for (String label : name.split("\\.")) {
            query.put((byte) label.length()).put(label.getBytes(StandardCharsets.UTF_8));
          }
          query.put((byte) 0).putShort((short) 1).putShort((short) 1);
          try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(3000);
            InetAddress server = InetAddress.ofLiteral("127.0.0.11");
            socket.send(new DatagramPacket(query.array(), query.position(), server, 53));
            DatagramPacket answer = new DatagramPacket(new byte[512], 512);
            socket.receive(answer);
            ByteBuffer in = ByteBuffer.wrap(answer.getData(), 0, answer.getLength());
            if (in.getShort(6) == 0) {
              return null;
            }
            byte[] address = new byte[4];
            in.get(query.position() + 12, address);
            return InetAddress.getByAddress(address);
          }
        });
  }

  private static <T> T inside(Sandbox sandbox, Callable<T> work) throws Exception {
    try (NetworkNamespace namespace = NetworkNamespace.at(sandbox.netnsPath())) {
      return inside(namespace, work);
    }
  }

  private static <T> T inside(NetworkNamespace namespace, Callable<T> work) throws Exception {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              try (NetworkNamespace home = NetworkNamespace.current()) {
                return namespace.call(
                    home,
                    () -> {
                      try {
                        return work.call();
                      } catch (Exception e) {
                        throw new CompletionFailure(e);
                      }
                    });
              }
            });
    Thread.ofPlatform().start(task);
    try {
      return task.get();
    } catch (java.util.concurrent.ExecutionException e) {
      throw e.getCause() instanceof CompletionFailure failure ? (Exception) failure.getCause() : e;
    }
  }

  /** A namespace behind an interface of the host, with a default route to it. */
  private static NetworkNamespace lan() throws Exception {
    Process holder = new ProcessBuilder("unshare", "-n", "sleep", "60").start();
    String own = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    await(
        "a LAN",
        () -> {
          try {
            return !Files.readSymbolicLink(Path.of("/proc/" + holder.pid() + "/ns/net"))
                .toString()
                .equals(own);
          } catch (IOException e) {
            return false;
          }
        });
    NetworkNamespace lan = NetworkNamespace.ofProcess(holder.pid());
    sh(
        "ip link add lan0 type veth peer name eth0 netns "
            + holder.pid()
            + " && ip addr add 192.0.2.1/24 dev lan0 && ip link set lan0 up && nsenter -n -t "
            + holder.pid()
            + " sh -c 'ip addr add 192.0.2.2/24 dev eth0; ip link set eth0 up; ip route add default via 192.0.2.1'");
    holder.destroyForcibly().waitFor();
    return lan;
  }

  private static String sh(String command) {
    try {
      Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return output;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private static final class CompletionFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CompletionFailure(Exception cause) {
      super(cause);
    }
  }
}
