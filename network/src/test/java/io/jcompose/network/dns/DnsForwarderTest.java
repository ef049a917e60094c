package io.jcompose.network.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each server has an address of its own on the loopback and the port of the first. */
class DnsForwarderTest {
  private static final byte[] ADDRESS = {(byte) 203, 0, 113, 7};
  private static final int TRUNCATED = 2;

  private final List<DatagramSocket> servers = new ArrayList<>();

  /** What a server was asked last. */
  private volatile byte[] asked = {};

  private int port;

  @BeforeEach
  void choosePort() throws IOException {
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      port = free.getLocalPort();
    }
  }

  @AfterEach
  void close() {
    servers.forEach(DatagramSocket::close);
  }

  @Test
  void aServerThatCannotBeAskedTakesNoTimeFromTheOthers() throws Exception {
    // later than a server that is not the last may answer
    Executor later = CompletableFuture.delayedExecutor(2, TimeUnit.SECONDS);
    String slow = server(2, later, query -> List.of(answer(query)));
    assertThat(ask(query(0), slow, "no address")).isPresent();
  }

  @Test
  void anAnswerToAnotherQuestionIsNotTaken() throws Exception {
    String server =
        server(
            query -> {
              byte[] other = answer(query);
              other[13] ^= 1; // a letter of the name
              byte[] type = answer(query);
              type[12 + 9] ^= 1;
              return List.of(other, type, answer(query));
            });
    byte[] answer = ask(query(0), server).orElseThrow();
    assertThat(answer).endsWith(ADDRESS).startsWith(0, 42);
    assertThat(answer[13]).isEqualTo((byte) 'a');
  }

  @Test
  void aNameMayComeBackInOtherLetters() throws Exception {
    String server =
        server(
            query -> {
              byte[] answer = answer(query);
              answer[13] = 'A';
              return List.of(answer);
            });
    assertThat(ask(query(0), server)).isPresent();
  }

  @Test
  void anAnswerThatIsTooLongIsAskedForByTcp() throws Exception {
    String server = server(query -> List.of(ByteBuffer.allocate(900).put(answer(query)).array()));
    assertThat(ask(query(0), server).orElseThrow()[2] & TRUNCATED).isEqualTo(TRUNCATED);
    assertThat(ask(query(1232), server).orElseThrow()).hasSize(900);
    String large = server(query -> List.of(ByteBuffer.allocate(4200).put(answer(query)).array()));
    byte[] query = query(65_000);
    byte[] answer = ask(query, large).orElseThrow();
    assertThat(answer[2] & TRUNCATED).isEqualTo(TRUNCATED);
    assertThat(DnsQuery.parse(ByteBuffer.wrap(query)).orElseThrow().takes()).isEqualTo(65_000);
    assertThat(DnsQuery.parse(ByteBuffer.wrap(asked)).orElseThrow().takes()).isEqualTo(4096);
  }

  @Test
  void aServerThatGivesUpIsFollowedByTheNext() throws Exception {
    String failing = server(query -> List.of(failure(query, DnsQuery.SERVFAIL)));
    String good = server(query -> List.of(answer(query)));
    assertThat(ask(query(0), failing, good).orElseThrow()).endsWith(ADDRESS);
    assertThat(ask(query(0), failing)).isEmpty();
    String old = server(query -> List.of(failure(query, DnsQuery.FORMERR)));
    byte[] answer = ask(query(1232), old).orElseThrow();
    assertThat(answer[3] & 15).isEqualTo(DnsQuery.FORMERR);
    assertThat(answer[5]).as("the question is there").isEqualTo((byte) 1);
  }

  @Test
  void oneContainersQuestionsLeaveRoomForAnother() {
    DnsForwarder forwarder = new DnsForwarder(port);
    int count = 0;
    while (forwarder.begin("flooding")) {
      count++;
    }
    assertThat(count).isBetween(100, 600);
    assertThat(forwarder.begin("other")).isTrue();
    forwarder.end("flooding");
    forwarder.end("flooding");
    assertThat(forwarder.begin("flooding")).isTrue();
  }

  private Optional<byte[]> ask(byte[] query, String... servers) {
    return new DnsForwarder(port)
        .ask(
            DnsQuery.parse(ByteBuffer.wrap(query)).orElseThrow(),
            query,
            List.of(servers),
            ChannelFactory.HOST,
            false);
  }

  private String server(Function<byte[], List<byte[]>> answers) throws IOException {
    return server(servers.size() + 2, Runnable::run, answers);
  }

  private String server(int number, Executor when, Function<byte[], List<byte[]>> answers)
      throws IOException {
    String address = "127.0.0." + number;
    DatagramSocket socket = new DatagramSocket(port, InetAddress.ofLiteral(address));
    servers.add(socket);
    Thread.startVirtualThread(() -> serve(socket, when, answers));
    return address;
  }

  private void serve(DatagramSocket socket, Executor when, Function<byte[], List<byte[]>> answers) {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[600], 600);
        socket.receive(packet);
        byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
        asked = query;
        when.execute(
            () ->
                answers
                    .apply(query)
                    .forEach(
                        answer -> {
                          try {
                            socket.send(
                                new DatagramPacket(
                                    answer, answer.length, packet.getSocketAddress()));
                          } catch (IOException e) {
                            throw new UncheckedIOException(e);
                          }
                        }));
      }
    } catch (IOException e) {
      return;
    }
  }

  private static byte[] answer(byte[] query) {
    return DnsQuery.parse(ByteBuffer.wrap(query)).orElseThrow().addresses(List.of(ADDRESS), 512);
  }

  private static byte[] failure(byte[] query, int code) {
    byte[] header = new byte[12];
    header[0] = query[0];
    header[1] = query[1];
    header[2] = (byte) 0x80;
    header[3] = (byte) code;
    return header;
  }

  /** Asks for the address of {@code a.test}. */
  private static byte[] query(int size) {
    ByteBuffer out = ByteBuffer.allocate(100);
    out.putShort((short) 42).putShort((short) 0x100).putShort((short) 1).putShort((short) 0);
    out.putShort((short) 0).putShort((short) (size > 0 ? 1 : 0));
    for (String label : List.of("a", "test")) {
      out.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.put((byte) 0).putShort((short) DnsQuery.TYPE_A).putShort((short) 1);
    if (size > 0) {
      out.put((byte) 0).putShort((short) 41).putShort((short) size).putInt(0).putShort((short) 0);
    }
    return Arrays.copyOf(out.array(), out.position());
  }
}
