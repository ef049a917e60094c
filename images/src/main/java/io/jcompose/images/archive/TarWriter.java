package io.jcompose.images.archive;

import io.jcompose.images.layer.TarEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a tar archive: ustar, with PAX records where a name or number does not fit (POSIX pax(1)).
 * Names are raw bytes held as ISO 8859-1, as {@link TarEntry} has them. Confined to one thread;
 * does not close its output.
 */
public final class TarWriter {
  private static final int BLOCK = 512;
  private static final int NAME = 100;

  /** What readers see that know no sparse files: the map and the parts. */
  private static final String SPARSE_NAME = "GNUSparseFile.0/file";

  private static final long OCTAL_7 = 07777777;
  private static final long OCTAL_11 = 077777777777L;

  private final OutputStream out;
  private long padding;

  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /** Begins an entry; exactly {@code sizeBytes} of data follow. */
  public void entry(TarEntry entry) throws IOException {
    entry(entry, new LinkedHashMap<>());
  }

  /** Begins a file with holes, of the entry's size; exactly the parts' data follow. */
  void sparse(TarEntry entry, FileParts parts) throws IOException {
    byte[] map = parts.map(entry.sizeBytes());
    Map<String, byte[]> pax = new LinkedHashMap<>();
    pax.put("GNU.sparse.major", ascii("1"));
    pax.put("GNU.sparse.minor", ascii("0"));
    pax.put("GNU.sparse.name", TarEntry.raw(entry.name()));
    pax.put("GNU.sparse.realsize", ascii(Long.toString(entry.sizeBytes())));
    TarEntry stored =
        new TarEntry(
            SPARSE_NAME,
            entry.type(),
            entry.mode(),
            entry.uid(),
            entry.gid(),
            map.length + parts.dataBytes(),
            entry.mtimeSeconds(),
            entry.mtimeNanos(),
            "",
            0,
            0,
            entry.xattrs());
    entry(stored, pax);
    out.write(map);
  }

  private void entry(TarEntry entry, Map<String, byte[]> pax) throws IOException {
    if (entry.name().length() > NAME) {
      pax.put("path", TarEntry.raw(entry.name()));
    }
    if (entry.linkName().length() > NAME) {
      pax.put("linkpath", TarEntry.raw(entry.linkName()));
    }
    number(pax, "size", entry.sizeBytes(), OCTAL_11);
    number(pax, "uid", entry.uid(), OCTAL_7);
    number(pax, "gid", entry.gid(), OCTAL_7);
    number(pax, "mtime", entry.mtimeSeconds(), OCTAL_11);
    new TreeMap<>(entry.xattrs()).forEach((key, value) -> pax.put("SCHILY.xattr." + key, value));
    if (!pax.isEmpty()) {
      extension(pax);
    }
    out.write(header(entry));
    padding = -entry.sizeBytes() & (BLOCK - 1);
  }

  /** Data of the present entry. */
  public void write(byte[] data, int offset, int length) throws IOException {
    out.write(data, offset, length);
  }

  /** Ends the present entry. */
  public void endEntry() throws IOException {
    if (padding > 0) {
      out.write(new byte[(int) padding]);
      padding = 0;
    }
  }

  /** Ends the archive. */
  public void finish() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.flush();
  }

  private static void number(Map<String, byte[]> pax, String key, long value, long limit) {
    if (value < 0 || value > limit) {
      pax.put(key, ascii(Long.toString(value)));
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private void extension(Map<String, byte[]> records) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (Map.Entry<String, byte[]> record : records.entrySet()) {
      byte[] key = record.getKey().getBytes(StandardCharsets.UTF_8);
      int rest = key.length + record.getValue().length + 3;
      int length = rest + Integer.toString(rest).length();
      if (Integer.toString(length).length() > Integer.toString(rest).length()) {
        length++;
      }
      data.write((length + " ").getBytes(StandardCharsets.US_ASCII));
      data.write(key);
      data.write('=');
      data.write(record.getValue());
      data.write('\n');
    }
    byte[] bytes = data.toByteArray();
    out.write(
        header(
            new TarEntry("PaxHeaders/x", 'x', 0644, 0, 0, bytes.length, 0, 0, "", 0, 0, Map.of())));
    out.write(bytes);
    out.write(new byte[-bytes.length & (BLOCK - 1)]);
  }

  private static byte[] header(TarEntry entry) {
    byte[] header = new byte[BLOCK];
    text(header, 0, NAME, entry.name());
    octal(header, 100, 8, entry.mode());
    octal(header, 108, 8, clipped(entry.uid(), OCTAL_7));
    octal(header, 116, 8, clipped(entry.gid(), OCTAL_7));
    octal(header, 124, 12, clipped(entry.sizeBytes(), OCTAL_11));
    octal(header, 136, 12, clipped(entry.mtimeSeconds(), OCTAL_11));
    header[156] = (byte) entry.type();
    text(header, 157, NAME, entry.linkName());
    text(header, 257, 6, "ustar");
    text(header, 263, 2, "00");
    if (entry.type() == '3' || entry.type() == '4') {
      octal(header, 329, 8, entry.major());
      octal(header, 337, 8, entry.minor());
    }
    Arrays.fill(header, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte value : header) {
      sum += value & 0xff;
    }
    octal(header, 148, 7, sum);
    return header;
  }

  private static long clipped(long value, long limit) {
    return value < 0 || value > limit ? 0 : value;
  }

  private static void text(byte[] header, int offset, int length, String text) {
    byte[] raw = TarEntry.raw(text);
    System.arraycopy(raw, 0, header, offset, Math.min(length, raw.length));
  }

  private static void octal(byte[] header, int offset, int length, long value) {
    String digits = Long.toOctalString(value);
    text(header, offset, length - 1, "0".repeat(length - 1 - digits.length()) + digits);
    header[offset + length - 1] = 0;
  }
}
