package io.jcompose.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jcompose.core.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** Another registry on loopback, in memory, that does as a test tells it. */
final class OtherRegistry implements AutoCloseable {
  final Map<String, byte[]> contents = new ConcurrentHashMap<>();
  final List<String> requests = new CopyOnWriteArrayList<>();
  final List<String> logins = new CopyOnWriteArrayList<>();
  volatile Fault fault = (exchange, path, content) -> false;
  private final HttpServer server;

  /** Answers in its place; false leaves it to it. */
  interface Fault {
    boolean answers(HttpExchange exchange, String path, byte[] content) throws IOException;
  }

  OtherRegistry() throws IOException {
    this("127.0.0.1");
  }

  OtherRegistry(String address) throws IOException {
    server = HttpServer.create(new InetSocketAddress(address, 0), 300);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  String host() {
    InetSocketAddress address = server.getAddress();
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  /** The first part of its repositories' names at who fetches from it. */
  String prefix() {
    return host().replace(':', '_');
  }

  void blob(String repository, byte[] content) {
    contents.put("/v2/" + repository + "/blobs/" + RegistryUnderTest.digest(content), content);
  }

  Digest manifest(String repository, String tag, byte[] manifest) {
    Digest digest = RegistryUnderTest.digest(manifest);
    contents.put("/v2/" + repository + "/manifests/" + digest, manifest);
    contents.put("/v2/" + repository + "/manifests/" + tag, manifest);
    return digest;
  }

  /** An image of some layers; returns its manifest. */
  byte[] image(String repository, String tag, byte[]... layers) {
    byte[] config =
        ("{\"made\":\"for " + repository + ":" + tag + "\"}").getBytes(StandardCharsets.UTF_8);
    blob(repository, config);
    for (byte[] layer : layers) {
      blob(repository, layer);
    }
    byte[] manifest = RegistryUnderTest.manifest(config, "", layers);
    manifest(repository, tag, manifest);
    return manifest;
  }

  long count(String part) {
    return requests.stream().filter(request -> request.contains(part)).count();
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (!path.equals("/v2/")) {
        requests.add(exchange.getRequestMethod() + " " + path);
      }
      String login = exchange.getRequestHeaders().getFirst("Authorization");
      logins.add(String.valueOf(login));
      byte[] content = contents.get(path);
      if (!fault.answers(exchange, path, content == null ? new byte[0] : content)) {
        answer(exchange, path, path.equals("/v2/") ? new byte[] {'{', '}'} : content);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void answer(HttpExchange exchange, String path, byte[] content)
      throws IOException {
    if (content == null) {
      send(exchange, 404, new byte[0]);
      return;
    }
    if (path.contains("/manifests/")) {
      boolean index = new String(content, StandardCharsets.UTF_8).contains("\"manifests\"");
      exchange
          .getResponseHeaders()
          .set(
              "Content-Type", index ? RegistryUnderTest.OCI_INDEX : RegistryUnderTest.OCI_MANIFEST);
      exchange
          .getResponseHeaders()
          .set("Docker-Content-Digest", RegistryUnderTest.digest(content).toString());
    }
    send(exchange, 200, content);
  }

  static void send(HttpExchange exchange, int status, byte[] content) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head || content.length == 0 ? -1 : content.length);
    if (!head) {
      exchange.getResponseBody().write(content);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
