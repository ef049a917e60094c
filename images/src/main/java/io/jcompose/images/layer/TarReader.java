package io.jcompose.images.layer;

import io.jcompose.core.JcomposeException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive's entries in turn: ustar, PAX, GNU long names and sparse files (POSIX pax(1),
 * GNU tar manual). Confined to one thread; does not close its input.
 */
public final class TarReader {
  private static final int BLOCK = 512;
  private static final int NAME_LIMIT = 4096;
  private static final int MODE_MASK = 07777;
  private static final int OLD_SPARSE_MAP = 386;
  private static final int OLD_SPARSE_ENTRIES = 4;
  private static final int OLD_SPARSE_MORE = 482;
  private static final int OLD_SPARSE_SIZE = 483;
  private static final int EXTENSION_ENTRIES = 21;
  private static final int EXTENSION_MORE = 504;
  private static final int NUMBER = 12;

  private final InputStream in;
  private final byte[] header = new byte[BLOCK];
  private long remaining;
  private int padding;
  private long offset;
  private @Nullable SparseMap sparse;
  private int segment;
  private long segmentLeft;

  public TarReader(InputStream in) {
    this.in = in;
  }

  /** The next entry, or null at the archive's end. Skips what was not read of the last one. */
  public @Nullable TarEntry next() throws IOException {
    PaxRecords pax = new PaxRecords();
    while (true) {
      skipRest();
      if (!readHeader()) {
        return null;
      }
      checkSum();
      char type = (char) (header[156] & 0xff);
      long size = number(124, NUMBER);
      if (size < 0) {
        throw TarEntry.corrupt("negative size");
      }
      switch (type) {
        case 'x' -> pax.parse(extension(size, pax));
        case 'L' -> pax.put("path", untilNul(extension(size, pax)));
        case 'K' -> pax.put("linkpath", untilNul(extension(size, pax)));
        case 'g' -> begin(size);
        default -> {
          return entry(type, size, pax);
        }
      }
    }
  }

  /**
   * Reads data of the present entry, in a sparse file up to the next hole at most; -1 at its end.
   */
  public int read(byte[] buffer, int target, int length) throws IOException {
    if (remaining == 0) {
      return -1;
    }
    long most = Math.min(length, remaining);
    if (sparse != null) {
      offset(); // goes over holes
      most = Math.min(most, segmentLeft);
    }
    int count = in.read(buffer, target, (int) most);
    if (count < 0) {
      throw TarEntry.corrupt("unexpected end of archive");
    }
    remaining -= count;
    segmentLeft -= count;
    offset += count;
    return count;
  }

  /** Where in the file the data goes that {@link #read} gives next. */
  public long offset() {
    while (sparse != null && segmentLeft == 0 && segment < sparse.count()) {
      offset = sparse.offset(segment);
      segmentLeft = sparse.length(segment++);
    }
    return offset;
  }

  /** True when the present entry's file has holes, or its size is not that of its data. */
  public boolean isSparse() {
    return sparse != null;
  }

  /** How much of the present entry's data is still to be read. */
  public long dataBytes() {
    return remaining;
  }

  private void begin(long size) {
    remaining = size;
    padding = (int) (-size & (BLOCK - 1));
    offset = 0;
    sparse = null;
    segment = 0;
    segmentLeft = 0;
  }

  private TarEntry entry(char type, long headerSize, PaxRecords pax) throws IOException {
    boolean hasData = type == '0' || type == 0 || type == '7' || type == 'S';
    begin(hasData ? pax.number("size", headerSize) : 0);
    String name = name(pax);
    int mode = (int) number(100, 8) & MODE_MASK;
    int uid = (int) pax.number("uid", number(108, 8));
    int gid = (int) pax.number("gid", number(116, 8));
    Time time = pax.has("mtime") ? Time.of(pax.text("mtime")) : new Time(number(136, NUMBER), 0);
    boolean device = type == '3' || type == '4';
    int major = device ? (int) number(329, 8) : 0;
    int minor = device ? (int) number(337, 8) : 0;
    String link = pax.has("linkpath") ? pax.text("linkpath") : field(157, 100);
    if (link.length() > NAME_LIMIT) {
      throw TarEntry.corrupt("a link's target is too long");
    }
    long size = remaining;
    if (type == 'S') {
      size = beginOldSparse();
    } else if (hasData && pax.isSparse()) {
      size = beginSparse(pax);
    }
    boolean plain = type == 0 || type == 'S';
    char shown = hasData && name.endsWith("/") ? '5' : plain ? '0' : type;
    return new TarEntry(
        name,
        shown,
        mode,
        uid,
        gid,
        size,
        time.seconds,
        time.nanos,
        link,
        major,
        minor,
        pax.xattrs());
  }

  /** The map is in the header and in blocks behind it. */
  private long beginOldSparse() throws IOException {
    SparseMap map = new SparseMap();
    long realSize = number(OLD_SPARSE_SIZE, NUMBER);
    oldSegments(OLD_SPARSE_MAP, OLD_SPARSE_ENTRIES, map);
    boolean more = header[OLD_SPARSE_MORE] != 0;
    while (more) {
      if (in.readNBytes(header, 0, BLOCK) < BLOCK) {
        throw TarEntry.corrupt("unexpected end of archive");
      }
      oldSegments(0, EXTENSION_ENTRIES, map);
      more = header[EXTENSION_MORE] != 0;
    }
    return begin(map, realSize);
  }

