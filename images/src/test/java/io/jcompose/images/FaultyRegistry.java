package io.jcompose.images;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jcompose.core.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;

/** A registry in memory on loopback that fails as a test tells it to. */
final class FaultyRegistry implements AutoCloseable {
  final Map<String, byte[]> contents = new ConcurrentHashMap<>();
  final List<String> requests = new CopyOnWriteArrayList<>();
  final AtomicInteger busyAnswers = new AtomicInteger();
  final AtomicInteger cuts = new AtomicInteger();
  volatile boolean ranges = true;
  volatile boolean wantsToken;
  volatile @Nullable TestAccess access;
  volatile Fault fault = (exchange, path, content) -> false;
  private final HttpServer server;

  /** Answers a request in place of the registry. */
  interface Fault {
    /**
     * @param content what the path names; empty for none
     * @return true when it has answered
     */
    boolean answers(HttpExchange exchange, String path, byte[] content) throws IOException;
  }

  FaultyRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Adds an image of one config and the given tars, and returns its manifest's digest. */
  Digest image(String repository, String tag, String architecture, byte[]... tars)
      throws Exception {
    return image(repository, tag, architecture, "application/vnd.oci.image.config.v1+json", tars);
  }

  Digest image(
      String repository, String tag, String architecture, String configType, byte[]... tars)
      throws Exception {
    List<String> diffIds = new ArrayList<>();
    List<String> layers = new ArrayList<>();
    for (byte[] tar : tars) {
      diffIds.add("\"" + digest(tar) + "\"");
      byte[] packed = gzip(tar);
      layers.add(descriptor("application/vnd.oci.image.layer.v1.tar+gzip", packed));
      contents.put("/v2/" + repository + "/blobs/" + digest(packed), packed);
    }
    byte[] config =
        ("{\"os\":\"linux\",\"architecture\":\""
                + architecture
                + "\",\"config\":{\"Cmd\":[\"sh\"],\"ExposedPorts\":{\"80/tcp\":{}},\"Env\":[\"A=b\"]},"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                + String.join(",", diffIds)
                + "]}}")
            .getBytes(StandardCharsets.UTF_8);
    contents.put("/v2/" + repository + "/blobs/" + digest(config), config);
    byte[] manifest =
        ("{\"schemaVersion\":2,\"config\":"
                + descriptor(configType, config)
                + ",\"layers\":["
                + String.join(",", layers)
                + "]}")
            .getBytes(StandardCharsets.UTF_8);
    return manifest(repository, tag, manifest);
  }

  Digest manifest(String repository, String tag, byte[] manifest) throws Exception {
    contents.put("/v2/" + repository + "/manifests/" + tag, manifest);
    contents.put("/v2/" + repository + "/manifests/" + digest(manifest), manifest);
    return digest(manifest);
  }

  /** An index of manifests, each with the platform's JSON or an empty text for none. */
  Digest index(String repository, String tag, Map<Digest, String> entries) throws Exception {
    List<String> list = new ArrayList<>();
    for (Map.Entry<Digest, String> entry : entries.entrySet()) {
      byte[] document = contents.get("/v2/" + repository + "/manifests/" + entry.getKey());
      String platform = entry.getValue().isEmpty() ? "" : ",\"platform\":" + entry.getValue();
      list.add(descriptor("x", document).replace("}", platform + "}"));
    }
    String text = "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", list) + "]}";
    return manifest(repository, tag, text.getBytes(StandardCharsets.UTF_8));
  }

  static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
  }

  long count(String part) {
    return requests.stream().filter(request -> request.contains(part)).count();
  }

  static byte[] tar(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        if (file.getKey().equals("owned/")) {
          entry.setMode(0750);
          entry.setIds(33, 44);
        }
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  static byte[] gzip(byte[] data) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(data);
    }
    return packed.toByteArray();
  }

  static Digest digest(byte[] data) throws Exception {
    return Digest.sha256(MessageDigest.getInstance("SHA-256").digest(data));
  }

  static String descriptor(String type, byte[] data) throws Exception {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(type, digest(data), data.length);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      answer(exchange);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void answer(HttpExchange exchange) throws Exception {
    String path = exchange.getRequestURI().getPath();
    String range = exchange.getRequestHeaders().getFirst("Range");
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    requests.add(exchange.getRequestMethod() + " " + path + (range == null ? "" : " " + range));
    TestAccess rules = access;
    if (rules != null && rules.answers(exchange, host())) {
      return;
    }
    if (path.equals("/token")) {
      send(
          exchange,
          200,
          "{\"token\":\"secret-token\",\"expires_in\":300}".getBytes(StandardCharsets.UTF_8),
          0);
      return;
    }
    if (path.equals("/v2/")) {
      send(exchange, 200, new byte[] {'{', '}'}, 0);
      return;
    }
    if (wantsToken && !"Bearer secret-token".equals(authorization)) {
      exchange
          .getResponseHeaders()
          .set(
              "WWW-Authenticate",
              "Bearer realm=\"http://"
                  + host()
                  + "/token\",service=\"test\",scope=\"repository:x:pull\"");
      send(exchange, 401, new byte[0], 0);
      return;
    }
    if (busyAnswers.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      exchange.getResponseHeaders().set("Retry-After", "0");
      send(exchange, busyAnswers.get() % 2 == 0 ? 503 : 429, new byte[0], 0);
      return;
    }
    byte[] content = contents.get(path);
    if (fault.answers(exchange, path, content == null ? new byte[0] : content)) {
      return;
    }
    if (content == null) {
      send(
          exchange,
          404,
          "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}"
              .getBytes(StandardCharsets.UTF_8),
          0);
      return;
    }
    if (path.contains("/manifests/")) {
      boolean index = new String(content, StandardCharsets.UTF_8).contains("\"manifests\"");
      exchange
          .getResponseHeaders()
          .set(
              "Content-Type",
              index
                  ? "application/vnd.oci.image.index.v1+json"
                  : "application/vnd.oci.image.manifest.v1+json");
      exchange.getResponseHeaders().set("Docker-Content-Digest", digest(content).toString());
    }
    int from = 0;
    if (range != null && ranges) {
      from = Integer.parseInt(range.substring(6, range.length() - 1));
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    send(exchange, from > 0 ? 206 : 200, content, from);
  }

  private void send(HttpExchange exchange, int status, byte[] content, int from)
      throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    int length = content.length - from;
    exchange.sendResponseHeaders(status, head || length == 0 ? -1 : length);
    if (!head && length > 0) {
      boolean cut =
          exchange.getRequestURI().getPath().contains("/blobs/")
              && length > 2000
              && cuts.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
      exchange.getResponseBody().write(content, from, cut ? length / 2 : length);
      if (cut) {
        exchange.getResponseBody().flush();
        throw new IOException("cut");
      }
    }
  }
}
