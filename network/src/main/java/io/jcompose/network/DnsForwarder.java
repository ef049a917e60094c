package io.jcompose.network;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks name servers outside. A server that does not answer in time or answers SERVFAIL or REFUSED
 * is followed by the next; late answers still count. Blocks, on virtual threads. At most {@link
 * #LIMIT} questions are under way; further ones fail at once.
 */
final class DnsForwarder {
  private static final Logger LOG = LoggerFactory.getLogger(DnsForwarder.class);
  private static final int LIMIT = 1024;
  private static final int PORT = 53;
  private static final int NEXT_SERVER_MILLIS = 1500;
  private static final int LAST_SERVER_MILLIS = 4000;
  private static final int MAX_SERVERS = 3;
  private static final int MAX_BYTES = 65_535;
  private static final int UDP_BYTES = 4096;
  private static final int REFUSED = 5;

  private final Semaphore underWay = new Semaphore(LIMIT);

  /** The answer of the first server that has one; empty when none does. */
  Optional<byte[]> ask(byte[] query, List<String> servers, Outlet outlet, boolean tcp) {
    if (servers.isEmpty() || !underWay.tryAcquire()) {
      return Optional.empty();
    }
    try {
      List<String> first = servers.subList(0, Math.min(MAX_SERVERS, servers.size()));
      return tcp ? askTcp(query, first, outlet) : askUdp(query, first, outlet);
    } finally {
      underWay.release();
    }
  }

  private static Optional<byte[]> askUdp(byte[] query, List<String> servers, Outlet outlet) {
    byte[] own = query.clone();
    int id = ThreadLocalRandom.current().nextInt(0x10000);
    own[0] = (byte) (id >>> 8);
    own[1] = (byte) id;
    List<InetSocketAddress> asked = new ArrayList<>();
    try (DatagramSocket socket = outlet.udp().socket()) {
      for (int i = 0; i < servers.size(); i++) {
        try {
          InetSocketAddress server = address(servers.get(i));
          socket.send(new DatagramPacket(own, own.length, server));
          asked.add(server);
        } catch (IOException e) {
          LOG.debug("name server {} cannot be asked", servers.get(i), e);
          continue;
        }
        boolean last = i == servers.size() - 1;
        Optional<byte[]> answer =
            await(socket, own, asked, last ? LAST_SERVER_MILLIS : NEXT_SERVER_MILLIS);
        if (answer.isPresent()) {
          return answer.map(bytes -> withId(bytes, query));
        }
      }
    } catch (IOException e) {
      LOG.debug("name servers {} cannot be asked", servers, e);
    }
    return Optional.empty();
  }

  /** Waits for an answer from one of the servers to this very question. */
  private static Optional<byte[]> await(
      DatagramSocket socket, byte[] query, List<InetSocketAddress> asked, int millis)
      throws IOException {
    long end = System.nanoTime() + millis * 1_000_000L;
    DatagramPacket packet = new DatagramPacket(new byte[UDP_BYTES], UDP_BYTES);
    while (true) {
      int left = (int) ((end - System.nanoTime()) / 1_000_000);
      if (left <= 0) {
        return Optional.empty();
      }
      socket.setSoTimeout(left);
      try {
        packet.setLength(UDP_BYTES);
        socket.receive(packet);
      } catch (SocketTimeoutException e) {
        return Optional.empty();
      }
      ByteBuffer bytes = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
      if (!asked.contains(packet.getSocketAddress()) || !isAnswer(bytes, query)) {
        continue;
      }
      byte[] answer = new byte[bytes.remaining()];
      bytes.get(answer);
      int code = answer[3] & 15;
      if (code == DnsQuery.SERVFAIL || code == REFUSED) {
        asked.remove(packet.getSocketAddress());
        if (asked.isEmpty()) {
          return Optional.empty();
        }
        continue;
      }
      return Optional.of(answer);
    }
  }

  private static Optional<byte[]> askTcp(byte[] query, List<String> servers, Outlet outlet) {
    for (String server : servers) {
      try (Socket socket = outlet.tcp().socket()) {
        socket.setSoTimeout(LAST_SERVER_MILLIS);
        socket.connect(address(server), NEXT_SERVER_MILLIS);
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        ByteBuffer message = ByteBuffer.allocate(query.length + 2);
        out.write(message.putShort((short) query.length).put(query).array());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] answer = new byte[Math.min(MAX_BYTES, in.readUnsignedShort())];
        in.readFully(answer);
        if (isAnswer(ByteBuffer.wrap(answer), query)) {
          return Optional.of(answer);
        }
      } catch (IOException e) {
        LOG.debug("name server {} failed, asking the next", server, e);
      }
    }
    return Optional.empty();
  }

  private static boolean isAnswer(ByteBuffer answer, byte[] query) {
    return answer.remaining() >= 12
        && answer.get(0) == query[0]
        && answer.get(1) == query[1]
        && (answer.get(2) & 0x80) != 0;
  }

  private static byte[] withId(byte[] answer, byte[] query) {
    answer[0] = query[0];
    answer[1] = query[1];
    return answer;
  }

  private static InetSocketAddress address(String server) throws IOException {
    try {
      return new InetSocketAddress(InetAddress.ofLiteral(server), PORT);
    } catch (IllegalArgumentException e) {
      throw new IOException("not an address of a name server: " + server, e);
    }
  }
}
