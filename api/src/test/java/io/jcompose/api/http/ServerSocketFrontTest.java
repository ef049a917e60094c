package io.jcompose.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class ServerSocketFrontTest {
  /** Twelve of them are more than any server holds. */
  private static final byte[] LONG = new byte[16 << 20];

  private final CountDownLatch left = new CountDownLatch(1);
  @TempDir Path folder;
  private Path socket;
  private ServerSocketFront front;

  @BeforeEach
  void open() throws IOException {
    socket = folder.resolve("s.sock");
    open(Duration.ofMinutes(1), true);
  }

  @AfterEach
  void close() throws IOException {
    front.close();
    assertThat(socket).doesNotExist();
  }

  private void open(Duration patience, boolean isRoot) throws IOException {
    front = ServerSocketFront.open(socket, "no-such-group", patience, peer -> isRoot, this::answer);
  }

  @Test
  void givesTheSocketToOwnerAndGroupOnly() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-rw----");
  }

  @Test
  void keepsTheConnectionForTheNextRequest() throws IOException {
    String answers =
        talk(
            "POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\none"
                + "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\ntw\r\n1;x=y\r\no\r\n0\r\n\r\n"
                + "GET /nobody HTTP/1.1\r\nConnection: close\r\n\r\n");
    assertThat(answers)
        .isEqualTo(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\none"
                + "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\ntwo"
                + "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n"
                + "Connection: close\r\nContent-Length: 43\r\n\r\n"
                + "{\"message\":\"the request was not answered\"}\n");
  }

  @Test
  void sendsEachWriteAsAChunk() throws IOException {
    assertThat(talk("GET /stream HTTP/1.1\r\nConnection: close\r\n\r\n"))
        .endsWith("\r\n\r\n2\r\na\n\r\n2\r\nb\n\r\n0\r\n\r\n");
  }

  @Test
  void goesOnWithOutputAfterTheClientEndedItsInput() throws IOException {
    String answer =
        talk(
            "POST /hijack HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
                + "Content-Length: 2\r\n\r\n{}stdin");
    assertThat(answer)
        .isEqualTo(
            "HTTP/1.1 101 UPGRADED\r\nContent-Type: raw\r\nConnection: Upgrade\r\n"
                + "Upgrade: tcp\r\n\r\ngot stdin");
  }

  @Test
  void tellsWarningsInHeadersOfEveryKindOfAnswer() throws IOException {
    String warnings = "Jcompose-Warning: one%3A+%C3%BC%0A++++included\r\nJcompose-Warning: two\r\n";
    assertThat(talk("GET /warned HTTP/1.1\r\n\r\n"))
        .isEqualTo(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                + warnings
                + "Content-Length: 2\r\n\r\nok");
    assertThat(talk("POST /warned HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"))
        .isEqualTo(
            "HTTP/1.1 101 UPGRADED\r\nContent-Type: raw\r\nConnection: Upgrade\r\n"
                + "Upgrade: tcp\r\n"
                + warnings
                + "\r\n");
  }

  @Test
  void refusesWhatIsNotHttp() throws IOException {
    assertThat(talk("nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(talk("GET / HTTP/1.1\r\nno colon\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(talk("POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    assertThat(
            talk("POST /echo HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    assertThat(talk("GET /" + "x".repeat(70_000) + " HTTP/1.1\r\n\r\n"))
        .startsWith("HTTP/1.1 431 ");
  }

  @Test
  void boundsAHeadAsAWhole() throws IOException {
    String header = "x: " + "y".repeat(7_000) + "\r\n";
    assertThat(talk("GET /echo HTTP/1.1\r\nConnection: close\r\n" + header.repeat(2) + "\r\n"))
        .startsWith("HTTP/1.1 200 ");
    assertThat(talk("GET /echo HTTP/1.1\r\n" + header.repeat(3) + "\r\n"))
        .startsWith("HTTP/1.1 431 ");
  }

  @Test
  void refusesConnectionsBeyondWhatTheHeapHolds() throws IOException {
    List<SocketChannel> idle = new ArrayList<>();
    try {
      for (int i = 0; i < 512; i++) {
        SocketChannel client = connect();
        idle.add(client);
        client.write(bytes("POST /echo HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"));
        assertThat(client.read(ByteBuffer.allocate(100))).isPositive(); // it was accepted
      }
      assertThat(talk("GET /echo HTTP/1.1\r\n\r\n"))
          .startsWith("HTTP/1.1 503 ")
          .contains("as many connections are open as can be");
    } finally {
      for (SocketChannel client : idle) {
        client.close();
      }
    }
    String answer = "";
    while (!answer.startsWith("HTTP/1.1 200 ")) {
      answer = talk("GET /echo HTTP/1.1\r\nConnection: close\r\n\r\n");
    }
  }

  @Test
  void leavesTheLastConnectionsToRoot() throws IOException {
    front.close();
    open(Duration.ofMinutes(1), false);
    List<SocketChannel> idle = new ArrayList<>();
    try {
      for (int i = 0; i < 448; i++) {
        SocketChannel client = connect();
        idle.add(client);
        client.write(bytes("POST /echo HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"));
        assertThat(client.read(ByteBuffer.allocate(100))).isPositive(); // it was accepted
      }
      assertThat(talk("GET /echo HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 503 ");
    } finally {
      for (SocketChannel client : idle) {
        client.close();
      }
    }
  }

  /** Which the engine asks of itself, as root. */
  @Test
  void leavesTheLastConnectionsToNobodyElsesCommand() throws IOException {
    List<SocketChannel> idle = new ArrayList<>();
    try {
      for (int i = 0; i < 448; i++) {
        SocketChannel client = connect();
        idle.add(client);
        client.write(bytes("POST /echo HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"));
        assertThat(client.read(ByteBuffer.allocate(100))).isPositive(); // it was accepted
      }
      assertThat(talk("GET /echo HTTP/1.1\r\nJcompose-Caller: eve\r\n\r\n"))
          .startsWith("HTTP/1.1 503 ");
      String own = System.getProperty("user.name");
      assertThat(talk("GET /echo HTTP/1.1\r\nJcompose-Caller: " + own + "\r\n\r\n"))
          .startsWith("HTTP/1.1 200 ");
    } finally {
      for (SocketChannel client : idle) {
        client.close();
      }
    }
  }

  /** Together they promise far more than there is for all. */
  @Test
  void promisesOfBodiesKeepNobodyWaiting() throws IOException {
    List<SocketChannel> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        silent.add(sending("POST /big HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nx"));
      }
      assertThat(talk("POST /echo HTTP/1.1\r\nContent-Length: 1\r\n\r\nx")).endsWith("x");
      String large = "y".repeat(1 << 20);
      assertThat(talk("POST /big HTTP/1.1\r\nContent-Length: 1048576\r\n\r\n" + large))
          .endsWith(large);
    } finally {
      for (SocketChannel client : silent) {
        client.close();
      }
    }
  }

  @Test
  void takesBodiesUpToTheLimitHoweverTheyCome() throws IOException {
    String most = "z".repeat(1 << 20);
    String start = "POST /big HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    assertThat(talk(start + "100000\r\n" + most + "\r\n0\r\n\r\n")).endsWith(most);
    assertThat(talk(start + "100001\r\n" + most + "z\r\n0\r\n\r\n")).startsWith("HTTP/1.1 413 ");
    assertThat(talk("POST /big HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n" + most + "z"))
        .startsWith("HTTP/1.1 413 ");
    assertThat(talk(start + "4e21\r\n" + "q".repeat(20_001) + "\r\n0\r\n\r\n"))
        .endsWith("\r\n\r\n" + "q".repeat(20_001));
  }

  @Test
  void endsConnectionsThatDoNotTakeTheirAnswer() throws Exception {
    front.close();
    open(Duration.ofMillis(300), true);
    try (SocketChannel deaf = sending("GET /long HTTP/1.1\r\n\r\n")) {
      assertThat(left.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(readToTheEnd(deaf).length).isLessThan(LONG.length);
    }
    front.close();
    open(Duration.ofMinutes(1), true);
    assertThat(talk("GET /long HTTP/1.1\r\nConnection: close\r\n\r\n").length())
        .isGreaterThan(LONG.length);
  }

  @Test
  void holdsOnlySoManyLongAnswersAtATime() throws IOException {
    List<SocketChannel> deaf = new ArrayList<>();
    try {
      for (int i = 0; i < 12; i++) {
        deaf.add(sending("GET /long HTTP/1.1\r\n\r\n"));
      }
      int answered = 0;
      for (SocketChannel client : deaf) {
        ByteBuffer start = ByteBuffer.allocate(12);
        client.read(start);
        answered +=
            new String(start.array(), StandardCharsets.UTF_8).equals("HTTP/1.1 200") ? 1 : 0;
      }
      assertThat(answered).isBetween(1, 7);
    } finally {
      for (SocketChannel client : deaf) {
        client.close();
      }
    }
  }

  @Test
  void endsConnectionsThatSendNothingMore() throws IOException {
    front.close();
    open(Duration.ofSeconds(2), true);
    try (SocketChannel follower = sending("GET /follow HTTP/1.1\r\n\r\n");
        SocketChannel silent = sending("");
        SocketChannel head = sending("GET /ec");
        SocketChannel body = sending("POST /big HTTP/1.1\r\nContent-Length: 9\r\n\r\nx");
        SocketChannel next = sending("POST /echo HTTP/1.1\r\nContent-Length: 1\r\n\r\nx")) {
      assertThat(readToTheEnd(silent)).isEmpty();
      assertThat(readToTheEnd(head)).isEmpty();
      assertThat(readToTheEnd(body)).isEmpty();
      assertThat(new String(readToTheEnd(next), StandardCharsets.UTF_8)).endsWith("\r\n\r\nx");
      assertThat(follower.read(ByteBuffer.allocate(200))).isPositive();
      assertThat(left.getCount()).isOne(); // an answer may take for ever
    }
  }

  private SocketChannel sending(String request) throws IOException {
    SocketChannel client = connect();
    client.write(bytes(request));
    return client;
  }

  @Test
  void givesBackWhatBodiesTookHoweverTheyEnd() throws IOException {
    // Far more than the budget holds at a time: if one were kept, the last would wait and fail.
    for (int i = 0; i < 300; i++) {
      assertThat(talk("POST /big HTTP/1.1\r\nContent-Length: 1000000\r\n\r\ncut off"))
          .startsWith("HTTP/1.1 400 ");
    }
    assertThat(talk("POST /big HTTP/1.1\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"))
        .endsWith("\r\n\r\nabc");
  }

  @Test
  void tellsTheHandlerThatTheClientLeft() throws Exception {
    try (SocketChannel client = connect()) {
      client.write(bytes("GET /follow HTTP/1.1\r\n\r\n"));
      client.read(ByteBuffer.allocate(512));
    }
    assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void tellsOfAClientThatLeavesBeforeItsAnswer() throws Exception {
    sending("GET /slow HTTP/1.1\r\n\r\n").close();
    assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private void answer(Exchange exchange) throws IOException {
    switch (exchange.head().path()) {
      case "/echo" -> exchange.respond(200, "text/plain", exchange.bodyBytes(100));
      case "/big" -> exchange.respond(200, "text/plain", exchange.bodyBytes(1 << 20));
      case "/long" -> {
        try {
          exchange.respond(200, "text/plain", LONG);
        } catch (IOException e) {
          left.countDown();
          throw e;
        }
      }
      case "/stream" -> {
        OutputStream stream = exchange.stream(200, "text/plain", null);
        stream.write("a\n".getBytes(StandardCharsets.UTF_8));
        stream.write("b\n".getBytes(StandardCharsets.UTF_8));
      }
      case "/follow" -> {
        exchange.stream(200, "text/plain", left::countDown);
        await();
      }
      case "/slow" -> {
        exchange.watch(left::countDown);
        await();
        exchange.respond(200, "text/plain", "late");
      }
      case "/hijack" -> {
        try (HijackedStream stream = exchange.hijack("raw")) {
          byte[] input = stream.input().readAllBytes();
          stream.output().write("got ".getBytes(StandardCharsets.UTF_8));
          stream.output().write(input);
        }
      }
      case "/warned" -> {
        exchange.warn("one: ü\n    included");
        exchange.warn("two");
        exchange.warn("two");
        if (exchange.head().isUpgrade()) {
          exchange.hijack("raw").close();
        } else {
          exchange.respond(200, "text/plain", "ok");
        }
      }
      default -> {}
    }
  }

  private void await() {
    try {
      left.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends, ends the input as `echo x | docker run -i` does, and reads to the end. */
  private String talk(String request) throws IOException {
    try (SocketChannel client = connect()) {
      ByteBuffer sent = bytes(request);
      try {
        while (sent.hasRemaining()) {
          client.write(sent);
        }
        client.shutdownOutput();
      } catch (IOException e) {
        // the server refused before it had read all
      }
      return new String(readToTheEnd(client), StandardCharsets.UTF_8);
    }
  }

  /** Where the server left bytes of the request unread, the end of its answer is a reset. */
  private static byte[] readToTheEnd(SocketChannel client) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try {
      Channels.newInputStream(client).transferTo(answer);
    } catch (SocketException e) {
      assertThat(answer.size()).as(e.toString()).isPositive();
    }
    return answer.toByteArray();
  }

  private SocketChannel connect() throws IOException {
    SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
    client.connect(UnixDomainSocketAddress.of(socket));
    return client;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
