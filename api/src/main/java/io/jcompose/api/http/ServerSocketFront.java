package io.jcompose.api.http;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An HTTP/1.1 server on a Unix socket: a virtual thread accepts, one serves each connection. The
 * socket has mode 0660 and, where that group exists, the group given. Docker's clients hijack POST
 * requests and half-close, which common servers do not allow on a Unix socket; that is why it
 * exists. Closing it ends all connections and removes the socket.
 */
public final class ServerSocketFront implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerSocketFront.class);
  private static final int BACKLOG = 256;
  private static final long ACCEPT_PAUSE_MILLIS = 200;

  /** Each takes up to some 30 KiB of the heap before it has asked for anything. */
  public static final int MOST_CONNECTIONS = 512;

  /**
   * Of those the last ones are root's, who can then see to it that there are fewer; not the
   * engine's, where it connects to itself for another user's command.
   */
  private static final int OTHERS_CONNECTIONS = 448;

  /** A quarter of the smallest heap that an engine is given, and of the largest. */
  private static final int LEAST_BODY_BYTES = 16 << 20;

  private static final int MOST_BODY_BYTES = 128 << 20;

  /** For a request that began to come, its body, and the next one on a connection. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** For memory that other requests have. */
  private static final Duration MEMORY_PATIENCE = Duration.ofSeconds(10);

  private final Path socket;
  private final Duration patience;
  private final Predicate<SocketChannel> mayTakeLast;
  private final Handler handler;
  private final ServerSocketChannel server;
  private final BodyBudget budget = new BodyBudget(bodyBytes(), Exchange.OWN_USER, MEMORY_PATIENCE);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

  private static int bodyBytes() {
    long quarter = Runtime.getRuntime().maxMemory() / 4;
    return Math.clamp(quarter, LEAST_BODY_BYTES, MOST_BODY_BYTES);
  }

  private ServerSocketFront(
      Path socket,
      Duration patience,
      Predicate<SocketChannel> mayTakeLast,
      Handler handler,
      ServerSocketChannel server) {
    this.socket = socket;
    this.mayTakeLast = mayTakeLast;
    this.patience = patience;
    this.handler = handler;
    this.server = server;
  }

  /**
   * Binds and begins to serve. A socket left by a dead server is replaced, so the caller makes sure
   * that none is alive.
   *
   * @throws IOException when the socket cannot be made
   */
  public static ServerSocketFront open(Path socket, String group, Handler handler)
      throws IOException {
    return open(socket, group, PATIENCE, ServerSocketFront::isRoot, handler);
  }

  /**
   * @param patience how long it waits for each part of a request
   * @param mayTakeLast who is served when there is hardly room for more; may block
   */
  static ServerSocketFront open(
      Path socket,
      String group,
      Duration patience,
      Predicate<SocketChannel> mayTakeLast,
      Handler handler)
      throws IOException {
    Files.deleteIfExists(socket);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(socket), BACKLOG);
      restrict(socket, group);
    } catch (IOException e) {
      server.close();
      throw e;
    }
    ServerSocketFront front = new ServerSocketFront(socket, patience, mayTakeLast, handler, server);
    Thread.ofVirtual().name("accept").start(front::accept);
    return front;
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    server.close();
    for (SocketChannel connection : connections) {
      connection.close();
    }
    Files.deleteIfExists(socket);
  }

  private static void restrict(Path socket, String group) throws IOException {
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
    try {
      var principal =
          socket.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group);
      Files.getFileAttributeView(socket, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .setGroup(principal);
    } catch (UserPrincipalNotFoundException e) {
      LOG.debug("no group {}: only the owner may use {}", group, socket);
    }
  }

  private void accept() {
    boolean failing = false;
    while (server.isOpen()) {
      try {
        SocketChannel connection = server.accept();
        failing = false;
        boolean last = connections.size() >= OTHERS_CONNECTIONS;
        if (connections.size() >= MOST_CONNECTIONS) {
          refuse(connection);
          continue;
        }
        connections.add(connection);
        Thread.ofVirtual().name("request").start(() -> serve(connection, last));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        if (!failing) {
          LOG.warn("failed to accept a connection on {}; it is tried again", socket, e);
        }
        failing = true;
        pause();
      }
    }
  }

  /** By whose process connected. It tells names, not numbers, and looks them up for that. */
  private static boolean isRoot(SocketChannel connection) {
    try {
      var peer = connection.getOption(ExtendedSocketOptions.SO_PEERCRED);
      return peer.user().getName().equals("root");
    } catch (IOException e) {
      LOG.debug("cannot tell who connected: {}", e.toString());
      return false;
    }
  }

  private static void refuse(SocketChannel connection) {
    try (connection) {
      answer(new WireOutput(connection), tooMany());
    } catch (IOException e) {
      LOG.debug("a connection too many ended: {}", e.toString());
    }
  }

  private static MalformedRequest tooMany() {
    String text = "as many connections are open as can be; try again when some are not";
    return new MalformedRequest(503, text);
  }

  /** No event tells that a descriptor came free; connections wait in the kernel's queue. */
  private void pause() {
    try {
      if (closed.await(ACCEPT_PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        LOG.debug("{} was closed", socket);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * @param last there is hardly room for more
   */
  private void serve(SocketChannel connection, boolean last) {
    try (connection) {
      if (last && !mayTakeLast.test(connection)) {
        refuse(connection);
        return;
      }
      WireInput input = new WireInput(connection);
      WireOutput output = new WireOutput(connection);
      boolean more = true;
      while (more) {
        more = serveOne(connection, input, output, last);
      }
    } catch (IOException e) {
      LOG.debug("connection ended: {}", e.toString());
    } catch (RuntimeException e) {
      LOG.error("request failed", e);
    } finally {
      connections.remove(connection);
    }
  }

  private boolean serveOne(
      SocketChannel connection, WireInput input, WireOutput output, boolean last)
      throws IOException {
    try {
      RequestHead head = head(connection, input);
      if (head == null) {
        return false;
      }
      Exchange exchange = new Exchange(head, connection, input, output, budget, patience);
      if (last && exchange.isForAnother()) {
        throw tooMany();
      }
      try {
        handler.handle(exchange);
        return exchange.finish();
      } finally {
        exchange.release();
      }
    } catch (MalformedRequest e) {
      answer(output, e);
      return false;
    }
  }

  private @Nullable RequestHead head(SocketChannel connection, WireInput input) throws IOException {
    try (Patience _ = new Patience(connection, patience)) {
      return RequestHead.read(input);
    }
  }

  private static void answer(WireOutput output, MalformedRequest e) throws IOException {
    byte[] message =
        ("{\"message\":\"" + e.getMessage() + "\"}\n").getBytes(StandardCharsets.UTF_8);
    output.write(
        "HTTP/1.1 "
            + e.status()
            + " Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n"
            + "Content-Length: "
            + message.length
            + "\r\n\r\n",
        message,
        0,
        message.length);
  }
}
