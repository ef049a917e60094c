package io.jcompose.runtime.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShimConnectionTest {
  private static final int OUT = Frames.OUT;

  @TempDir Path dir;

  @Test
  void framesArriveWholeHoweverTheBytesDo() throws Exception {
    Random random = new Random(7);
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    List<byte[]> sent = new ArrayList<>();
    for (int size : new int[] {0, 5, 300, 0, 65_536, 256 * 1024, 1, 131_064, 131_065}) {
      byte[] payload = new byte[size];
      random.nextBytes(payload);
      sent.add(payload);
      wire.writeBytes(frame(size, payload));
    }
    for (int piece : new int[] {7, 4096, 1 << 20}) {
      try (ShimConnection connection = connectedTo(wire.toByteArray(), piece)) {
        for (byte[] payload : sent) {
          var frame = connection.read();
          assertThat(frame).isNotNull();
          assertThat(frame.type()).isEqualTo(OUT);
          assertThat(frame.argument()).isEqualTo(2);
          byte[] got = new byte[frame.data().remaining()];
          frame.data().get(got);
          assertThat(got).isEqualTo(payload);
        }
        assertThat(connection.read()).isNull();
      }
    }
  }

  @Test
  void aCutFrameAndOneThatIsTooLongAreErrors() throws Exception {
    try (ShimConnection cut = connectedTo(frame(100, new byte[99]), 10)) {
      assertThatThrownBy(cut::read).isInstanceOf(EOFException.class);
    }
    try (ShimConnection tooLong = connectedTo(frame(256 * 1024 + 1, new byte[0]), 10)) {
      assertThatThrownBy(tooLong::read).hasMessageContaining("a frame of 262145 bytes");
    }
    try (ShimConnection negative = connectedTo(frame(-1, new byte[0]), 10)) {
      assertThatThrownBy(negative::read).hasMessageContaining("a frame of -1 bytes");
    }
  }

  @Test
  void aShimWithoutRoomForOneMoreIsSilentAndNotDead() throws Exception {
    Path socket = dir.resolve("full");
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
    List<SocketChannel> before = new ArrayList<>();
    try (ServerSocketChannel stopped = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      stopped.bind(address, 2);
      fill(address, before);
      assertThat(failureOf(socket)).isInstanceOf(SocketTimeoutException.class);
      stopped.accept().close();
      assertThat(failureOf(socket)).isNull();
    } finally {
      for (SocketChannel each : before) {
        each.close();
      }
    }
    assertThat(failureOf(socket)).isInstanceOf(ConnectException.class);
    Files.delete(socket);
    assertThat(failureOf(socket))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SocketTimeoutException.class);
  }

  /** A shim that is stopped takes what the kernel has room for, and the rest when it goes on. */
  @Test
  void whatAStoppedShimDoesNotTakeEndsNoConnectionAndKeepsNobody() throws Exception {
    Path socket = dir.resolve("stopped");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      try (ShimConnection connection = ShimConnection.connect(socket);
          SocketChannel shim = server.accept()) {
        byte[] large = new byte[64 * 1024];
        Duration limit = Duration.ofMillis(200);
        // one that fails may have begun late; three in a row find no room
        for (int failed = 0, sent = 0; failed < 3; sent++) {
          failed = sendFails(connection, limit, large) == null ? 0 : failed + 1;
          assertThat(sent).isLessThan(10_000);
        }
        for (int i = 0; i < 3; i++) { // whoever comes next waits as long, and adds nothing
          assertThat(sendFails(connection, limit, new byte[1]))
              .isInstanceOf(SocketTimeoutException.class);
        }
        DataInputStream taken = new DataInputStream(Channels.newInputStream(shim));
        FutureTask<List<String>> frames = new FutureTask<>(() -> untilSignal(taken));
        Thread.startVirtualThread(frames);
        connection.sendWithin(Duration.ofSeconds(60), Frames.SIGNAL, 15, new byte[0]);
        assertThat(frames.get(60, TimeUnit.SECONDS))
            .containsOnly(Frames.OLDER_LOG_PACKED + " " + large.length);
      }
    }
  }

  /** Type and length of each frame before a SIGNAL. */
  private static List<String> untilSignal(DataInputStream in) throws IOException {
    List<String> frames = new ArrayList<>();
    while (true) {
      int type = in.readUnsignedByte();
      in.skipNBytes(3);
      int length = Integer.reverseBytes(in.readInt());
      in.skipNBytes(length);
      if (type == Frames.SIGNAL) {
        return frames;
      }
      frames.add(type + " " + length);
    }
  }

  private static @Nullable IOException sendFails(
      ShimConnection connection, Duration limit, byte[] data) {
    try {
      connection.sendWithin(limit, Frames.OLDER_LOG_PACKED, 0, data);
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  private static void fill(UnixDomainSocketAddress address, List<SocketChannel> all)
      throws IOException {
    while (true) {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      all.add(channel);
      channel.configureBlocking(false);
      try {
        channel.connect(address);
      } catch (SocketException e) {
        return;
      }
    }
  }

  /** On a virtual thread, as in the engine, where the kernel does not let it wait for room. */
  private static @Nullable Throwable failureOf(Path socket) throws Exception {
    FutureTask<@Nullable Throwable> attempt =
        new FutureTask<>(
            () -> {
              try {
                ShimConnection.connect(socket, Duration.ofMillis(300)).close();
                return null;
              } catch (IOException e) {
                return e;
              }
            });
    Thread.startVirtualThread(attempt);
    return attempt.get(60, TimeUnit.SECONDS);
  }

  private static byte[] frame(int length, byte[] payload) {
    return ByteBuffer.allocate(8 + payload.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) OUT)
        .put((byte) 2)
        .putShort((short) 0)
        .putInt(length)
        .put(payload)
        .array();
  }

  /** A connection whose other side sends the bytes in pieces and ends. */
  private ShimConnection connectedTo(byte[] bytes, int piece) throws Exception {
    Path socket = dir.resolve("s" + System.nanoTime());
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      ShimConnection connection = ShimConnection.connect(socket);
      SocketChannel shim = server.accept();
      Thread.ofVirtual()
          .start(
              () -> {
                try (shim) {
                  for (int at = 0; at < bytes.length; at += piece) {
                    ByteBuffer part =
                        ByteBuffer.wrap(bytes, at, Math.min(piece, bytes.length - at));
                    while (part.hasRemaining()) {
                      shim.write(part);
                    }
                  }
                } catch (java.io.IOException e) {
                  // the reader had enough
                }
              });
      return connection;
    }
  }
}
