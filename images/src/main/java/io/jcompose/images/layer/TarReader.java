package io.jcompose.images.layer;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive's entries in turn: ustar, PAX and GNU long names (POSIX pax(1), GNU tar
 * manual). Confined to one thread; does not close its input.
 */
public final class TarReader {
  private static final int BLOCK = 512;
  private static final int EXTENSION_LIMIT = 1 << 20;
  private static final int NAME_LIMIT = 4096;
  private static final int MODE_MASK = 07777;
  private static final String XATTR = "SCHILY.xattr.";

  private final InputStream in;
  private final byte[] header = new byte[BLOCK];
  private long remaining;
  private int padding;

  public TarReader(InputStream in) {
    this.in = in;
  }

  /** The next entry, or null at the archive's end. Skips what was not read of the last one. */
  public @Nullable TarEntry next() throws IOException {
    Map<String, byte[]> pax = new LinkedHashMap<>();
    while (true) {
      skipRest();
      if (!readHeader()) {
        return null;
      }
      checkSum();
      char type = (char) (header[156] & 0xff);
      long size = number(124, 12);
      if (size < 0) {
        throw corrupt("negative size");
      }
      switch (type) {
        case 'x' -> parsePax(extension(size), pax);
        case 'L' -> pax.put("path", untilNul(extension(size)));
        case 'K' -> pax.put("linkpath", untilNul(extension(size)));
        case 'g' -> extension(size);
        default -> {
          return entry(type, size, pax);
        }
      }
    }
  }

