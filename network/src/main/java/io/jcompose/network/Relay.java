package io.jcompose.network;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries connections and packets that the firewall cannot: those to {@code ::1}, and any while the
 * firewall is missing. Runs on virtual threads until its socket is closed.
 */
final class Relay {
  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
  private static final int CONNECT_MILLIS = 5000;
  private static final int UDP_IDLE_MILLIS = 90_000;
  private static final int UDP_CLIENTS = 256;
  private static final int CONNECTIONS = 1024;
  private static final int COPY_BYTES = 16 * 1024;

  private Relay() {}

  /** Accepts and relays until {@code server} is closed. */
  static void tcp(ServerSocketChannel server, InetSocketAddress to) {
    Semaphore room = new Semaphore(CONNECTIONS);
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        if (room.tryAcquire()) {
          Thread.startVirtualThread(
              () -> {
                try {
                  connect(client, to);
                } finally {
                  room.release();
                }
              });
        } else {
          client.close();
        }
      } catch (IOException e) {
        if (server.isOpen()) {
          LOG.warn("relay to {} failed to accept a connection", to, e);
          return;
        }
      }
    }
  }

  /** Relays packets until {@code socket} is closed; each client has a socket of its own. */
  static void udp(DatagramChannel socket, InetSocketAddress to) {
    Map<SocketAddress, DatagramChannel> clients = new ConcurrentHashMap<>();
    ByteBuffer packet = ByteBuffer.allocate(COPY_BYTES);
    try {
      while (socket.isOpen()) {
        packet.clear();
        SocketAddress client = socket.receive(packet);
        packet.flip();
        DatagramChannel own = clients.get(client);
        if (own == null && clients.size() < UDP_CLIENTS) {
          own = DatagramChannel.open(java.net.StandardProtocolFamily.INET).connect(to);
          clients.put(client, own);
          DatagramChannel answers = own;
          Thread.startVirtualThread(() -> answer(socket, client, answers, clients));
        }
        if (own != null) {
          send(own, packet);
        }
      }
    } catch (IOException e) {
      if (socket.isOpen()) {
        LOG.warn("relay to {} ended", to, e);
      }
    } finally {
      clients.values().forEach(Relay::closeQuietly);
    }
  }

  private static void send(DatagramChannel own, ByteBuffer packet) {
    try {
      own.write(packet);
    } catch (IOException e) {
      LOG.debug("a relayed packet was refused", e);
    }
  }

  private static void answer(
      DatagramChannel socket,
      SocketAddress client,
      DatagramChannel own,
      Map<SocketAddress, DatagramChannel> clients) {
    try {
      java.net.DatagramPacket packet =
          new java.net.DatagramPacket(new byte[COPY_BYTES], COPY_BYTES);
      own.socket().setSoTimeout(UDP_IDLE_MILLIS);
      while (true) {
        packet.setLength(COPY_BYTES);
        own.socket().receive(packet);
        socket.send(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()), client);
      }
    } catch (SocketTimeoutException e) {
      LOG.trace("UDP client {} is silent", client, e);
    } catch (IOException e) {
      LOG.debug("relay to UDP client {} ended", client, e);
    } finally {
      clients.remove(client);
      closeQuietly(own);
    }
  }

  private static void connect(SocketChannel client, InetSocketAddress to) {
    try (client;
        SocketChannel target = SocketChannel.open()) {
      target.socket().connect(to, CONNECT_MILLIS);
      Thread back = Thread.startVirtualThread(() -> copy(target, client));
      copy(client, target);
      back.join();
    } catch (IOException e) {
      LOG.debug("relay to {} ended", to, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void copy(SocketChannel from, SocketChannel to) {
    ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
    try {
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
      to.shutdownOutput();
    } catch (IOException e) {
      LOG.trace("a relayed connection broke", e);
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private static void closeQuietly(java.nio.channels.Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.trace("closing a relayed connection failed", e);
    }
  }
}
