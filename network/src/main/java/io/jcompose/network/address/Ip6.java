package io.jcompose.network.address;

import io.jcompose.core.JcomposeException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** An IPv6 address as two unsigned 64-bit numbers. */
public record Ip6(long high, long low) {
  private static final int GROUPS = 8;

  /** Parses the forms of RFC 4291 without a scope; throws InvalidArgument. */
  public static Ip6 parse(String text) {
    try {
      // the JDK reads an IPv4 address in IPv6 form as IPv4
      if (text.indexOf(':') >= 0
          && text.indexOf('%') < 0
          && InetAddress.ofLiteral(text) instanceof Inet6Address address) {
        return of(address.getAddress());
      }
    } catch (IllegalArgumentException e) {
      throw new JcomposeException.InvalidArgument("invalid IPv6 address: " + text, e);
    }
    throw new JcomposeException.InvalidArgument("invalid IPv6 address: " + text);
  }

  public static Ip6 of(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new Ip6(buffer.getLong(), buffer.getLong());
  }

  public byte[] bytes() {
    return ByteBuffer.allocate(16).putLong(high).putLong(low).array();
  }

  public InetAddress inet() {
    try {
      return InetAddress.getByAddress(bytes());
    } catch (UnknownHostException e) {
      throw new AssertionError("sixteen bytes are an address", e);
    }
  }

  public Ip6 plus(long number) {
    long sum = low + number;
    return new Ip6(Long.compareUnsigned(sum, low) < 0 ? high + 1 : high, sum);
  }

  boolean isBefore(Ip6 other) {
    int order = Long.compareUnsigned(high, other.high);
    return order < 0 || (order == 0 && Long.compareUnsigned(low, other.low) < 0);
  }

  /** The name for reverse questions, below {@code ip6.arpa}. */
  public String nibbles() {
    StringBuilder digits = new StringBuilder(HexFormat.of().formatHex(bytes())).reverse();
    return String.join(".", digits.toString().split(""));
  }

  /** RFC 5952. */
  @Override
  public String toString() {
    int[] groups = new int[GROUPS];
    ByteBuffer buffer = ByteBuffer.wrap(bytes());
    for (int i = 0; i < GROUPS; i++) {
      groups[i] = buffer.getShort() & 0xffff;
    }
    int start = -1;
    int length = 1;
    for (int i = 0; i < GROUPS; i++) {
      int run = 0;
      while (i + run < GROUPS && groups[i + run] == 0) {
        run++;
      }
      if (run > length) {
        start = i;
        length = run;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == start) {
        text.append("::");
        i += length - 1;
      } else {
        boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
        text.append(first ? "" : ":").append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
