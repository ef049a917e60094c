package io.jcompose.build.dockerfile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines of a Dockerfile, each with what ends it. A byte order mark is gone; bytes that are no
 * UTF-8 are replacement characters.
 */
record SourceLines(List<String> lines) {
  private static final char MARK = '\ufeff';

  static SourceLines of(byte[] content) {
    String text = new String(content, StandardCharsets.UTF_8);
    List<String> lines = new ArrayList<>();
    int from = !text.isEmpty() && text.charAt(0) == MARK ? 1 : 0;
    while (from < text.length()) {
      int feed = text.indexOf('\n', from);
      int end = feed < 0 ? text.length() : feed + 1;
      lines.add(text.substring(from, end));
      from = end;
    }
    return new SourceLines(lines);
  }

  int size() {
    return lines.size();
  }

  /** With what ends it. */
  String raw(int index) {
    return lines.get(index);
  }

  /** Without what ends it. */
  String line(int index) {
    return withoutEnd(lines.get(index));
  }

  List<String> withoutEnds() {
    return lines.stream().map(SourceLines::withoutEnd).toList();
  }

  private static String withoutEnd(String line) {
    int end = line.length();
    while (end > 0 && (line.charAt(end - 1) == '\n' || line.charAt(end - 1) == '\r')) {
      end--;
    }
    return line.substring(0, end);
  }
}
