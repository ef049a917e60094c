package io.jcompose.network.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.linux.netlink.NetlinkBatch;
import io.jcompose.linux.netlink.NetlinkMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RtMessagesTest {
  private static final int NETLINK_HEADER = 16;
  private static final int AF_SPEC = 26;
  private static final int NO_TYPE = 99;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;

  /**
   * With ipv6.disable=1 there is no such family for the kernel, and the bridge could not be made.
   */
  @Test
  void aKernelWithoutIpv6IsToldNothingOfIt() {
    assertThat(families(true)).containsOnlyKeys(AF_INET, AF_INET6);
    assertThat(families(false)).containsOnlyKeys(AF_INET);
  }

  private static Map<Integer, byte[]> families(boolean ipv6) {
    NetlinkBatch batch = new NetlinkBatch();
    RtMessages.markBridge(batch, "br", "owner", ipv6);
    byte[] bytes = batch.bytes();
    ByteBuffer body =
        ByteBuffer.wrap(bytes, NETLINK_HEADER, bytes.length - NETLINK_HEADER)
            .order(ByteOrder.nativeOrder());
    NetlinkMessage message = new NetlinkMessage(0, 0, 1, body);
    byte[] spec = RtMessages.linkAttribute(message, AF_SPEC);
    assertThat(RtMessages.linkAttribute(message, NO_TYPE)).isNull();
    return NetlinkMessage.nested(Objects.requireNonNull(spec));
  }
}