  /** Reads data of the present entry; -1 at its end. */
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (remaining == 0) {
      return -1;
    }
    int count = in.read(buffer, offset, (int) Math.min(length, remaining));
    if (count < 0) {
      throw corrupt("unexpected end of archive");
    }
    remaining -= count;
    return count;
  }

  private TarEntry entry(char type, long headerSize, Map<String, byte[]> pax) throws IOException {
    if (type == 'S' || pax.keySet().stream().anyMatch(key -> key.startsWith("GNU.sparse."))) {
      throw new JcomposeException.NotSupported("sparse file in a layer: " + name(pax));
    }
    long size = paxNumber(pax, "size", headerSize);
    boolean hasData = type == '0' || type == 0 || type == '7';
    remaining = hasData ? size : 0;
    padding = (int) (-remaining & (BLOCK - 1));
    String name = name(pax);
    long seconds = number(136, 12);
    int nanos = 0;
    if (pax.containsKey("mtime")) {
      String time = text(pax, "mtime");
      int dot = time.indexOf('.');
      seconds = parseLong(dot < 0 ? time : time.substring(0, dot));
      nanos = dot < 0 ? 0 : nanos(time.substring(dot + 1));
      if (time.startsWith("-") && nanos > 0) {
        seconds--;
        nanos = 1_000_000_000 - nanos;
      }
    }
    boolean device = type == '3' || type == '4';
    return new TarEntry(
        name,
        hasData && name.endsWith("/") ? '5' : type == 0 ? '0' : type,
        (int) number(100, 8) & MODE_MASK,
        (int) paxNumber(pax, "uid", number(108, 8)),
        (int) paxNumber(pax, "gid", number(116, 8)),
        remaining,
        seconds,
        nanos,
        pax.containsKey("linkpath") ? text(pax, "linkpath") : field(157, 100),
        device ? (int) number(329, 8) : 0,
        device ? (int) number(337, 8) : 0,
        xattrs(pax));
  }

  private String name(Map<String, byte[]> pax) {
    String name;
    if (pax.containsKey("path")) {
      name = text(pax, "path");
    } else {
      // GNU tar's old format ("ustar  ") has other data where POSIX has the prefix.
      boolean posix = field(257, 6).equals("ustar");
      String prefix = posix ? field(345, 155) : "";
      name = prefix.isEmpty() ? field(0, 100) : prefix + "/" + field(0, 100);
    }
    if (name.length() > NAME_LIMIT || name.indexOf('\0') >= 0) {
      throw corrupt("name is too long or has a NUL");
    }
    return name;
  }

  private static Map<String, byte[]> xattrs(Map<String, byte[]> pax) {
    Map<String, byte[]> xattrs = Map.of();
    for (Map.Entry<String, byte[]> record : pax.entrySet()) {
      if (record.getKey().startsWith(XATTR)) {
        if (xattrs.isEmpty()) {
          xattrs = new HashMap<>();
        }
        xattrs.put(record.getKey().substring(XATTR.length()), record.getValue());
      }
    }
    return xattrs;
  }

  /** Parses {@code "<length> <key>=<value>\n"} records. */
  static void parsePax(byte[] data, Map<String, byte[]> into) {
    int at = 0;
    while (at < data.length && data[at] != 0) {
      int space = at;
      int length = 0;
      while (space < data.length
          && data[space] >= '0'
          && data[space] <= '9'
          && length < data.length) {
        length = length * 10 + data[space++] - '0';
      }
      int end = at + length;
      int equals = space + 1;
      while (equals < data.length && equals < end && data[equals] != '=') {
        equals++;
      }
      if (space >= data.length
          || data[space] != ' '
          || end > data.length
          || equals >= end
          || data[end - 1] != '\n') {
        throw corrupt("invalid PAX record");
      }
      String key = new String(data, space + 1, equals - space - 1, StandardCharsets.UTF_8);
      into.put(key, java.util.Arrays.copyOfRange(data, equals + 1, end - 1));
      at = end;
    }
  }

  private byte[] extension(long size) throws IOException {
    if (size > EXTENSION_LIMIT) {
      throw corrupt("extended header of " + size + " bytes, limit " + EXTENSION_LIMIT);
    }
    byte[] data = in.readNBytes((int) size);
    if (data.length < size) {
      throw corrupt("unexpected end of archive");
    }
    remaining = 0;
    padding = (int) (-size & (BLOCK - 1));
    return data;
  }

  private static byte[] untilNul(byte[] data) {
    int end = 0;
    while (end < data.length && data[end] != 0) {
      end++;
    }
    return java.util.Arrays.copyOf(data, end);
  }

  private boolean readHeader() throws IOException {
    int count = in.readNBytes(header, 0, BLOCK);
    if (count == 0) {
      return false;
    }
    if (count < BLOCK) {
      throw corrupt("unexpected end of archive");
    }
    for (byte value : header) {
      if (value != 0) {
        return true;
      }
    }
    return false;
  }

  private void skipRest() throws IOException {
    long skip = remaining + padding;
    remaining = 0;
    padding = 0;
    try {
      in.skipNBytes(skip);
    } catch (java.io.EOFException e) {
      throw corrupt("unexpected end of archive");
    }
  }

  private void checkSum() {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    if (sum != number(148, 8)) {
      throw corrupt("header with a wrong checksum");
    }
  }

  private long number(int offset, int length) {
    if ((header[offset] & 0x80) != 0) {
      long value = (header[offset] & 0x40) != 0 ? -1 : 0;
      value = (value << 6) | (header[offset] & 0x3f);
      for (int i = 1; i < length; i++) {
        value = (value << 8) | (header[offset + i] & 0xff);
      }
      return value;
    }
    long value = 0;
    boolean started = false;
    for (int i = offset; i < offset + length; i++) {
      byte digit = header[i];
      if (digit == ' ' && !started) {
        continue;
      }
      if (digit == 0 || digit == ' ') {
        break;
      }
      if (digit < '0' || digit > '7') {
        throw corrupt("invalid number in a header");
      }
      started = true;
      value = (value << 3) | (digit - '0');
    }
    return value;
  }

  private String field(int offset, int length) {
    int end = offset;
    while (end < offset + length && header[end] != 0) {
      end++;
    }
    return new String(header, offset, end - offset, StandardCharsets.ISO_8859_1);
  }

  private static String text(Map<String, byte[]> pax, String key) {
    return new String(pax.getOrDefault(key, new byte[0]), StandardCharsets.ISO_8859_1);
  }

  private static long paxNumber(Map<String, byte[]> pax, String key, long otherwise) {
    if (!pax.containsKey(key)) {
      return otherwise;
    }
    long value = parseLong(text(pax, key));
    if (value < 0) {
      throw corrupt("negative " + key);
    }
    return value;
  }

  private static long parseLong(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw corrupt("invalid number in a PAX record");
    }
  }

  private static int nanos(String fraction) {
    String digits = (fraction + "000000000").substring(0, 9);
    return (int) parseLong(digits);
  }

  private static JcomposeException corrupt(String what) {
    return new JcomposeException.Corrupt("layer is not a valid tar archive: " + what);
  }
}
