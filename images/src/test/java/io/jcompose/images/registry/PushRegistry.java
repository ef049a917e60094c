package io.jcompose.images.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jcompose.core.Digest;
import io.jcompose.linux.library.NativeSha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A registry in memory on loopback that takes pushes strictly: only at the place that its last
 * answer named, only what continues what it has, and blobs before their manifest.
 */
public final class PushRegistry implements AutoCloseable {
  public final Map<String, byte[]> contents = new ConcurrentHashMap<>();
  public final List<String> requests = new CopyOnWriteArrayList<>();
  public final AtomicInteger cuts = new AtomicInteger();
  public final AtomicInteger most = new AtomicInteger();
  public volatile Fault fault = exchange -> false;
  private final Map<String, Session> sessions = new ConcurrentHashMap<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private final AtomicInteger busy = new AtomicInteger();
  private final HttpServer server;

  /** Answers a request in place of the registry. */
  public interface Fault {
    boolean answers(HttpExchange exchange) throws IOException;
  }

  private static final class Session {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int state;
  }

  public PushRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  public String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  public long count(String part) {
    return requests.stream().filter(request -> request.contains(part)).count();
  }

  /** Uploads that were begun and neither ended nor given up. */
  public int open() {
    return sessions.size();
  }

  public void forgetSessions() {
    sessions.clear();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      String query = exchange.getRequestURI().getRawQuery();
      requests.add(
          exchange.getRequestMethod()
              + " "
              + exchange.getRequestURI().getPath()
              + (query == null ? "" : "?" + query));
      if (!fault.answers(exchange)) {
        answer(exchange);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String method = exchange.getRequestMethod();
    if (path.equals("/v2/")) {
      send(exchange, 200, "{}");
    } else if (path.contains("/blobs/uploads/")) {
      upload(exchange, method, path.replaceFirst(".*/blobs/uploads/", ""));
    } else if (method.equals("PUT")) {
      manifest(exchange, path);
    } else {
      byte[] content = contents.get(path);
      if (content == null) {
        send(exchange, 404, error("not here"));
        return;
      }
      exchange.getResponseHeaders().set("Docker-Content-Digest", digest(content));
      exchange
          .getResponseHeaders()
          .set(
              "Content-Type",
              path.contains("/manifests/")
                  ? "application/vnd.oci.image.manifest.v1+json"
                  : "application/octet-stream");
      boolean head = method.equals("HEAD");
      exchange.sendResponseHeaders(200, head || content.length == 0 ? -1 : content.length);
      if (!head && content.length > 0) {
        exchange.getResponseBody().write(content);
      }
    }
  }

  private void upload(HttpExchange exchange, String method, String id) throws IOException {
    if (method.equals("POST")) {
      begin(exchange);
      return;
    }
    Session session = sessions.get(id);
    String query = String.valueOf(exchange.getRequestURI().getRawQuery());
    if (session == null || !query.startsWith("_state=" + session.state)) {
      send(exchange, 404, error("blob upload unknown"));
      return;
    }
    switch (method) {
      case "PATCH" -> patch(exchange, id, session);
      case "PUT" -> finish(exchange, id, session, query);
      case "DELETE" -> {
        sessions.remove(id);
        exchange.sendResponseHeaders(204, -1);
      }
      default -> place(exchange, id, session, 204);
    }
  }

  private void begin(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    if (query.startsWith("mount=")) {
      String digest = query.replaceFirst("mount=([^&]*).*", "$1");
      String from = query.replaceFirst(".*&from=", "");
      byte[] content = contents.get("/v2/" + from + "/blobs/" + digest);
      if (content != null) {
        contents.put(path.replace("uploads/", digest), content);
        exchange.sendResponseHeaders(201, -1);
        return;
      }
    }
    String id = "u" + numbers.incrementAndGet();
    Session session = new Session();
    sessions.put(id, session);
    place(exchange, id, session, 202);
  }

  private void patch(HttpExchange exchange, String id, Session session) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Content-Range");
    if (range != null && !range.startsWith(session.bytes.size() + "-")) {
      place(exchange, id, session, 416);
      return;
    }
    most.accumulateAndGet(busy.incrementAndGet(), Math::max);
    try (InputStream in = exchange.getRequestBody()) {
      long length = Long.parseLong(exchange.getRequestHeaders().getFirst("Content-Length"));
      if (length > 2000 && cuts.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
        session.bytes.write(in.readNBytes((int) length / 2));
        throw new IOException("cut");
      }
      in.transferTo(session.bytes);
    } finally {
      busy.decrementAndGet();
    }
    place(exchange, id, session, 202);
  }

  private void finish(HttpExchange exchange, String id, Session session, String query)
      throws IOException {
    byte[] content = session.bytes.toByteArray();
    String digest = query.replaceFirst(".*digest=", "").replace("%3A", ":");
    if (!digest.equals(digest(content))) {
      send(exchange, 400, error("provided digest did not match uploaded content"));
      return;
    }
    sessions.remove(id);
    String repository = exchange.getRequestURI().getPath().replaceFirst("/blobs/uploads/.*", "");
    contents.put(repository + "/blobs/" + digest, content);
    exchange.sendResponseHeaders(201, -1);
  }

  private void manifest(HttpExchange exchange, String path) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    String text = new String(body, StandardCharsets.UTF_8);
    String repository = path.replaceFirst("/manifests/.*", "");
    for (String part : text.split("\"digest\":\"")) {
      String digest = part.replaceFirst("(?s)\".*", "");
      if (digest.startsWith("sha256:") && !contents.containsKey(repository + "/blobs/" + digest)) {
        send(exchange, 400, error("blob unknown to registry"));
        return;
      }
    }
    contents.put(path, body);
    contents.put(repository + "/manifests/" + digest(body), body);
    exchange.getResponseHeaders().set("Docker-Content-Digest", digest(body));
    exchange.sendResponseHeaders(201, -1);
  }

  private void place(HttpExchange exchange, String id, Session session, int status)
      throws IOException {
    String repository = exchange.getRequestURI().getPath().replaceFirst("/blobs/uploads/.*", "");
    session.state++;
    exchange
        .getResponseHeaders()
        .set("Location", repository + "/blobs/uploads/" + id + "?_state=" + session.state);
    exchange.getResponseHeaders().set("Range", "0-" + Math.max(0, session.bytes.size() - 1));
    exchange.sendResponseHeaders(status, -1);
  }

  public static String error(String message) {
    return "{\"errors\":[{\"code\":\"X\",\"message\":\"" + message + "\"}]}";
  }

  public static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : bytes.length);
    if (!head) {
      exchange.getResponseBody().write(bytes);
    }
  }

  private static String digest(byte[] content) {
    return Digest.sha256(NativeSha256.create().digest(content)).toString();
  }
}
