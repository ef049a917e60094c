package io.jcompose.images.registry;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Tells whether a host, when it is a literal address, lies in a CIDR range. No look-ups. */
final class HostRanges {
  private HostRanges() {}

  static boolean isLoopback(String host) {
    return host.equals("localhost") || contains("127.0.0.0/8", host) || contains("::1/128", host);
  }

  /** This host, its links, and private networks: RFC 1918, RFC 4193. */
  static boolean isInside(InetAddress address) {
    return address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || (address instanceof Inet6Address && (address.getAddress()[0] & 0xfe) == 0xfc);
  }

  static boolean contains(String cidr, String host) {
    int slash = cidr.indexOf('/');
    if (slash < 0 || !isLiteral(host) || !isLiteral(cidr.substring(0, slash))) {
      return false;
    }
    try {
      byte[] range = InetAddress.getByName(cidr.substring(0, slash)).getAddress();
      byte[] address = InetAddress.getByName(host).getAddress();
      int bits = Integer.parseInt(cidr.substring(slash + 1));
      return range.length == address.length
          && bits >= 0
          && bits <= range.length * 8
          && Arrays.equals(masked(range, bits), masked(address, bits));
    } catch (UnknownHostException | NumberFormatException e) {
      return false;
    }
  }

  private static boolean isLiteral(String host) {
    return host.matches("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");
  }

  private static byte[] masked(byte[] address, int bits) {
    byte[] result = address.clone();
    for (int i = 0; i < result.length; i++) {
      int kept = Math.max(0, Math.min(8, bits - 8 * i));
      result[i] = (byte) (result[i] & (0xff << (8 - kept)));
    }
    return result;
  }
}
