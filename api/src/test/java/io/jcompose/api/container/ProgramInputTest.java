package io.jcompose.api.container;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.http.HijackedStream;
import io.jcompose.api.http.ServerSocketFront;
import io.jcompose.core.Containers;
import io.jcompose.core.StreamSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a program gets of what its client sends. */
@Timeout(30)
class ProgramInputTest {
  private static final int PART = 1 << 16;

  private final ByteArrayOutputStream got = new ByteArrayOutputStream();
  private final CountDownLatch ended = new CountDownLatch(1);
  private int longest;
  @TempDir Path folder;

  @Test
  void takesALongFrameInParts() throws Exception {
    byte[] sent = new byte[3 * PART + 7];
    for (int i = 0; i < sent.length; i++) {
      sent[i] = (byte) (i / 11);
    }
    Path socket = folder.resolve("s.sock");
    try (ServerSocketFront front = ServerSocketFront.open(socket, "no-such-group", this::answer);
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      write(client, "POST / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      write(client, frame(sent));
      write(client, frame("more".getBytes(StandardCharsets.UTF_8)));
      write(client, frame(new byte[0]));
      ended.await();
      assertThat(front).isNotNull();
    }
    byte[] all = Arrays.copyOf(sent, sent.length + 4);
    System.arraycopy("more".getBytes(StandardCharsets.UTF_8), 0, all, sent.length, 4);
    assertThat(got.toByteArray()).isEqualTo(all);
    assertThat(longest).isEqualTo(PART);
  }

  /** The client may type the keys before the engine has connected it to the program. */
  @Test
  void aDetachBeforeTheProgramIsThereIsNotLost() throws Exception {
    Path socket = folder.resolve("s.sock");
    try (ServerSocketFront front = ServerSocketFront.open(socket, "no-such-group", this::late);
        SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      write(client, "POST / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      write(client, new byte[] {6, 0, 0, 0, 0, 0, 0, 0});
      String answer = new String(Channels.newInputStream(client).readAllBytes(), UTF_8);
      assertThat(answer).contains("{\"exitCode\":0}");
      assertThat(front).isNotNull();
    }
  }

  private void late(Exchange exchange) throws IOException {
    try (HijackedStream stream = exchange.hijack("x/y")) {
      ProgramInput input =
          new ProgramInput(nobody(), stream, new FrameOutput(stream.output()), null);
      input.start();
      Thread.sleep(200); // it has been read
      input.connect(endOnClose(), "main");
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(Exchange exchange) throws IOException {
    try (HijackedStream stream = exchange.hijack("x/y")) {
      ProgramInput input =
          new ProgramInput(nobody(), stream, new FrameOutput(stream.output()), () -> {});
      input.connect(session(), null);
      input.start();
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Containers nobody() {
    return proxy(Containers.class, null);
  }

  private StreamSession session() {
    OutputStream stdin =
        new OutputStream() {
          @Override
          public void write(int b) {
            got.write(b);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            longest = Math.max(longest, length);
            got.write(bytes, offset, length);
          }

          @Override
          public void close() {
            ended.countDown();
          }
        };
    return proxy(StreamSession.class, stdin);
  }

  private StreamSession endOnClose() {
    return StreamSession.class.cast(
        Proxy.newProxyInstance(
            StreamSession.class.getClassLoader(),
            new Class<?>[] {StreamSession.class},
            (self, method, arguments) -> {
              assertThat(method.getName()).isEqualTo("close");
              ended.countDown();
              return null;
            }));
  }

  /** Answers every call with the one thing. */
  private static <T> T proxy(Class<T> type, Object answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> method.getReturnType() == void.class ? null : answer));
  }

  private static byte[] frame(byte[] bytes) {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    FrameOutput.frame(frames, 0, bytes);
    return frames.toByteArray();
  }

  private static void write(SocketChannel client, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      client.write(buffer);
    }
  }
}
