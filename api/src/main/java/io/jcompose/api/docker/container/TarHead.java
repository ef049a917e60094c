package io.jcompose.api.docker.container;

import io.jcompose.api.docker.model.PathStat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a tar archive that is written through it what its first entry is, which clients are
 * told before they get the archive. Used by one thread.
 */
final class TarHead extends OutputStream {
  private static final int BLOCK = 512;
  private static final int MOST = 4 << 20;
  private static final long DIRECTORY_BYTES = 4096;
  private static final long DIRECTORY = 1L << 31;
  private static final long LINK = 1L << 27;
  private static final long DEVICE = 1L << 26;
  private static final long PIPE = 1L << 25;
  private static final long CHARACTERS = 1L << 21;

  private final String path;
  private final Known known;
  private @Nullable ByteArrayOutputStream head = new ByteArrayOutputStream();
  private @Nullable OutputStream rest;
  private int wanted = BLOCK;

  /** Is told what the first entry is; gives what the archive goes to. */
  @FunctionalInterface
  interface Known {
    OutputStream open(PathStat stat) throws IOException;
  }

  /**
   * @param path as it was asked for
   */
  TarHead(String path, Known known) {
    this.path = path;
    this.known = known;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    ByteArrayOutputStream before = head;
    if (before == null) {
      if (rest != null) {
        rest.write(bytes, offset, length);
      }
      return;
    }
    before.write(bytes, offset, length);
    if (before.size() < wanted) {
      return;
    }
    wanted = before.size() + BLOCK;
    byte[] whole = before.toByteArray();
    PathStat stat = parse(whole);
    if (stat != null) {
      head = null;
      OutputStream opened = known.open(stat);
      rest = opened;
      opened.write(whole, 0, whole.length);
    } else if (whole.length > MOST) {
      throw new IOException("the archive's first entry has no end");
    }
  }

  /** Null as long as too little is there. */
  private @Nullable PathStat parse(byte[] tar) {
    Map<String, String> extended = new HashMap<>();
    int at = 0;
    while (tar.length >= at + BLOCK) {
      long size = octal(tar, at + 124, 12);
      char type = (char) tar[at + 156];
      if ("xgLK".indexOf(type) < 0) {
        return stat(tar, at, type, size, extended);
      }
      long next = at + BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
      if (next > tar.length) {
        return null;
      }
      if (type == 'x') {
        records(new String(tar, at + BLOCK, (int) size, StandardCharsets.UTF_8), extended);
      }
      at = (int) next;
    }
    return null;
  }

  /** {@code LENGTH KEY=VALUE\n}; lengths count bytes, but keys that matter here are ASCII. */
  private static void records(String text, Map<String, String> extended) {
    for (String record : text.split("\n")) {
      int space = record.indexOf(' ');
      int equals = record.indexOf('=', space);
      if (space > 0 && equals > 0) {
        extended.put(record.substring(space + 1, equals), record.substring(equals + 1));
      }
    }
  }

  private PathStat stat(byte[] tar, int at, char type, long size, Map<String, String> extended) {
    boolean directory = type == '5';
    String link = type == '2' ? extended.getOrDefault("linkpath", text(tar, at + 157, 100)) : "";
    long bytes = directory ? DIRECTORY_BYTES : number(extended.get("size"), size);
    return new PathStat(
        name(),
        type == '2' ? link.getBytes(StandardCharsets.UTF_8).length : bytes,
        mode((int) octal(tar, at + 100, 8), type),
        time(extended.get("mtime"), octal(tar, at + 136, 12)).toString(),
        link.isEmpty() || link.startsWith("/") ? link : parent() + link);
  }

  private String name() {
    String cut = cut();
    return cut.isEmpty() ? "/" : cut.substring(cut.lastIndexOf('/') + 1);
  }

  private String parent() {
    String cut = cut();
    int slash = cut.lastIndexOf('/');
    return slash < 0 ? "/" : cut.substring(0, slash + 1);
  }

  /** Without slashes, and dots alone, at its end. */
  private String cut() {
    int end = path.length();
    while (path.startsWith("/", end - 1) || path.startsWith("/.", end - 2)) {
      end -= path.charAt(end - 1) == '/' ? 1 : 2;
    }
    return path.substring(0, end);
  }

  /** As Go's FileMode. */
  private static long mode(int bits, char type) {
    long mode = bits & 0777;
    mode |= (bits & 04000) == 0 ? 0 : 1L << 23;
    mode |= (bits & 02000) == 0 ? 0 : 1L << 22;
    mode |= (bits & 01000) == 0 ? 0 : 1L << 20;
    return mode
        | switch (type) {
          case '5' -> DIRECTORY;
          case '2' -> LINK;
          case '3' -> DEVICE | CHARACTERS;
          case '4' -> DEVICE;
          case '6' -> PIPE;
          default -> 0;
        };
  }

  private static Instant time(@Nullable String exact, long seconds) {
    if (exact == null || !exact.matches("[0-9]{1,11}(\\.[0-9]{1,9})?")) {
      return Instant.ofEpochSecond(seconds);
    }
    int point = exact.indexOf('.');
    String fraction = point < 0 ? "" : exact.substring(point + 1);
    return Instant.ofEpochSecond(
        Long.parseLong(point < 0 ? exact : exact.substring(0, point)),
        Long.parseLong((fraction + "000000000").substring(0, 9)));
  }

  private static long number(@Nullable String text, long otherwise) {
    return text != null && text.matches("[0-9]{1,18}") ? Long.parseLong(text) : otherwise;
  }

  private static long octal(byte[] tar, int at, int length) {
    long value = 0;
    for (int i = at; i < at + length; i++) {
      if (tar[i] >= '0' && tar[i] <= '7') {
        value = value * 8 + (tar[i] - '0');
      }
    }
    return value;
  }

  private static String text(byte[] tar, int at, int length) {
    int end = at;
    while (end < at + length && tar[end] != 0) {
      end++;
    }
    return new String(tar, at, end - at, StandardCharsets.UTF_8);
  }
}