  private void oldSegments(int at, int entries, SparseMap map) {
    for (int i = 0; i < entries; i++) {
      int entry = at + 2 * NUMBER * i;
      if (header[entry] == 0 && header[entry + NUMBER] == 0) {
        return;
      }
      map.add(number(entry, NUMBER), number(entry + NUMBER, NUMBER));
    }
  }

  /** GNU's formats 0.0, 0.1 and 1.0 in PAX records. */
  private long beginSparse(PaxRecords pax) throws IOException {
    if (pax.has("GNU.sparse.major")) {
      if (pax.number("GNU.sparse.major", 0) != 1) {
        throw new JcomposeException.NotSupported("sparse file of an unknown format: " + name(pax));
      }
      return begin(leadingMap(), pax.number("GNU.sparse.realsize", -1));
    }
    SparseMap map =
        pax.has("GNU.sparse.map") ? SparseMap.of(pax.text("GNU.sparse.map")) : pax.segments();
    return begin(map, pax.number("GNU.sparse.size", pax.number("GNU.sparse.realsize", -1)));
  }

  private long begin(SparseMap map, long realSize) {
    map.check(realSize, remaining);
    sparse = map;
    return realSize;
  }

  /** Format 1.0's map: decimal lines in whole blocks before the data. */
  private SparseMap leadingMap() throws IOException {
    SparseMap map = new SparseMap();
    int[] used = {BLOCK};
    byte[] block = new byte[BLOCK];
    long count = line(block, used);
    for (long i = 0; i < count; i++) {
      map.add(line(block, used), line(block, used));
    }
    return map;
  }

  private long line(byte[] block, int[] used) throws IOException {
    StringBuilder digits = new StringBuilder();
    while (true) {
      if (used[0] == BLOCK) {
        if (remaining < BLOCK || in.readNBytes(block, 0, BLOCK) < BLOCK) {
          throw TarEntry.corrupt("unexpected end of a sparse file's map");
        }
        remaining -= BLOCK;
        used[0] = 0;
      }
      char c = (char) block[used[0]++];
      if (c == '\n') {
        return SparseMap.number(digits.toString());
      }
      if (digits.append(c).length() > 2 * NUMBER) {
        throw TarEntry.corrupt("invalid map of a sparse file");
      }
    }
  }

  private String name(PaxRecords pax) {
    String name;
    if (pax.has("GNU.sparse.name")) {
      name = pax.text("GNU.sparse.name");
    } else if (pax.has("path")) {
      name = pax.text("path");
    } else {
      // GNU tar's old format ("ustar  ") has other data where POSIX has the prefix.
      boolean posix = field(257, 6).equals("ustar");
      String prefix = posix ? field(345, 155) : "";
      name = prefix.isEmpty() ? field(0, 100) : prefix + "/" + field(0, 100);
    }
    if (name.length() > NAME_LIMIT || name.indexOf('\0') >= 0) {
      throw TarEntry.corrupt("name is too long or has a NUL");
    }
    return name;
  }

  private byte[] extension(long size, PaxRecords pax) throws IOException {
    pax.charge(size);
    byte[] data = in.readNBytes((int) size);
    if (data.length < size) {
      throw TarEntry.corrupt("unexpected end of archive");
    }
    begin(0);
    padding = (int) (-size & (BLOCK - 1));
    return data;
  }

  private static byte[] untilNul(byte[] data) {
    int end = 0;
    while (end < data.length && data[end] != 0) {
      end++;
    }
    return Arrays.copyOf(data, end);
  }

  private boolean readHeader() throws IOException {
    int count = in.readNBytes(header, 0, BLOCK);
    if (count == 0) {
      return false;
    }
    if (count < BLOCK) {
      throw TarEntry.corrupt("unexpected end of archive");
    }
    for (byte value : header) {
      if (value != 0) {
        return true;
      }
    }
    return false;
  }

  /** The padding of the last entry may lack: some writers end their archives with its data. */
  private void skipRest() throws IOException {
    try {
      in.skipNBytes(remaining);
    } catch (EOFException e) {
      throw TarEntry.corrupt("unexpected end of archive");
    }
    remaining = 0;
    in.readNBytes(padding);
    padding = 0;
  }

  private void checkSum() {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    if (sum != number(148, 8)) {
      throw TarEntry.corrupt("header with a wrong checksum");
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
        throw TarEntry.corrupt("invalid number in a header");
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

  /** A modification time. */
  private record Time(long seconds, int nanos) {
    /** Reads a decimal with a fraction; the nanoseconds count up from the seconds. */
    static Time of(String text) {
      int dot = text.indexOf('.');
      long seconds = parse(dot < 0 ? text : text.substring(0, dot));
      int nanos =
          dot < 0 ? 0 : (int) parse((text.substring(dot + 1) + "000000000").substring(0, 9));
      boolean before = text.startsWith("-") && nanos > 0;
      return before ? new Time(seconds - 1, 1_000_000_000 - nanos) : new Time(seconds, nanos);
    }

    private static long parse(String text) {
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException e) {
        throw TarEntry.corrupt("invalid time in a PAX record");
      }
    }
  }
}
