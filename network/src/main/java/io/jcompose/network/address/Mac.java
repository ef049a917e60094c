package io.jcompose.network.address;

import io.jcompose.core.JcomposeException;
import java.util.Arrays;
import java.util.HexFormat;

/** Ethernet addresses. */
public final class Mac {
  private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

  private Mac() {}

  /**
   * The address that goes with an IPv4 address: an address that is used again keeps its MAC, so no
   * neighbour's cache is ever wrong.
   */
  public static String of(int address) {
    byte[] ip = Ip4.bytes(address);
    return COLONS.formatHex(new byte[] {2, 0x42, ip[0], ip[1], ip[2], ip[3]});
  }

  /** Throws InvalidArgument for what the kernel gives no interface: a group's address, and zero. */
  public static byte[] parse(String text) {
    try {
      byte[] bytes = COLONS.parseHex(text.replace('-', ':'));
      if (bytes.length == 6 && (bytes[0] & 1) == 0 && !Arrays.equals(bytes, new byte[6])) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      throw new JcomposeException.InvalidArgument("invalid MAC address: " + text, e);
    }
    throw new JcomposeException.InvalidArgument("invalid MAC address: " + text);
  }
}
