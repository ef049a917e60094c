package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShimConnectionTest {
  private static final int OUT = ShimConnection.OUT;

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
