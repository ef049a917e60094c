package io.jcompose.network.dns;

import io.jcompose.core.sync.FairShare;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks name servers outside. A server that does not answer in time or answers SERVFAIL or REFUSED
 * is followed by the next; late answers still count. Blocks, on virtual threads. At most {@link
 * #LIMIT} questions are under way, of one container no more than others have left to them: one
 * whose server is dead keeps no other from asking.
 */
final class DnsForwarder {
  private static final Logger LOG = LoggerFactory.getLogger(DnsForwarder.class);
  private static final int LIMIT = 1024;
  private static final int PORT = 53;
  private static final int NEXT_SERVER_MILLIS = 1500;
  private static final int LAST_SERVER_MILLIS = 4000;
  private static final int MAX_SERVERS = 3;

  /** What a server is told to send at most by UDP. */
  private static final int UDP_BYTES = 4096;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final FairShare underWay = new FairShare(LIMIT);
  private final int port;

  DnsForwarder() {
    this(PORT);
  }

  /**
   * @param port where the servers listen
   */
  DnsForwarder(int port) {
    this.port = port;
  }

  /** Lets a container ask once, until {@link #end}; false when it has too much under way. */
  boolean begin(String containerId) {
    return underWay.take(containerId, 1);
  }

  void end(String containerId) {
    underWay.give(containerId, 1);
  }

  /** The answer of the first server that has one; empty when none does. */
  Optional<byte[]> ask(
      DnsQuery query, byte[] packet, List<String> servers, ChannelFactory channels, boolean tcp) {
    List<String> first = servers.subList(0, Math.min(MAX_SERVERS, servers.size()));
    byte[] own = packet.clone();
    ByteBuffer.wrap(own).putShort(0, (short) RANDOM.nextInt(0x10000));
    if (query.sizeAt() >= 0) {
      // a longer answer would be cut here without a word; so it comes by TCP
      ByteBuffer.wrap(own).putShort(query.sizeAt(), (short) Math.min(query.takes(), UDP_BYTES));
    }
    Optional<byte[]> answer =
        tcp ? askTcp(query, own, first, channels) : askUdp(query, own, first, channels);
    answer.ifPresent(bytes -> ByteBuffer.wrap(bytes).putShort(0, (short) query.id()));
    return answer;
  }

  private Optional<byte[]> askUdp(
      DnsQuery query, byte[] own, List<String> servers, ChannelFactory channels) {
    List<SocketAddress> asked = new ArrayList<>();
    try (DatagramSocket socket = channels.udp().socket()) {
      for (String server : servers) {
        if (!send(socket, own, server, asked)) {
          continue;
        }
        Optional<byte[]> answer = await(socket, query, own, asked, NEXT_SERVER_MILLIS);
        if (answer.isPresent()) {
          return answer;
        }
      }
      // whoever was asked last has its whole time, also when servers behind it cannot be asked
      return await(socket, query, own, asked, LAST_SERVER_MILLIS - NEXT_SERVER_MILLIS);
    } catch (IOException e) {
      LOG.debug("name servers {} cannot be asked", servers, e);
      return Optional.empty();
    }
  }

  private boolean send(
      DatagramSocket socket, byte[] own, String server, List<SocketAddress> asked) {
    try {
      InetSocketAddress address = address(server);
      socket.send(new DatagramPacket(own, own.length, address));
      asked.add(address);
      return true;
    } catch (IOException e) {
      LOG.debug("name server {} cannot be asked", server, e);
      return false;
    }
  }

  /** Waits for an answer from one of the servers to this very question. */
  private static Optional<byte[]> await(
      DatagramSocket socket, DnsQuery query, byte[] own, List<SocketAddress> asked, int millis)
      throws IOException {
    long end = System.nanoTime() + millis * 1_000_000L;
    // one more than is asked for tells an answer that was cut
    DatagramPacket packet = new DatagramPacket(new byte[UDP_BYTES + 1], UDP_BYTES + 1);
    while (!asked.isEmpty()) {
      int left = (int) ((end - System.nanoTime()) / 1_000_000);
      if (left <= 0) {
        break;
      }
      socket.setSoTimeout(left);
      try {
        packet.setLength(UDP_BYTES + 1);
        socket.receive(packet);
      } catch (SocketTimeoutException e) {
        break;
      }
      ByteBuffer bytes = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
      if (!asked.contains(packet.getSocketAddress()) || !isAnswer(bytes, query, own)) {
        continue;
      }
      if (failed(bytes)) {
        asked.remove(packet.getSocketAddress());
        continue;
      }
      return Optional.of(fitting(bytes, query));
    }
    return Optional.empty();
  }

  private static byte[] fitting(ByteBuffer answer, DnsQuery query) {
    if (answer.limit() > Math.min(query.takes(), UDP_BYTES)) {
      return query.truncated();
    }
    return whole(answer, query);
  }

  private Optional<byte[]> askTcp(
      DnsQuery query, byte[] own, List<String> servers, ChannelFactory channels) {
    for (String server : servers) {
      try (Socket socket = channels.tcp().socket()) {
        socket.connect(address(server), NEXT_SERVER_MILLIS);
        long end = System.nanoTime() + LAST_SERVER_MILLIS * 1_000_000L;
        ByteBuffer message = ByteBuffer.allocate(own.length + 2);
        new DataOutputStream(socket.getOutputStream())
            .write(message.putShort((short) own.length).put(own).array());
        int length = ByteBuffer.wrap(read(socket, 2, end)).getShort() & 0xffff;
        byte[] bytes = read(socket, length, end);
        ByteBuffer answer = ByteBuffer.wrap(bytes);
        if (isAnswer(answer, query, own) && !failed(answer)) {
          return Optional.of(isBare(answer) ? query.empty(code(answer)) : bytes);
        }
      } catch (IOException e) {
        LOG.debug("name server {} failed, asking the next", server, e);
      }
    }
    return Optional.empty();
  }

  /** A server that sends a byte now and then gets no more time than one that sends none. */
  private static byte[] read(Socket socket, int length, long end) throws IOException {
    byte[] bytes = new byte[length];
    InputStream in = socket.getInputStream();
    int count = 0;
    while (count < length) {
      int left = (int) ((end - System.nanoTime()) / 1_000_000);
      if (left <= 0) {
        throw new SocketTimeoutException("no whole answer in " + LAST_SERVER_MILLIS + " ms");
      }
      socket.setSoTimeout(left);
      int read = in.read(bytes, count, length - count);
      if (read < 0) {
        throw new IOException("the connection ended within an answer");
      }
      count += read;
    }
    return bytes;
  }

  /** Only a server that gives up may leave the question out. */
  private static boolean isAnswer(ByteBuffer answer, DnsQuery query, byte[] own) {
    return answer.limit() >= 12
        && answer.get(0) == own[0]
        && answer.get(1) == own[1]
        && (answer.get(2) & 0x80) != 0
        && (query.isSameQuestion(answer) || isBare(answer));
  }

  private static boolean isBare(ByteBuffer answer) {
    return answer.getShort(4) == 0
        && code(answer) != DnsQuery.NOERROR
        && code(answer) != DnsQuery.NXDOMAIN;
  }

  private static boolean failed(ByteBuffer answer) {
    return code(answer) == DnsQuery.SERVFAIL || code(answer) == DnsQuery.REFUSED;
  }

  private static int code(ByteBuffer answer) {
    return answer.get(3) & 15;
  }

  private static byte[] whole(ByteBuffer answer, DnsQuery query) {
    if (isBare(answer)) {
      return query.empty(code(answer));
    }
    byte[] bytes = new byte[answer.limit()];
    answer.get(0, bytes);
    return bytes;
  }

  private InetSocketAddress address(String server) throws IOException {
    try {
      return new InetSocketAddress(InetAddress.ofLiteral(server), port);
    } catch (IllegalArgumentException e) {
      throw new IOException("not an address of a name server: " + server, e);
    }
  }
}
