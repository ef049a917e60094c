package io.jcompose.network.port;

import io.jcompose.network.thread.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A published UDP port that is relayed: each client has a socket of its own to the container, until
 * neither has sent anything for 90 seconds or a new client needs its place. Costs nothing but its
 * socket until a packet comes. Owned by the relays' thread.
 */
final class UdpPort implements EventLoop.Handler, RelayedPort {
  private static final Logger LOG = LoggerFactory.getLogger(UdpPort.class);
  private static final int PACKETS_AT_ONCE = 64;
  private static final long IDLE_MILLIS = 90_000;

  private final RelayLoop shared;
  private final DatagramChannel socket;
  private final InetSocketAddress to;
  private final String owner;

  /** In the order of their last packets; null until one comes. */
  private @Nullable Map<SocketAddress, Client> clients;

  private boolean sweeps;

  UdpPort(RelayLoop shared, DatagramChannel socket, InetSocketAddress to, String owner) {
    this.shared = shared;
    this.socket = socket;
    this.to = to;
    this.owner = owner;
  }

  @Override
  public void ready(SelectionKey key) {
    for (int i = 0; i < PACKETS_AT_ONCE; i++) {
      ByteBuffer packet = shared.buffer.clear();
      try {
        SocketAddress from = socket.receive(packet);
        if (from == null) {
          return;
        }
        Client client = shared.serves(from) ? client(from) : null;
        if (client != null) {
          client.channel.write(packet.flip());
        }
      } catch (IOException e) {
        LOG.debug("a packet to {} is lost", to, e);
      }
    }
  }

  @Override
  public void close() {
    EventLoop.close(socket);
    if (clients != null) {
      List.copyOf(clients.values()).forEach(Client::close);
    }
  }

  /** Null when there is no room for one more. */
  private @Nullable Client client(SocketAddress from) throws IOException {
    if (clients == null) {
      clients = new LinkedHashMap<>(16, 0.75f, true);
    }
    Client known = clients.get(from);
    if (known == null) {
      known = open(from, clients);
    }
    if (known != null) {
      known.lastNanos = System.nanoTime();
    }
    return known;
  }

  private @Nullable Client open(SocketAddress from, Map<SocketAddress, Client> all)
      throws IOException {
    while (!shared.descriptors.take(owner, 1)) {
      if (all.isEmpty()) {
        return null;
      }
      all.values().iterator().next().close();
    }
    DatagramChannel channel = null;
    try {
      channel = DatagramChannel.open(StandardProtocolFamily.INET).connect(to);
      Client client = new Client(from, channel);
      shared.loop.register(channel, SelectionKey.OP_READ, client);
      all.put(from, client);
      sweepLater(IDLE_MILLIS);
      return client;
    } catch (IOException e) {
      shared.descriptors.give(owner, 1);
      if (channel != null) {
        EventLoop.close(channel);
      }
      throw e;
    }
  }

  private void sweepLater(long millis) {
    if (!sweeps) {
      sweeps = true;
      shared.loop.after(millis, this::sweep);
    }
  }

  private void sweep() {
    sweeps = false;
    if (clients == null) {
      return;
    }
    long now = System.nanoTime();
    for (Client client : List.copyOf(clients.values())) {
      long left = IDLE_MILLIS - TimeUnit.NANOSECONDS.toMillis(now - client.lastNanos);
      if (left > 0) {
        sweepLater(left);
        return;
      }
      client.close();
    }
  }

  /** One client's socket to the container. */
  private final class Client implements EventLoop.Handler {
    private final SocketAddress address;
    private final DatagramChannel channel;
    private long lastNanos = System.nanoTime();

    private Client(SocketAddress address, DatagramChannel channel) {
      this.address = address;
      this.channel = channel;
    }

    @Override
    public void ready(SelectionKey key) {
      for (int i = 0; i < PACKETS_AT_ONCE && channel.isOpen(); i++) {
        ByteBuffer packet = shared.buffer.clear();
        try {
          if (channel.receive(packet) == null) {
            return;
          }
          client(address);
          socket.send(packet.flip(), address);
        } catch (PortUnreachableException e) {
          LOG.trace("nobody listens at {}", to, e);
        } catch (IOException e) {
          LOG.debug("an answer to {} is lost", address, e);
        }
      }
    }

    private void close() {
      if (clients != null && clients.remove(address, this)) {
        shared.descriptors.give(owner, 1);
        EventLoop.close(channel);
      }
    }
  }
}
