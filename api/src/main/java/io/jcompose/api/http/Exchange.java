package io.jcompose.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. The answer is one of {@link #respond}, {@link #stream} or {@link
 * #hijack}, once. Owned by the connection's thread; the stream it gives out may be used by others,
 * one at a time.
 */
public final class Exchange {
  static final String OWN_USER = System.getProperty("user.name");

  /** A person with a pager takes an answer page by page: so many times as long as a request may. */
  private static final int READERS = 15;

  private static final byte[] EMPTY = {};

  /** How much of a body there is room for before any of it has come. */
  private static final int FIRST_BYTES = 16 << 10;

  private static final int MOST_WARNINGS = 100;
  private static final int LONGEST_WARNING = 1000;

  private final RequestHead head;
  private final RequestBody body;
  private final BodyBudget budget;
  private final SocketChannel channel;
  private final WireInput input;
  private final WireOutput output;
  private final Duration patience;
  private final Set<String> warnings = new LinkedHashSet<>();
  private final Map<String, String> headers = new LinkedHashMap<>();
  private int taken; // guarded by this, as what a command holds is told by its threads
  private boolean released;
  private String caller = "";
  private boolean started;
  private boolean reusable;
  private @Nullable ChunkedOutput stream;

  Exchange(
      RequestHead head,
      SocketChannel channel,
      WireInput input,
      WireOutput output,
      BodyBudget budget,
      Duration patience)
      throws MalformedRequest {
    this.patience = patience;
    this.head = head;
    this.budget = budget;
    this.channel = channel;
    this.input = input;
    this.output = output;
    this.reusable = head.keepsAlive();
    this.body = RequestBody.of(head, input, this::sendContinue);
  }

  public RequestHead head() {
    return head;
  }

  /**
   * The user of the host on the other side, by the kernel's word; a number without a name. The
   * engine itself, as root, says in a header for whom it asks.
   */
  public synchronized String caller() {
    if (caller.isEmpty()) {
      caller = findCaller();
    }
    return caller;
  }

  private String findCaller() {
    try {
      String told = head.header("jcompose-caller");
      String user = user();
      return user.equals(OWN_USER) && !told.isEmpty() ? told : user;
    } catch (IOException | UnsupportedOperationException e) {
      return "?"; // it has left
    }
  }

  /** True for the engine's own request for another user's command. */
  boolean isForAnother() {
    String told = head.header("jcompose-caller");
    return !told.isEmpty() && !told.equals(OWN_USER);
  }

  private String user() throws IOException {
    return channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
  }

  /** The request's body; empty when it has none. */
  public InputStream body() {
    return body;
  }

  /**
   * The whole body, once. It counts against the server's memory until the exchange ends; the
   * connection ends when it does not come in time.
   *
   * @throws MalformedRequest (413) when it is longer than {@code limit} bytes or more than the
   *     server has for all; (503) when other requests hold too much at the moment
   */
  public byte[] bodyBytes(int limit) throws IOException {
    long most = body.mostBytes();
    if (!body.isChunked() && most > limit) {
      throw tooLong(limit);
    }
    try (Patience _ = new Patience(channel, patience)) {
      byte[] bytes = new byte[(int) Math.min(Math.min(most, FIRST_BYTES), limit)];
      charge(bytes.length);
      int length = body.readNBytes(bytes, 0, bytes.length);
      while (length == bytes.length && !body.isDrained()) {
        if (length == limit) { // only one in chunks may go on
          if (body.read() >= 0) {
            throw tooLong(limit);
          }
          break;
        }
        int longer = (int) Math.min(Math.min(2L * length, most), limit);
        charge(longer - length); // by and by: what is promised and not sent counts for nothing
        bytes = Arrays.copyOf(bytes, longer);
        length += body.readNBytes(bytes, length, longer - length);
      }
      return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }
  }

  private static MalformedRequest tooLong(int limit) {
    return new MalformedRequest(413, "request body longer than " + limit + " bytes");
  }

  /**
   * Counts what is made of the body, or held for its answer, against the server's memory too.
   *
   * @throws MalformedRequest (413) when it is more than the server has for one; (503) when other
   *     requests hold too much at the moment
   */
  public synchronized void charge(int bytes) throws IOException {
    if (bytes > 0 && !released) {
      budget.take(caller(), bytes, taken);
      taken += bytes;
    }
  }

  /** Counts so many bytes less for this request, as far as it counts for so many. */
  public synchronized void giveBack(int bytes) {
    int part = Math.min(bytes, taken);
    if (part > 0) {
      budget.giveBack(caller(), part);
      taken -= part;
    }
  }

  /**
   * Tells the client something beside the answer, in a header of it: {@code Jcompose-Warning}, as a
   * form's value is encoded. What comes after the answer began, or above the limits, is left out.
   */
  public void warn(String text) {
    String shown = text.length() > LONGEST_WARNING ? text.substring(0, LONGEST_WARNING) : text;
    if (warnings.size() < MOST_WARNINGS) {
      warnings.add(URLEncoder.encode(shown, StandardCharsets.UTF_8));
    }
  }

  /**
   * Gives the answer a further header; of one that began already nothing changes.
   *
   * @throws IllegalArgumentException for a value that would be more than one header
   */
  public void header(String name, String value) {
    if (!value.chars().allMatch(c -> c >= ' ' && c < 127)) {
      throw new IllegalArgumentException("no value of a header: " + name);
    }
    headers.put(name, value);
  }

  private String ownHeaders() {
    StringBuilder text = new StringBuilder();
    headers.forEach((name, value) -> text.append(name + ": " + value + "\r\n"));
    return text + warningHeaders();
  }

  private String warningHeaders() {
    StringBuilder headers = new StringBuilder();
    for (String warning : warnings) {
      headers.append("Jcompose-Warning: ").append(warning).append("\r\n");
    }
    return headers.toString();
  }

  /** True once an answer began. */
  public boolean isStarted() {
    return started;
  }

  /**
   * Answers with a whole body. A long one counts against the server's memory until the client has
   * taken it; the connection ends when the client takes none of it in time.
   *
   * @throws MalformedRequest (503) when other requests hold too much at the moment
   */
  public void respond(int status, String contentType, byte[] content) throws IOException {
    boolean silent = status == 204 || status == 304;
    String length = silent ? "" : "Content-Length: " + content.length + "\r\n";
    reusable &= body.isDrained();
    byte[] sent = silent || head.method().equals("HEAD") ? EMPTY : content;
    if (sent.length > WireOutput.SLICE_BYTES) {
      holdAnswer(sent.length);
    }
    int first = Math.min(sent.length, WireOutput.SLICE_BYTES);
    output.write(begin(status, contentType) + length + "\r\n", sent, 0, first);
    for (int at = first; at < sent.length; at += WireOutput.SLICE_BYTES) {
      try (Patience _ = new Patience(channel, patience.multipliedBy(READERS))) {
        output.write(sent, at, Math.min(WireOutput.SLICE_BYTES, sent.length - at));
      }
    }
  }

  /** What was asked is done, and counts no more. */
  private synchronized void holdAnswer(int bytes) throws IOException {
    giveBack(Integer.MAX_VALUE);
    taken = budget.takeNow(caller(), bytes);
  }

  /** Answers with text. */
  public void respond(int status, String contentType, String content) throws IOException {
    respond(status, contentType, content.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Answers with a body that grows; the head goes out at once and each write is one packet. The
   * body ends when the handler returns.
   *
   * @param onDisconnect called once, on a thread of its own, when the client goes away before the
   *     body ended; null when the work goes on without it
   */
  public OutputStream stream(int status, String contentType, @Nullable Runnable onDisconnect)
      throws IOException {
    reusable &= body.isDrained() && onDisconnect == null;
    boolean chunked = head.version().equals("HTTP/1.1");
    reusable &= chunked;
    String encoding = chunked ? "Transfer-Encoding: chunked\r\n" : "";
    output.write(begin(status, contentType) + encoding + "\r\n", EMPTY, 0, 0);
    ChunkedOutput opened = new ChunkedOutput(output, chunked);
    stream = opened;
    if (onDisconnect != null) {
      Thread.ofVirtual().name("watch-client").start(() -> watch(opened, onDisconnect));
    }
    return opened;
  }

  /**
   * Watches the client while its answer is worked out. The connection serves no other request.
   *
   * @param onDisconnect called at most once, on a thread of its own, when the client goes away
   */
  public void watch(Runnable onDisconnect) {
    reusable = false;
    Thread.ofVirtual()
        .name("watch-client")
        .start(
            () -> {
              if (isGone()) {
                onDisconnect.run();
              }
            });
  }

  /**
   * Takes the connection over. The request's own body is read to its end first, as Docker does, so
   * that it never becomes input.
   *
   * @param contentType empty for none
   */
  public HijackedStream hijack(String contentType) throws IOException {
    body.transferTo(OutputStream.nullOutputStream());
    started = true;
    reusable = false;
    String type = contentType.isEmpty() ? "" : "Content-Type: " + contentType + "\r\n";
    String answer =
        head.isUpgrade()
            ? "HTTP/1.1 101 UPGRADED\r\n"
                + type
                + "Connection: Upgrade\r\nUpgrade: "
                + head.header("upgrade")
                + "\r\n"
            : "HTTP/1.1 200 OK\r\n" + type;
    output.write(answer + ownHeaders() + "\r\n", EMPTY, 0, 0);
    return new HijackedStream(channel, input, output);
  }

  /** True when the client asks for a WebSocket, as RFC 6455, section 4.2.1, has it. */
  public boolean wantsWebSocket() {
    return head.isUpgrade()
        && head.header("upgrade").equalsIgnoreCase("websocket")
        && head.header("sec-websocket-version").equals("13")
        && !head.header("sec-websocket-key").isBlank();
  }

  /**
   * Takes the connection over as a WebSocket, which the client has asked for.
   *
   * @param binary else what it gets is called text
   */
  public HijackedStream webSocket(boolean binary) throws IOException {
    body.transferTo(OutputStream.nullOutputStream());
    started = true;
    reusable = false;
    String answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + WebSocketFrames.accept(head.header("sec-websocket-key").strip())
            + "\r\n";
    output.write(answer + ownHeaders() + "\r\n", EMPTY, 0, 0);
    HijackedStream plain = new HijackedStream(channel, input, output);
    return new HijackedStream(channel, new WebSocketFrames(plain.input(), output, binary));
  }

  /** Gives back what the request counted for, whatever became of it; nothing counts after. */
  synchronized void release() {
    giveBack(Integer.MAX_VALUE);
    released = true;
  }

  /** Ends the answer; returns true when the connection can serve another request. */
  boolean finish() throws IOException {
    if (!started) {
      respond(500, "application/json", "{\"message\":\"the request was not answered\"}\n");
    }
    if (stream != null) {
      stream.end();
    }
    return reusable;
  }

  private String begin(int status, String contentType) {
    if (started) {
      throw new IllegalStateException("the exchange was answered already");
    }
    started = true;
    String type = contentType.isEmpty() ? "" : "Content-Type: " + contentType + "\r\n";
    String connection = reusable ? "" : "Connection: close\r\n";
    return "HTTP/1.1 " + status + " " + reason(status) + "\r\n" + type + connection + ownHeaders();
  }

  private void watch(ChunkedOutput opened, Runnable onDisconnect) {
    if (isGone() && !opened.isEnded()) {
      onDisconnect.run();
    }
  }

  /** Waits until the client sends something or goes away. */
  private boolean isGone() {
    try {
      return !input.fill();
    } catch (IOException e) {
      return true;
    }
  }

  private void sendContinue() {
    if (head.header("expect").equalsIgnoreCase("100-continue")) {
      try {
        output.write("HTTP/1.1 100 Continue\r\n\r\n", EMPTY, 0, 0);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static String reason(int status) {
    return switch (status) {
      case 200 -> "OK";
      case 201 -> "Created";
      case 204 -> "No Content";
      case 304 -> "Not Modified";
      case 400 -> "Bad Request";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 409 -> "Conflict";
      case 413 -> "Content Too Large";
      case 431 -> "Request Header Fields Too Large";
      case 500 -> "Internal Server Error";
      case 501 -> "Not Implemented";
      case 503 -> "Service Unavailable";
      default -> "Status";
    };
  }
}
