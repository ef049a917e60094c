package io.jcompose.api.docker;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.EngineInfo;
import io.jcompose.api.host.Pruning;
import io.jcompose.api.host.SystemCommands;
import io.jcompose.api.http.ServerSocketFront;
import io.jcompose.api.log.EventLog;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.Activity;
import io.jcompose.core.ContainerDetails;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Contents;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import io.jcompose.core.Images;
import io.jcompose.core.Networks;
import io.jcompose.core.Volumes;
import io.jcompose.core.build.Builds;
import io.jcompose.core.sync.FairShare;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Docker's API on a socket over an engine that has what a test puts into it. A port's method
 * without an answer of the test's gives nothing: null, an empty list or Optional. Closing it ends
 * the socket.
 */
final class DockerFakes implements AutoCloseable {
  static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  final List<ContainerView> containers = new CopyOnWriteArrayList<>();
  final List<Images.ImageView> images = new ArrayList<>();
  final Map<String, Images.ImageDetails> details = new LinkedHashMap<>();
  final List<Networks.NetworkView> networks = new ArrayList<>();
  final List<Volumes.VolumeView> volumes = new ArrayList<>();

  /** What was asked of ports beside lists: {@code stop web 3}. */
  final List<String> asked = new CopyOnWriteArrayList<>();

  /** Answers of a test by the method's name. */
  final Map<String, Function<Object[], Object>> answers = new ConcurrentHashMap<>();

  private final List<Consumer<EngineEvent>> listeners = new CopyOnWriteArrayList<>();
  private final Path socket;
  private final ServerSocketFront front;

  DockerFakes(Path folder) throws IOException {
    this.socket = folder.resolve("docker.sock");
    Events events =
        listener -> {
          listeners.add(listener);
          return () -> listeners.remove(listener);
        };
    ApiPorts ports =
        new ApiPorts(
            port(Containers.class),
            port(Contents.class),
            port(Activity.class),
            port(Images.class),
            port(Builds.class),
            port(Networks.class),
            port(Volumes.class),
            events,
            null);
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    EngineInfo info =
        new EngineInfo(
            "0.1.0", folder, folder, folder.resolve("engine.json"), "hand", List.of(), NOW);
    DockerApi api =
        new DockerApi(
            ports,
            info,
            new SystemCommands(ports, info, List::of, clock),
            new Pruning(ports, folder, project -> false, clock),
            new EventLog(ports.containers(), ports.networks(), events),
            new FairShare(64),
            clock);
    front = ServerSocketFront.open(socket, "no-such-group", api);
  }

  @Override
  public void close() throws IOException {
    front.close();
  }

  void tell(EngineEvent event) {
    listeners.forEach(listener -> listener.accept(event));
  }

  /** How many follow the engine's events. */
  int listeners() {
    return listeners.size();
  }

  static ContainerView container(String name, ContainerView.State state) {
    return container(ContainerSpec.of(name, "busybox"), state);
  }

  static ContainerView container(ContainerSpec spec, ContainerView.State state) {
    String digit = Integer.toHexString(spec.name().charAt(0) % 16);
    boolean ran = state != ContainerView.State.CREATED;
    return new ContainerView(
        digit.repeat(64),
        spec,
        "sha256:" + "b".repeat(64),
        state,
        state == ContainerView.State.RUNNING ? 42 : 0,
        state == ContainerView.State.EXITED ? 3 : 0,
        false,
        "",
        NOW.minusSeconds(100 - spec.name().charAt(0) % 16),
        ran ? NOW.minusSeconds(60) : null,
        state == ContainerView.State.EXITED ? NOW.minusSeconds(5) : null,
        0,
        false,
        ContainerView.HealthStatus.NONE,
        List.of(),
        List.of(),
        List.of("sh", "-c", "sleep 9"),
        Map.of(),
        Duration.ZERO);
  }

  static Images.ImageView image(String... names) {
    return new Images.ImageView(
        "sha256:" + "b".repeat(64),
        List.of(names),
        List.of("busybox@sha256:" + "c".repeat(64)),
        1000,
        NOW.minusSeconds(3600),
        "linux/amd64",
        List.of(),
        List.of("sh"),
        List.of(),
        "",
        "",
        List.of(),
        List.of(),
        Map.of(),
        "",
        null,
        List.of());
  }

  private <P> P port(Class<P> port) {
    return port.cast(
        Proxy.newProxyInstance(
            port.getClassLoader(),
            new Class<?>[] {port},
            (proxy, method, arguments) ->
                answer(
                    port.getSimpleName() + "." + method.getName(),
                    method.getReturnType(),
                    arguments == null ? new Object[0] : arguments)));
  }

