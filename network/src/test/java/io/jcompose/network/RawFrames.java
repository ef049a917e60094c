package io.jcompose.network;

import io.jcompose.linux.Libc;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.address.Mac;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jnr.ffi.annotations.In;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/** Ethernet frames as a container with CAP_NET_RAW writes them, whatever its addresses are. */
final class RawFrames {
  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW = 3;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final Functions LIBC = Libc.load(Functions.class);

  private RawFrames() {}

  /** Sends a frame from the caller's namespace. */
  static void send(int interfaceIndex, byte[] frame) {
    int fd = Libc.check(LIBC.socket(AF_PACKET, SOCK_RAW, 0), "socket", "packet");
    try {
      // man 7 packet: family, protocol, index, type, packet type, length, address
      ByteBuffer address = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
      address.putShort((short) AF_PACKET).putShort((short) 0).putInt(interfaceIndex);
      Libc.check(LIBC.bind(fd, address.array(), 20), "bind", "packet");
      Libc.check((int) LIBC.send(fd, frame, frame.length, 0), "send", "frame");
    } finally {
      LIBC.close(fd);
    }
  }

  /** RFC 4861: a router of high preference that gives addresses of 2001:db8:bad::/64. */
  static byte[] routerAdvertisement() {
    byte[] source = Ip6.parse("fe80::1337").bytes();
    byte[] everybody = Ip6.parse("ff02::1").bytes();
    ByteBuffer icmp = ByteBuffer.allocate(16 + 32);
    icmp.put((byte) 134).put((byte) 0).putShort((short) 0);
    icmp.put((byte) 64).put((byte) 0x08).putShort((short) 1800).putInt(0).putInt(0);
    icmp.put((byte) 3).put((byte) 4).put((byte) 64).put((byte) 0xc0);
    icmp.putInt(86_400).putInt(14_400).putInt(0).put(Ip6.parse("2001:db8:bad::").bytes());
    ByteBuffer pseudo = ByteBuffer.allocate(40 + icmp.capacity());
    pseudo.put(source).put(everybody).putInt(icmp.capacity()).putInt(58).put(icmp.array());
    icmp.putShort(2, checksum(pseudo.array()));
    ByteBuffer frame = ByteBuffer.allocate(14 + 40 + icmp.capacity());
    frame.putShort((short) 0x3333).putInt(1).put(Mac.parse("02:00:00:00:13:37"));
    frame.putShort((short) IPV6).putInt(0x60000000).putShort((short) icmp.capacity());
    frame.put((byte) 58).put((byte) 255).put(source).put(everybody).put(icmp.array());
    return frame.array();
  }

  /** A datagram, to be routed by who has the address {@code mac}. */
  static byte[] udp(byte[] mac, String from, String to, int port, String text) {
    byte[] data = text.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer ip = ByteBuffer.allocate(28 + data.length);
    ip.put((byte) 0x45).put((byte) 0).putShort((short) ip.capacity()).putInt(0);
    ip.put((byte) 64).put((byte) 17).putShort((short) 0);
    ip.putInt(Ip4.parse(from)).putInt(Ip4.parse(to));
    ip.putShort(10, checksum(Arrays.copyOf(ip.array(), 20)));
    ip.putShort((short) 4444).putShort((short) port).putShort((short) (8 + data.length));
    ip.putShort((short) 0).put(data);
    ByteBuffer frame = ByteBuffer.allocate(14 + ip.capacity());
    frame.put(mac).put(Mac.parse("02:00:00:00:13:37")).putShort((short) IPV4).put(ip.array());
    return frame.array();
  }

  private static short checksum(byte[] bytes) {
    ByteBuffer words = ByteBuffer.wrap(bytes);
    int sum = 0;
    while (words.remaining() >= 2) {
      sum += words.getShort() & 0xffff;
    }
    while (sum > 0xffff) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (short) ~sum;
  }

  /** Functions of man 2. */
  public interface Functions {
    int socket(int domain, int type, int protocol);

    int bind(int fd, @In byte[] address, int length);

    @ssize_t
    long send(int fd, @In byte[] data, @size_t long length, int flags);

    int close(int fd);
  }
}
