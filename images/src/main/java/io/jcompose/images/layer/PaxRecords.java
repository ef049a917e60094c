package io.jcompose.images.layer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the extended headers before one entry say of it (POSIX pax(1)), as far as it is understood
 * here. All headers of an entry together are bounded, for an archive may have any number of them.
 * Confined to one thread.
 */
final class PaxRecords {
  /** What the headers of one entry may have together, in bytes, and what is kept of them. */
  static final int LIMIT = 1 << 20;

  private static final int RECORD_COST = 64;
  private static final String XATTR = "SCHILY.xattr.";
  private static final String SPARSE = "GNU.sparse.";

  private final Map<String, byte[]> values = new LinkedHashMap<>();
  private final SparseMap segments = new SparseMap();
  private long cost;
  private long offset = -1;

  /** Takes from what is left for this entry's headers. */
  void charge(long bytes) {
    cost += bytes;
    if (cost > LIMIT) {
      throw TarEntry.corrupt("extended headers of more than " + LIMIT + " bytes for one entry");
    }
  }

  void put(String key, byte[] value) {
    charge(RECORD_COST);
    values.put(key, value);
  }

  /** Reads {@code "<length> <key>=<value>\n"} records. */
  void parse(byte[] data) {
    int at = 0;
    while (at < data.length && data[at] != 0) {
      at = record(data, at);
    }
  }

  private int record(byte[] data, int at) {
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
      throw TarEntry.corrupt("invalid PAX record");
    }
    take(data, space + 1, equals, end - 1);
    return end;
  }

  private void take(byte[] data, int start, int equals, int end) {
    String key = new String(data, start, equals - start, StandardCharsets.UTF_8);
    switch (key) {
      case "GNU.sparse.offset" -> offset = number(data, equals + 1, end);
      case "GNU.sparse.numbytes" -> segments.add(offset, number(data, equals + 1, end));
      case "path", "linkpath", "size", "uid", "gid", "mtime" -> {
        if (equals + 1 == end) {
          values.remove(key); // POSIX pax: an empty one takes back what was said before
        } else {
          put(key, data, equals + 1, end);
        }
      }
      default -> {
        if (key.startsWith(XATTR) || key.startsWith(SPARSE)) {
          put(key, data, equals + 1, end);
        }
      }
    }
  }

  private void put(String key, byte[] data, int from, int to) {
    put(key, Arrays.copyOfRange(data, from, to));
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  /** A value's bytes as ISO 8859-1; empty for none. */
  String text(String key) {
    return new String(values.getOrDefault(key, new byte[0]), StandardCharsets.ISO_8859_1);
  }

  /** A number that is not negative, or what it is otherwise. */
  long number(String key, long otherwise) {
    byte @Nullable [] value = values.get(key);
    return value == null ? otherwise : number(value, 0, value.length);
  }

  /** The segments of a sparse file in format 0.0, which repeats its keys. */
  SparseMap segments() {
    return segments;
  }

  boolean isSparse() {
    return segments.count() > 0
        || has("GNU.sparse.map")
        || has("GNU.sparse.size")
        || has("GNU.sparse.realsize")
        || has("GNU.sparse.major");
  }

  Map<String, byte[]> xattrs() {
    Map<String, byte[]> xattrs = Map.of();
    for (Map.Entry<String, byte[]> record : values.entrySet()) {
      if (record.getKey().startsWith(XATTR)) {
        if (xattrs.isEmpty()) {
          xattrs = new HashMap<>();
        }
        xattrs.put(record.getKey().substring(XATTR.length()), record.getValue());
      }
    }
    return xattrs;
  }

  private static long number(byte[] data, int from, int to) {
    return SparseMap.number(new String(data, from, to - from, StandardCharsets.ISO_8859_1));
  }
}