  private Object answer(String method, Class<?> type, Object[] arguments) {
    Function<Object[], Object> own = answers.get(method);
    if (own != null) {
      return own.apply(arguments);
    }
    return switch (method) {
      case "Containers.list" -> List.copyOf(containers);
      case "Containers.find" -> containers.stream().filter(c -> is(c, arguments[0])).findFirst();
      case "Images.list" -> List.copyOf(images);
      case "Images.find" ->
          images.stream()
              .filter(i -> i.id().equals(arguments[0]) || i.references().contains(arguments[0]))
              .findFirst();
      case "Images.details" -> Optional.ofNullable(details.get(String.valueOf(arguments[0])));
      case "Images.diskUse" -> new Images.DiskUse(1000, 400);
      case "Networks.list" -> List.copyOf(networks);
      case "Networks.find" ->
          networks.stream().filter(n -> n.name().equals(arguments[0])).findFirst();
      case "Volumes.list" -> List.copyOf(volumes);
      case "Volumes.find" ->
          volumes.stream().filter(v -> v.name().equals(arguments[0])).findFirst();
      case "Activity.details" ->
          new ContainerDetails(
              "", "", "", "", List.of(), List.of(), "", "", 0, List.of(), List.of());
      default -> nothing(method, type, arguments);
    };
  }

  private static boolean is(ContainerView view, Object ref) {
    return view.name().equals(ref) || view.id().startsWith(String.valueOf(ref));
  }

  private Object nothing(String method, Class<?> type, Object[] arguments) {
    StringBuilder call = new StringBuilder(method.substring(method.indexOf('.') + 1));
    for (Object argument : arguments) {
      call.append(' ').append(argument);
    }
    asked.add(call.toString());
    if (type == Optional.class) {
      return Optional.empty();
    }
    if (type == long.class) {
      return 0L;
    }
    if (type == int.class) {
      return 0;
    }
    return type == List.class ? List.of() : null;
  }

  /** What came back: the head as it is, the body without its chunks. */
  record Answer(int status, String head, byte[] bytes) {
    String body() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    String message() throws IOException {
      return JsonText.MAPPER.readTree(bytes).path("message").asText();
    }

    String type() {
      return head.lines()
          .filter(line -> line.startsWith("Content-Type: "))
          .map(line -> line.substring("Content-Type: ".length()))
          .findFirst()
          .orElse("");
    }
  }

  Answer get(String path) throws IOException {
    return call("GET", path, "");
  }

  Answer post(String path) throws IOException {
    return call("POST", path, "");
  }

  Answer call(String method, String path, String json) throws IOException {
    String request =
        method
            + " "
            + path
            + " HTTP/1.1\r\nConnection: close\r\n"
            + (json.isEmpty() ? "" : "Content-Type: application/json\r\n")
            + "Content-Length: "
            + json.length()
            + "\r\n\r\n"
            + json;
    return talkOn(request);
  }

  /** Sends what it is given, and reads all. */
  Answer talkOn(String request) throws IOException {
    try (SocketChannel channel = connect()) {
      send(channel, request);
      return parse(Channels.newInputStream(channel).readAllBytes());
    }
  }

  SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket));
    return channel;
  }

  static void send(SocketChannel channel, String bytes) throws IOException {
    channel.write(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)));
  }

  /** Sends what it is given, ends its half of the connection, as one that leaves, and reads all. */
  Answer talk(String request) throws IOException {
    try (SocketChannel channel = connect()) {
      send(channel, request);
      channel.shutdownOutput();
      return parse(Channels.newInputStream(channel).readAllBytes());
    }
  }

  static Answer parse(byte[] all) {
    String text = new String(all, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n") + 4;
    String head = text.substring(0, end);
    String body = text.substring(end);
    if (head.contains("Transfer-Encoding: chunked")) {
      body = unchunked(body);
    }
    return new Answer(
        Integer.parseInt(head.split(" ")[1]), head, body.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String unchunked(String body) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    int at = 0;
    while (at < body.length()) {
      int line = body.indexOf("\r\n", at);
      int length = Integer.parseInt(body.substring(at, line), 16);
      whole.writeBytes(
          body.substring(line + 2, line + 2 + length).getBytes(StandardCharsets.ISO_8859_1));
      at = line + 4 + length;
    }
    return whole.toString(StandardCharsets.ISO_8859_1);
  }
}
