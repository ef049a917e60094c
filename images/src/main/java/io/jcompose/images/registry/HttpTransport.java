package io.jcompose.images.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP/1.1 client on blocking sockets: kept connections, proxies, all addresses of a host,
 * and limits on each read and on the whole, so that a peer that stalls or drips is noticed (which
 * the JDK's client cannot do). It follows no redirects and knows no authorization. Thread-safe.
 */
final class HttpTransport implements AutoCloseable {
  static final int CONNECT_TIMEOUT_MILLIS = 10_000;
  static final int STALL_MILLIS = 30_000;
  static final int EXCHANGE_MILLIS = 60_000;
  private static final int NEXT_ADDRESS_MILLIS = 3_000;
  private static final int ADDRESS_LIMIT = 16;
  private static final int IDLE_LIMIT = 8;
  private static final int IDLE_MILLIS = 20_000; // home routers forget silent ones after 30 s
  private static final int IDLE_HOSTS = 4;
  private static final int ANSWER_MILLIS = 300_000;
  private static final Set<String> BODIED = Set.of("POST", "PUT", "PATCH");
  private static final int HEADER_LIMIT = 200;
  private static final int HEADER_BYTES = 1 << 16;

  private final Tls tls;
  private final ProxyChoice proxies;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Deque<Connection>> idle = new HashMap<>();
  private final ScheduledThreadPoolExecutor clock;

  HttpTransport(RegistryConfig config) {
    this.tls = new Tls(config);
    this.proxies = new ProxyChoice(config.environment());
    this.clock =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("registry-limits").daemon().factory());
    clock.setRemoveOnCancelPolicy(true);
  }

  /**
   * A request.
   *
   * @param isPatient its answer may take minutes: the server works on what it was sent before
   */
  record Request(
      String method,
      URI url,
      Map<String, String> headers,
      Content content,
      boolean verifyTls,
      boolean isPatient) {
    static Request of(String method, URI url, Map<String, String> headers, boolean verifyTls) {
      return new Request(method, url, headers, Content.NONE, verifyTls, false);
    }

    private int answerMillis() {
      return isPatient ? ANSWER_MILLIS : EXCHANGE_MILLIS;
    }

    private boolean hasLength() {
      return content.length() > 0 || BODIED.contains(method);
    }
  }

  /** What a request carries. */
  interface Content {
    Content NONE = of(new byte[0]);

    long length();

    /**
     * Writes all of it.
     *
     * @param goesOn to be run after each part, which begins the limit on a part anew
     */
    void writeTo(OutputStream out, Runnable goesOn) throws IOException;

    /** True for what may arrive twice, where the first connection breaks. */
    boolean mayRepeat();

    static Content of(byte[] bytes) {
      return new Content() {
        @Override
        public long length() {
          return bytes.length;
        }

        @Override
        public void writeTo(OutputStream out, Runnable goesOn) throws IOException {
          out.write(bytes);
        }

        @Override
        public boolean mayRepeat() {
          return true;
        }
      };
    }
  }

  /**
   * Sends a request; a kept connection that the peer has closed meanwhile is replaced once. What
   * must not arrive twice goes on a new one.
   */
  HttpResponse send(Request request) throws IOException {
    @Nullable Connection kept = request.content.mayRepeat() ? takeIdle(key(request)) : null;
    if (kept != null) {
      try {
        return exchange(kept, request);
      } catch (IOException e) {
        kept.abort();
      }
    }
    Connection fresh = connect(request);
    try {
      return exchange(fresh, request);
    } catch (IOException e) {
      fresh.abort();
      throw fresh.told(e);
    } catch (RuntimeException e) {
      fresh.abort();
      throw e;
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      idle.values().forEach(connections -> connections.forEach(Connection::abort));
      idle.clear();
    } finally {
      lock.unlock();
    }
    clock.shutdownNow();
  }

  private HttpResponse exchange(Connection connection, Request request) throws IOException {
    connection.limit(EXCHANGE_MILLIS);
    boolean sent = write(connection, head(request), request);
    connection.raw().setSoTimeout(request.isPatient ? ANSWER_MILLIS : STALL_MILLIS);
    connection.limit(request.answerMillis());
    String statusLine = HttpBody.line(connection.in());
    while (statusLine.startsWith("HTTP/1.1 1")) {
      headers(connection.in());
      statusLine = HttpBody.line(connection.in());
    }
    if (!statusLine.matches("HTTP/1\\.[01] \\d{3}( .*)?")) {
      throw new IOException("the peer does not speak HTTP/1.1");
    }
    int status = Integer.parseInt(statusLine.substring(9, 12));
    if (!sent && status < 400) {
      throw new IOException("the peer took not all of what was sent");
    }
    Map<String, List<String>> headers = headers(connection.in());
    HttpBody body = new HttpBody(connection.in(), length(request, status, headers));
    boolean keep =
        sent
            && statusLine.startsWith("HTTP/1.1")
            && !first(headers, "connection").toLowerCase(Locale.ROOT).contains("close");
    connection.raw().setSoTimeout(STALL_MILLIS);
    connection.limit(HttpResponse.BODY_MILLIS);
    return new HttpResponse(
        status, headers, body, connection, () -> release(connection, body, keep));
  }

  /**
   * A server that refuses what comes may answer and close before it has all; then its answer is
   * worth more than the error.
   *
   * @return false when not all was sent
   */
  private static boolean write(Connection connection, String head, Request request)
      throws IOException {
    connection.out().write(HttpBody.ascii(head));
    try {
      request.content.writeTo(connection.out(), () -> connection.limit(EXCHANGE_MILLIS));
      connection.out().flush();
      return true;
    } catch (SocketException | SSLException e) {
      return false;
    }
  }

  private void release(Connection connection, HttpBody body, boolean keep) {
    if (keep && body.isConsumed()) {
      keepIdle(connection);
    } else {
      connection.abort();
    }
  }

  private String head(Request request) {
    URI url = request.url;
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String target = url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    URI proxy = proxies.proxyFor(url);
    StringBuilder head = new StringBuilder();
    if (proxy != null && !Location.isTls(url)) {
      target = url.getScheme() + "://" + url.getRawAuthority() + target;
      String credentials = proxyAuthorization(proxy);
      request.headers.forEach((key, value) -> appendHeader(head, key, value));
      if (credentials != null) {
        appendHeader(head, "Proxy-Authorization", credentials);
      }
    } else {
      request.headers.forEach((key, value) -> appendHeader(head, key, value));
    }
    if (request.hasLength()) {
      appendHeader(head, "Content-Length", String.valueOf(request.content.length()));
    }
    return request.method
        + " "
        + target
        + " HTTP/1.1\r\nHost: "
        + url.getRawAuthority()
        + "\r\nUser-Agent: jcompose\r\nAccept-Encoding: identity\r\n"
        + head
        + "\r\n";
  }

  private static void appendHeader(StringBuilder head, String key, String value) {
    if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
      throw new IllegalArgumentException("line break in HTTP header " + key);
    }
    head.append(key).append(": ").append(value).append("\r\n");
  }

  private Connection connect(Request request) throws IOException {
    URI url = request.url;
    URI proxy = proxies.proxyFor(url);
    URI first = proxy != null ? proxy : url;
    Socket socket = open(InetAddress.getAllByName(Location.host(first)), Location.port(first));
    Connection connection = new Connection(key(request), clock, socket);
    try {
      connection.limit(EXCHANGE_MILLIS);
      socket.setSoTimeout(STALL_MILLIS);
      socket.setTcpNoDelay(true);
      if (Location.isTls(url)) {
        if (proxy != null) {
          tunnel(socket, url, proxy);
        }
        socket = tls.wrap(socket, Location.host(url), Location.port(url), request.verifyTls);
      }
      connection.speakThrough(socket);
      return connection;
    } catch (IOException e) {
      connection.abort();
      throw connection.told(e);
    } catch (RuntimeException e) {
      connection.abort();
      throw e;
    }
  }

  /** Tries the host's addresses in turn, for some may lead nowhere from here. */
  static Socket open(InetAddress[] all, int port) throws IOException {
    int count = Math.min(all.length, ADDRESS_LIMIT);
    List<IOException> failures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Socket socket = new Socket();
      try {
        int limit = i == count - 1 ? CONNECT_TIMEOUT_MILLIS : NEXT_ADDRESS_MILLIS;
        socket.connect(new InetSocketAddress(all[i], port), limit);
        return socket;
      } catch (IOException e) {
        socket.close();
        failures.add(e);
      }
    }
    IOException first = failures.getFirst();
    failures.stream().skip(1).forEach(first::addSuppressed);
    throw first;
  }

  private static void tunnel(Socket socket, URI url, URI proxy) throws IOException {
    String target = Location.host(url) + ":" + Location.port(url);
    String credentials = proxyAuthorization(proxy);
    String head =
        "CONNECT "
            + target
            + " HTTP/1.1\r\nHost: "
            + target
            + "\r\n"
            + (credentials == null ? "" : "Proxy-Authorization: " + credentials + "\r\n")
            + "\r\n";
    socket.getOutputStream().write(HttpBody.ascii(head));
    InputStream in = socket.getInputStream();
    String status = HttpBody.line(in);
    headers(in);
    if (!status.matches("HTTP/1\\.[01] 2\\d\\d.*")) {
      throw new IOException(
          "proxy " + Location.host(proxy) + " refused a tunnel to " + target + ": " + status);
    }
  }

  private static @Nullable String proxyAuthorization(URI proxy) {
    String user = proxy.getUserInfo();
    return user == null
        ? null
        : "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, List<String>> headers(InputStream in) throws IOException {
    Map<String, List<String>> headers = new HashMap<>();
    int count = 0;
    int bytes = 0;
    for (String line = HttpBody.line(in); !line.isEmpty(); line = HttpBody.line(in)) {
      int colon = line.indexOf(':');
      bytes += line.length();
      if (colon <= 0 || ++count > HEADER_LIMIT || bytes > HEADER_BYTES) {
        throw new IOException("invalid HTTP header");
      }
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), k -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return headers;
  }

  private static long length(Request request, int status, Map<String, List<String>> headers)
      throws IOException {
    if (request.method.equals("HEAD") || status == 204 || status == 304) {
      return 0;
    }
    if (first(headers, "transfer-encoding").toLowerCase(Locale.ROOT).contains("chunked")) {
      return HttpBody.CHUNKED;
    }
    String length = first(headers, "content-length");
    if (length.isEmpty()) {
      return HttpBody.UNTIL_CLOSE;
    }
    if (!length.matches("\\d{1,18}")) {
      throw new IOException("invalid Content-Length");
    }
    return Long.parseLong(length);
  }

  private static String first(Map<String, List<String>> headers, String name) {
    return headers.getOrDefault(name, List.of("")).getFirst();
  }

  private @Nullable Connection takeIdle(String key) {
    lock.lock();
    try {
      Deque<Connection> connections = idle.getOrDefault(key, new ArrayDeque<>());
      Connection latest = connections.pollLast();
      if (latest != null && latest.isIdleLongerThan(IDLE_MILLIS)) {
        latest.abort();
        connections.forEach(Connection::abort); // they are older
        connections.clear();
        return null;
      }
      return latest;
    } finally {
      lock.unlock();
    }
  }

  private void keepIdle(Connection connection) {
    connection.idle();
    lock.lock();
    try {
      if (idle.size() >= IDLE_HOSTS && !idle.containsKey(connection.key())) {
        idle.values().forEach(connections -> connections.forEach(Connection::abort));
        idle.clear();
      }
      Deque<Connection> connections =
          idle.computeIfAbsent(connection.key(), key -> new ArrayDeque<>());
      connections.addLast(connection);
      if (connections.size() > IDLE_LIMIT) {
        connections.removeFirst().abort();
      }
    } finally {
      lock.unlock();
    }
  }

  private static String key(Request request) {
    return request.url.getScheme()
        + "://"
        + Location.host(request.url)
        + ":"
        + Location.port(request.url)
        + (request.verifyTls ? "" : "!");
  }
}
