package io.jcompose.compose.tree;

import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;

/** Tells what texts are IP addresses, as Go's {@code net.ParseIP} and {@code net.ParseCIDR} do. */
public final class IpText {
  private IpText() {}

  public static boolean isAddress(String text) {
    return isIpv4(text) || isIpv6(text);
  }

  public static boolean isIpv4(String text) {
    String[] parts = text.split("\\.", -1);
    for (String part : parts) {
      if (!isNumber(part, 255) || (part.length() > 1 && part.startsWith("0"))) {
        return false;
      }
    }
    return parts.length == 4;
  }

  public static boolean isIpv6(String text) {
    if (text.indexOf(':') < 0 || text.indexOf('%') >= 0 || text.indexOf('[') >= 0) {
      return false;
    }
    try {
      Inet6Address.ofLiteral(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** {@code address/bits}. */
  public static boolean isCidr(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return false;
    }
    String address = text.substring(0, slash);
    String bits = text.substring(slash + 1);
    return (isIpv4(address) && isNumber(bits, 32)) || (isIpv6(address) && isNumber(bits, 128));
  }

  /** Whether an address and a CIDR block are of one version. */
  public static boolean isSameFamily(String cidr, String address) {
    return (cidr.indexOf(':') < 0) == (address.indexOf(':') < 0);
  }

  /** Whether a valid address lies in a valid CIDR block of its version. */
  public static boolean isIn(String address, String cidr) {
    int slash = cidr.indexOf('/');
    int bits = Integer.parseInt(cidr.substring(slash + 1));
    byte[] given = InetAddress.ofLiteral(address).getAddress();
    byte[] net = InetAddress.ofLiteral(cidr.substring(0, slash)).getAddress();
    int shift = Math.max(0, given.length * 8 - bits);
    return given.length == net.length
        && new BigInteger(1, given)
            .shiftRight(shift)
            .equals(new BigInteger(1, net).shiftRight(shift));
  }

  private static boolean isNumber(String text, int most) {
    return !text.isEmpty()
        && text.length() <= 3
        && text.chars().allMatch(c -> c >= '0' && c <= '9')
        && Integer.parseInt(text) <= most;
  }
}
