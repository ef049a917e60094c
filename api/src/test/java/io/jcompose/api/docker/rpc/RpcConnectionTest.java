package io.jcompose.api.docker.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two ends of a connection on loopback. */
@Timeout(60)
class RpcConnectionTest {
  private final CountDownLatch began = new CountDownLatch(1);
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private Socket here;
  private Socket there;
  private Future<?> serving;
  private RpcConnection client;

  @BeforeEach
  void connect() throws IOException {
    try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      here = new Socket(listening.getInetAddress(), listening.getLocalPort());
      there = listening.accept();
    }
    serving =
        threads.submit(
            () -> {
              RpcConnection.server(there.getInputStream(), there.getOutputStream(), this::serve)
                  .run();
              return null;
            });
  }

  private void runClient() throws IOException {
    client = RpcConnection.client(here.getInputStream(), here.getOutputStream());
    threads.submit(
        () -> {
          client.run();
          return null;
        });
  }

  @AfterEach
  void disconnect() throws Exception {
    here.close();
    there.close();
    threads.shutdown();
    assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
  }

  private void serve(RpcStream call) throws IOException {
    switch (call.path()) {
      case "/t.T/Echo" -> {
        for (byte[] part = call.receive(); part != null; part = call.receive()) {
          call.send(part);
        }
      }
      case "/t.T/Header" -> call.send(new ProtoWriter().text(1, call.header("who")));
      case "/t.T/Wait" -> {
        call.onCancel(cancelled::countDown);
        began.countDown();
        while (call.receive() != null) {
          // until it is given up
        }
      }
      case "/t.T/Slow" -> {
        call.onCancel(cancelled::countDown);
        while (call.receive() != null) {
          // to its end, as all do that answer one request
        }
        call.send(new ProtoWriter().text(1, "once"));
        Thread.yield();
      }
      case "/t.T/Silent" -> call.request();
      case "/t.T/Broken" -> throw new IllegalStateException("secret");
      default ->
          throw new RpcFailure(
              RpcFailure.NOT_FOUND,
              "no such thing: 100 % of é",
              List.of(new RpcFailure.Detail("a.type", new byte[] {1, 2})));
    }
  }

  private RpcStream open(String method) throws IOException {
    return client.open("/t.T/" + method, Map.of("who", List.of("me")));
  }

  @Test
  void aCallIsAnswered() throws Exception {
    runClient();
    try (RpcStream call = open("Header")) {
      assertThat(call.ask(new ProtoWriter()).text(1)).isEqualTo("me");
      assertThat(call.receive()).isNull();
    }
  }

  @Test
  void messagesLargerThanTheWindowPassBothWays() throws Exception {
    runClient();
    byte[] large = new byte[(2 << 20) - 10];
    new Random(1).nextBytes(large);
    try (RpcStream call = open("Echo")) {
      Future<?> sending =
          threads.submit(
              () -> {
                for (int i = 0; i < 4; i++) {
                  call.send(large);
                }
                call.send(new byte[0]);
                call.endOfRequest();
                return null;
              });
      for (int i = 0; i < 4; i++) {
        assertThat(call.receive()).isEqualTo(large);
      }
      assertThat(call.receive()).isEmpty();
      assertThat(call.receive()).isNull();
      sending.get();
    }
  }

  @Test
  void manyCallsGoOnAtOnce() throws Exception {
    runClient();
    List<Future<byte[]>> all = new ArrayList<>();
    for (int i = 0; i < 90; i++) {
      byte[] own = ("call " + i).getBytes(java.nio.charset.StandardCharsets.UTF_8);
      all.add(
          threads.submit(
              () -> {
                try (RpcStream call = open("Echo")) {
                  call.send(own);
                  call.endOfRequest();
                  return call.receive();
                }
              }));
    }
    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i).get()).asString().isEqualTo("call " + i);
    }
  }

  @Test
  void anErrorHasItsCodeAndText() throws Exception {
    runClient();
    try (RpcStream call = open("Nothing")) {
      assertThatThrownBy(() -> call.ask(new ProtoWriter()))
          .isInstanceOfSatisfying(
              RpcFailure.class, e -> assertThat(e.code()).isEqualTo(RpcFailure.NOT_FOUND))
          .hasMessage("no such thing: 100 % of é");
    }
  }

  @Test
  void aFaultOfTheServersOwnIsNotTold() throws Exception {
    runClient();
    try (RpcStream call = open("Broken")) {
      assertThatThrownBy(() -> call.ask(new ProtoWriter()))
          .isInstanceOf(RpcFailure.class)
          .hasMessage("internal error, see the engine's log");
    }
  }

  @Test
  void aCallThatIsGivenUpIsToldOf() throws Exception {
    runClient();
    try (RpcStream call = open("Wait")) {
      call.send(new byte[0]);
      assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void theEndOfTheConnectionEndsItsCalls() throws Exception {
    runClient();
    RpcStream call = open("Wait");
    Future<byte[]> reading = threads.submit(call::receive);
    assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
    there.close();
    assertThatThrownBy(reading::get).hasRootCauseInstanceOf(IOException.class);
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> open("Echo")).isInstanceOf(IOException.class);
  }

  @Test
  void aMessageThatPromisesTooMuchIsRefused() throws Exception {
    runClient();
    try (RpcStream call = open("Echo")) {
      assertThatThrownBy(
              () -> {
                call.send(new byte[3 << 20]);
                call.endOfRequest();
                call.receive();
              })
          .isInstanceOfAny(RpcFailure.class, IOException.class);
    }
  }

  @Test
  void whatIsNoHttp2EndsTheConnection() throws Exception {
    OutputStream out = here.getOutputStream();
    out.write("GET / HTTP/1.1\r\n\r\nand more and more and more".getBytes("US-ASCII"));
    serving.get(20, TimeUnit.SECONDS);
  }

  @Test
  void noBytesBreakTheServer() throws Exception {
    Random random = new Random(3);
    OutputStream out = here.getOutputStream();
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes("US-ASCII"));
    out.write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0}); // settings
    try {
      for (int i = 0; i < 2000; i++) {
        byte[] frame = new byte[9 + random.nextInt(20)];
        random.nextBytes(frame);
        frame[0] = 0;
        frame[1] = 0;
        frame[2] = (byte) (frame.length - 9);
        frame[3] = (byte) random.nextInt(10);
        out.write(frame);
      }
    } catch (IOException e) {
      // it has ended the connection
    }
    here.shutdownOutput();
    serving.get(20, TimeUnit.SECONDS);
  }

  @Test
  void whoeverReceivesIsWokenByTheClose() throws Exception {
    runClient();
    RpcStream call = open("Wait");
    Future<byte[]> reading = threads.submit(call::receive);
    assertThat(began.await(20, TimeUnit.SECONDS)).isTrue();
    call.close();
    assertThatThrownBy(reading::get).hasRootCauseInstanceOf(IOException.class);
  }

  @Test
  void anInterruptedSenderDoesNotEndTheConnection() throws Exception {
    runClient();
    Future<?> interrupted =
        threads.submit(
            () -> {
              try (RpcStream call = open("Echo")) {
                Thread.currentThread().interrupt();
                call.send(new byte[10]);
              } catch (IOException e) {
                // it may have waited
              }
              return null;
            });
    interrupted.get(20, TimeUnit.SECONDS);
    try (RpcStream call = open("Header")) {
      assertThat(call.ask(new ProtoWriter()).text(1)).isEqualTo("me");
    }
  }

  @Test
  void whoeverHasTheAnswerHasNotGivenTheCallUp() throws Exception {
    runClient();
    for (int i = 0; i < 100; i++) {
      try (RpcStream call = open("Slow")) {
        assertThat(call.ask(new ProtoWriter()).text(1)).isEqualTo("once");
      }
    }
    assertThat(cancelled.getCount()).isEqualTo(1);
    try (RpcStream call = open("Silent")) {
      assertThatThrownBy(() -> call.ask(new ProtoWriter()))
          .hasMessage("/t.T/Silent was not answered by one message");
    }
  }
}
