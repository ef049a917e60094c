package io.jcompose.compose;

import java.net.Inet6Address;

/** Tells what texts are IP addresses, as Go's {@code net.ParseIP} and {@code net.ParseCIDR} do. */
final class IpText {
  private IpText() {}

  static boolean isAddress(String text) {
    return isIpv4(text) || isIpv6(text);
  }

  static boolean isIpv4(String text) {
    String[] parts = text.split("\\.", -1);
    for (String part : parts) {
      if (!isNumber(part, 255) || (part.length() > 1 && part.startsWith("0"))) {
        return false;
      }
    }
    return parts.length == 4;
  }

  static boolean isIpv6(String text) {
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
  static boolean isCidr(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return false;
    }
    String address = text.substring(0, slash);
    String bits = text.substring(slash + 1);
    return (isIpv4(address) && isNumber(bits, 32)) || (isIpv6(address) && isNumber(bits, 128));
  }

  private static boolean isNumber(String text, int most) {
    return !text.isEmpty()
        && text.length() <= 3
        && text.chars().allMatch(c -> c >= '0' && c <= '9')
        && Integer.parseInt(text) <= most;
  }
}
