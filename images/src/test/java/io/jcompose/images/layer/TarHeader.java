package io.jcompose.images.layer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** As written by hand: each field of a header of 512 bytes. */
final class TarHeader {
  final byte[] bytes = new byte[512];

  TarHeader(String name, char type, long size) {
    text(0, name);
    octal(100, 7, 0644);
    octal(108, 7, 7);
    octal(116, 7, 8);
    octal(124, 11, size);
    octal(136, 11, 1_000_000_000);
    bytes[156] = (byte) type;
  }

  TarHeader text(int at, String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(encoded, 0, bytes, at, encoded.length);
    return this;
  }

  TarHeader octal(int at, int digits, long value) {
    String text = Long.toOctalString(value);
    return text(at, "0".repeat(digits - text.length()) + text);
  }

  TarHeader posix(String prefix) {
    return text(257, "ustar").text(263, "00").text(345, prefix);
  }

  TarHeader gnu(String elsewhere) {
    return text(257, "ustar  ").text(345, elsewhere);
  }

  /** A number of base 256, as GNU tar writes those that octal digits have no room for. */
  TarHeader binary(int at, int length, long value) {
    for (int i = 1; i <= length; i++) {
      bytes[at + length - i] = (byte) (i > 8 ? value >> 63 : value >> (8 * (i - 1)));
    }
    bytes[at] |= (byte) 0x80;
    return this;
  }

  byte[] sealed() {
    Arrays.fill(bytes, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte each : bytes) {
      sum += each & 0xff;
    }
    octal(148, 6, sum);
    bytes[154] = 0;
    return bytes;
  }

  /** A PAX record, whose length counts itself. */
  static String record(String key, String value) {
    String text = " " + key + "=" + value + "\n";
    int length = text.length();
    while (String.valueOf(length).length() + text.length() != length) {
      length = String.valueOf(length).length() + text.length();
    }
    return length + text;
  }
}
