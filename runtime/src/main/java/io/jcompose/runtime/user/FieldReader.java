package io.jcompose.runtime.user;

import java.nio.charset.StandardCharsets;

/**
 * Reads the text of a file of users or groups field by field; such a file may hold anything. Texts
 * are the bytes, one a character, up to a NUL. Confined to one thread.
 */
final class FieldReader {
  /** What ends a field, beside its mark. */
  static final int END = -1;

  static final int LINE = '\n';

  /** What is longer is neither a name nor a number, and left out. */
  private static final int LONGEST = 4096;

  private final byte[] all;
  private int at;
  private int start;
  private int end;

  /**
   * @param all which nobody changes any more
   */
  FieldReader(byte[] all) {
    this.all = all;
  }

  /** Reads up to a mark or the end of the line, and returns which. */
  int read(int mark) {
    int i = at;
    start = i;
    while (i < all.length && all[i] != LINE && all[i] != mark) {
      i++;
    }
    end = i - start < LONGEST ? i : start;
    return pass(i);
  }

  /** Reads so many fields of a line into an array; returns what ended the last of them. */
  int read(String[] fields) {
    int last = ':';
    for (int i = 0; i < fields.length; i++) {
      if (last == ':') {
        last = read(':');
        fields[i] = text();
      } else {
        fields[i] = "";
      }
    }
    return last;
  }

  /** Passes over the rest of a line that ended so. */
  int skipLine(int last) {
    if (last == LINE || last == END) {
      return last;
    }
    int i = at;
    while (i < all.length && all[i] != LINE) {
      i++;
    }
    return pass(i);
  }

  private int pass(int i) {
    at = Math.min(i + 1, all.length);
    return i < all.length ? all[i] & 0xff : END;
  }

  /** The field that was read last. */
  String text() {
    int length = 0;
    while (start + length < end && all[start + length] != 0) {
      length++;
    }
    return new String(all, start, length, StandardCharsets.ISO_8859_1);
  }

  /** Whether the field that was read last is this text; makes no copy of it. */
  boolean is(String text) {
    int length = text.length();
    if (end - start < length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if ((all[start + i] & 0xff) != text.charAt(i)) {
        return false;
      }
    }
    return start + length == end || all[start + length] == 0;
  }
}
