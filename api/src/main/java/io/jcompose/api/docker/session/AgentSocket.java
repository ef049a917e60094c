package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.api.docker.rpc.ProtoWriter;
import io.jcompose.api.docker.rpc.RpcStream;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.SentFolder;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket on this host behind which is the agent of ssh that a client has: each connection is a
 * call to the client. Thread-safe; the owner closes it.
 */
final class AgentSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentSocket.class);
  private static final int MOST_CONNECTIONS = 16;
  private static final int PIECE = 16 << 10;

  private final Calls calls;
  private final SentFolder folder;
  private final Path path;
  private final ServerSocketChannel server;
  private final Semaphore places = new Semaphore(MOST_CONNECTIONS);
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

  /** Begins a call to the client's agent. */
  @FunctionalInterface
  interface Calls {
    RpcStream open() throws IOException;
  }

  private AgentSocket(Calls calls, SentFolder folder, Path path, ServerSocketChannel server) {
    this.calls = calls;
    this.folder = folder;
    this.path = path;
    this.server = server;
  }

  /**
   * @param folder where the socket is; goes with it
   */
  static AgentSocket open(Calls calls, SentFolder folder) {
    Path path = folder.path().resolve("agent");
    try {
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(path));
      AgentSocket socket = new AgentSocket(calls, folder, path, server);
      Thread.ofVirtual().name("agent").start(socket::accept);
      return socket;
    } catch (IOException e) {
      folder.close();
      throw new JcomposeException.Unavailable("no socket for an agent can be made: " + e, e);
    }
  }

  Path path() {
    return path;
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel connection = server.accept();
        if (!places.tryAcquire()) {
          connection.close();
          continue;
        }
        connections.add(connection);
        Thread.ofVirtual().name("agent").start(() -> serve(connection));
      }
    } catch (IOException e) {
      LOG.debug("an agent's socket has ended: {}", e.toString());
    }
  }

  private void serve(SocketChannel connection) {
    try (connection;
        RpcStream call = calls.open()) {
      Thread.ofVirtual().name("agent-answers").start(() -> answers(call, connection));
      ByteBuffer buffer = ByteBuffer.allocate(PIECE);
      while (connection.read(buffer) >= 0) {
        byte[] bytes = Arrays.copyOf(buffer.array(), buffer.position());
        call.send(new ProtoWriter().bytes(1, bytes));
        buffer.clear();
      }
    } catch (IOException e) {
      LOG.debug("a connection to an agent has ended: {}", e.toString());
    } finally {
      connections.remove(connection);
      places.release();
    }
  }

  private static void answers(RpcStream call, SocketChannel connection) {
    try (connection) {
      for (byte[] part = call.receive(); part != null; part = call.receive()) {
        ByteBuffer bytes = ByteBuffer.wrap(ProtoMessage.parse(part).bytes(1));
        while (bytes.hasRemaining()) {
          connection.write(bytes);
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug("an agent answers no more: {}", e.toString());
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (SocketChannel connection : connections) {
        connection.close();
      }
    } catch (IOException e) {
      LOG.debug("an agent's socket was not closed", e);
    }
    folder.close();
  }
}
