package io.jcompose.network.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.NetworkLab;
import io.jcompose.network.SandboxRecord;
import io.jcompose.network.notice.Notices;
import io.jcompose.network.notice.Repairs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class DnsServerTest {
  private static final InetAddress LOCAL = InetAddress.ofLiteral("127.0.0.1");
  private static final DnsView VIEW =
      new DnsView(List.of(), Map.of(), List.of(), ChannelFactory.HOST, false, true);

  private final Notices notices = new Notices();
  private final Map<String, DnsSockets> opened = new ConcurrentHashMap<>();
  private final CountDownLatch kernel = new CountDownLatch(1);

  /** As a program does that changes its own namespace's firewall without a pause. */
  @Test
  void aContainerThatKeepsTheKernelBusyKeepsNoOtherWaiting() throws Exception {
    try (NetworkNamespace busy = NetworkNamespace.current();
        NetworkNamespace idle = NetworkNamespace.current();
        Repairs repairs = new Repairs(notices);
        DnsServer server =
            new DnsServer(
                new Resolvers(Path.of("/nonexistent")),
                notices,
                repairs,
                which -> open(which == busy ? "busy" : "idle"))) {
      server.adopt(record("busy"), busy, VIEW);
      server.adopt(record("idle"), idle, VIEW);
      assertThat(answers("idle")).isTrue();
      assertThat(opened).doesNotContainKey("busy");
      kernel.countDown();
      NetworkLab.await("the other's turn", () -> opened.containsKey("busy"));
      assertThat(answers("busy")).isTrue();
      server.stop("busy");
      server.stop("idle");
      assertThat(notices.texts()).isEmpty();
    }
  }

  private DnsSockets open(String name) {
    try {
      if (name.equals("busy")) {
        kernel.await();
      }
      DnsSockets sockets = DnsSockets.open(LOCAL);
      opened.put(name, sockets);
      return sockets;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private boolean answers(String name) throws IOException {
    byte[] question = DnsClient.query("nobody", DnsQuery.TYPE_A);
    ByteBuffer answer = NetworkLab.exchange(LOCAL, opened.get(name).udpPort(), question);
    return answer.getShort(0) == ByteBuffer.wrap(question).getShort(0);
  }

  private static SandboxRecord record(String id) {
    return new SandboxRecord(
        id, id, "networks", List.of(), List.of(), List.of(), -1, -1, List.of(), List.of(), false);
  }
}
