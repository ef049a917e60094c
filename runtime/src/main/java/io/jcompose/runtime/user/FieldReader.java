package io.jcompose.runtime.user;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.file.FileFd;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of users or groups field by field, so that a line may be as long as it wants; such a
 * file may hold anything. Texts are the bytes, one a character. Confined to one thread; the owner
 * closes it.
 */
final class FieldReader implements AutoCloseable {
  /** What ends a field, beside its mark. */
  static final int END = -1;

  static final int LINE = '\n';

  /** What is longer is neither a name nor a number, and left out. */
  private static final int LONGEST = 4096;

  private static final long MOST = 64L << 20;

  private final @Nullable FileFd file; // null is an empty one
  private final byte[] buffer = new byte[1 << 14];
  private final byte[] field = new byte[LONGEST];
  private int at;
  private int filled;
  private long all;
  private String text = "";

  FieldReader(@Nullable FileFd file) {
    this.file = file;
  }

  /**
   * Reads up to a mark or the end of the line, and returns which.
   *
   * @throws JcomposeException.InvalidArgument for a file that is too long: a group that is not seen
   *     would be missing in silence
   */
  int read(int mark) {
    int length = 0;
    int c = next();
    for (; c != END && c != LINE && c != mark; c = next()) {
      if (length < LONGEST) {
        field[length] = (byte) c;
      }
      length++;
    }
    text = length < LONGEST ? latin(field, length) : "";
    return c;
  }

  /** Reads so many fields of a line into an array; returns what ended the last of them. */
  int read(String[] fields) {
    int end = ':';
    for (int i = 0; i < fields.length; i++) {
      if (end == ':') {
        end = read(':');
        fields[i] = text;
      } else {
        fields[i] = "";
      }
    }
    return end;
  }

  /** Passes over the rest of a line that ended so. */
  int skipLine(int end) {
    int c = end;
    while (c != LINE && c != END) {
      c = next();
    }
    return c;
  }

  /** The field that was read last. */
  String text() {
    return text;
  }

  private static String latin(byte[] bytes, int length) {
    String all = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    int nul = all.indexOf(0);
    return nul < 0 ? all : all.substring(0, nul);
  }

  private int next() {
    if (at == filled) {
      filled = file == null ? 0 : file.read(buffer);
      at = 0;
      all += filled;
      if (filled <= 0) {
        filled = 0;
        return END;
      }
      if (all > MOST) {
        throw new JcomposeException.InvalidArgument(
            "the container's /etc/passwd or /etc/group is longer than 64 MiB");
      }
    }
    return buffer[at++] & 0xff;
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }
}
