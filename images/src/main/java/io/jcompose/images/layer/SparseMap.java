package io.jcompose.images.layer;

import java.util.Arrays;

/**
 * Where the data of a sparse file goes (GNU tar manual, "Storing Sparse Files"): segments in
 * ascending order; what is between them are holes. Confined to one thread.
 */
final class SparseMap {
  private static final int SEGMENT_LIMIT = 1 << 16;

  private long[] offsets = new long[8];
  private long[] lengths = new long[8];
  private int count;

  /** Reads format 0.1's {@code offset,length,offset,length,…}. */
  static SparseMap of(String text) {
    SparseMap map = new SparseMap();
    int at = 0;
    while (at < text.length()) {
      int comma = text.indexOf(',', at);
      if (comma < 0) {
        throw TarEntry.corrupt("invalid map of a sparse file");
      }
      int end = text.indexOf(',', comma + 1);
      end = end < 0 ? text.length() : end;
      map.add(number(text.substring(at, comma)), number(text.substring(comma + 1, end)));
      at = end + 1;
    }
    return map;
  }

  static long number(String text) {
    if (!text.matches("\\d{1,18}")) {
      throw TarEntry.corrupt("invalid number in an extended header");
    }
    return Long.parseLong(text);
  }

  void add(long offset, long length) {
    long end = count == 0 ? 0 : offsets[count - 1] + lengths[count - 1];
    if (offset < end || length < 0 || offset + length < offset || count == SEGMENT_LIMIT) {
      throw TarEntry.corrupt("invalid map of a sparse file");
    }
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    offsets[count] = offset;
    lengths[count++] = length;
  }

  int count() {
    return count;
  }

  long offset(int segment) {
    return offsets[segment];
  }

  long length(int segment) {
    return lengths[segment];
  }

  /** Throws Corrupt unless all data fits into the file and is in the archive. */
  void check(long realSize, long dataBytes) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += lengths[i];
    }
    boolean inside = count == 0 || offsets[count - 1] + lengths[count - 1] <= realSize;
    if (!inside || sum != dataBytes || realSize < 0) {
      throw TarEntry.corrupt("the map of a sparse file does not fit its data");
    }
  }
}
