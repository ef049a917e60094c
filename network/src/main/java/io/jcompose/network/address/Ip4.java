package io.jcompose.network.address;

import io.jcompose.core.JcomposeException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** IPv4 addresses as unsigned 32-bit numbers in an int. */
public final class Ip4 {
  private Ip4() {}

  /** Parses four decimal bytes; throws InvalidArgument. */
  public static int parse(String text) {
    if (!isAddress(text)) {
      throw new JcomposeException.InvalidArgument("invalid IPv4 address: " + text);
    }
    int value = 0;
    for (String part : text.split("\\.")) {
      value = value << 8 | Integer.parseInt(part);
    }
    return value;
  }

  public static boolean isAddress(String text) {
    int dots = 0;
    int digits = 0;
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '.') {
        if (digits == 0) {
          return false;
        }
        dots++;
        digits = 0;
        value = 0;
      } else if (c >= '0' && c <= '9') {
        value = value * 10 + c - '0';
        digits++;
        if (digits > 3 || value > 255) {
          return false;
        }
      } else {
        return false;
      }
    }
    return dots == 3 && digits > 0;
  }

  public static String format(int address) {
    return (address >>> 24)
        + "."
        + (address >>> 16 & 255)
        + "."
        + (address >>> 8 & 255)
        + "."
        + (address & 255);
  }

  public static byte[] bytes(int address) {
    return new byte[] {
      (byte) (address >>> 24), (byte) (address >>> 16), (byte) (address >>> 8), (byte) address
    };
  }

  public static int of(byte[] bytes) {
    return (bytes[0] & 255) << 24
        | (bytes[1] & 255) << 16
        | (bytes[2] & 255) << 8
        | (bytes[3] & 255);
  }

  public static Inet4Address inet(int address) {
    try {
      return (Inet4Address) InetAddress.getByAddress(bytes(address));
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an address", e);
    }
  }
}
