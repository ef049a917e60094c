package io.jcompose.images.archive;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.FileFd;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jnr.constants.platform.Errno;

/**
 * The parts of a file that have data, in ascending order; what is between them are holes. A file
 * that takes nothing of a disk may be of any size, so that its holes are never read. Immutable.
 */
final class FileParts {
  /** Fewer bytes of holes are written out, as every program that reads archives understands. */
  private static final long WORTH = 1 << 20;

  /** A smaller hole is data: each part costs a line. */
  private static final long HOLE = 1 << 16;

  /** Beyond it the rest is one part; other readers take a map of at most a mebibyte. */
  private static final int LIMIT = 20_000;

  private static final int BLOCK = 512;

  private final long[] offsets;
  private final long[] lengths;

  private FileParts(long[] offsets, long[] lengths) {
    this.offsets = offsets;
    this.lengths = lengths;
  }

  /** The whole, or its parts where it has enough holes. */
  static FileParts of(FileFd file, long size) {
    FileParts whole = new FileParts(new long[] {0}, new long[] {size});
    if (size < WORTH) {
      return whole;
    }
    try {
      FileParts parts = find(file, size);
      return size - parts.dataBytes() < WORTH ? whole : parts;
    } catch (KernelException e) {
      if (e.is(Errno.EINVAL)) {
        return whole; // the file system knows no holes
      }
      throw e;
    }
  }

  private static FileParts find(FileFd file, long size) {
    long[] offsets = new long[8];
    long[] ends = new long[8];
    int count = 0;
    long at = 0;
    while (at < size) {
      long data = file.nextData(at);
      if (data < 0 || data >= size) {
        break;
      }
      at = count == LIMIT - 1 ? size : Math.min(size, holeBehind(file, data));
      if (at <= data) {
        break;
      }
      if (count > 0 && data - ends[count - 1] < HOLE) {
        ends[count - 1] = at;
        continue;
      }
      if (count == offsets.length) {
        offsets = Arrays.copyOf(offsets, 2 * count);
        ends = Arrays.copyOf(ends, 2 * count);
      }
      offsets[count] = data;
      ends[count++] = at;
    }
    long[] lengths = new long[count];
    for (int i = 0; i < count; i++) {
      lengths[i] = ends[i] - offsets[i];
    }
    return new FileParts(Arrays.copyOf(offsets, count), lengths);
  }

  /** The same where the file has become shorter since. */
  private static long holeBehind(FileFd file, long data) {
    try {
      return file.nextHole(data);
    } catch (KernelException e) {
      if (e.is(Errno.ENXIO)) {
        return data;
      }
      throw e;
    }
  }

  /** True when it is one part from beginning to end. */
  boolean isWhole() {
    return offsets.length == 1 && offsets[0] == 0;
  }

  int count() {
    return offsets.length;
  }

  long offset(int part) {
    return offsets[part];
  }

  long length(int part) {
    return lengths[part];
  }

  long dataBytes() {
    return Arrays.stream(lengths).sum();
  }

  /**
   * The map of GNU's sparse format 1.0, in whole blocks (GNU tar manual, "Storing Sparse Files").
   *
   * @param size of the file
   */
  byte[] map(long size) {
    StringBuilder map = new StringBuilder().append(offsets.length + 1).append('\n');
    for (int i = 0; i < offsets.length; i++) {
      map.append(offsets[i]).append('\n').append(lengths[i]).append('\n');
    }
    map.append(size).append("\n0\n");
    int blocks = (map.length() + BLOCK - 1) / BLOCK;
    return Arrays.copyOf(map.toString().getBytes(StandardCharsets.US_ASCII), blocks * BLOCK);
  }
}
