package io.jcompose.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class ConnectionTest {
  @TempDir Path folder;

  /** As the engine's own ones for many commands at once, each on a virtual thread. */
  @Test
  void waitsForAPlaceInAFullQueue() throws Exception {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s.sock"));
    List<SocketChannel> queue = new ArrayList<>();
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address, 1);
      while (joins(queue, address)) {
        assertThat(queue).hasSizeLessThan(100);
      }
      FutureTask<Connection> opened =
          new FutureTask<>(() -> Connection.open(address.getPath().toString()));
      Thread opening = Thread.ofVirtual().start(opened);
      while (opening.getState() != Thread.State.TIMED_WAITING && !opened.isDone()) {
        Thread.onSpinWait();
      }
      assertThat(opened.isDone()).isFalse();
      server.accept().close();
      opened.get(10, TimeUnit.SECONDS).close();
    } finally {
      for (SocketChannel client : queue) {
        client.close();
      }
    }
  }

  private static boolean joins(List<SocketChannel> queue, UnixDomainSocketAddress address)
      throws IOException {
    SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
    queue.add(client);
    client.configureBlocking(false);
    try {
      return client.connect(address);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("temporarily unavailable");
      return false;
    }
  }
}
