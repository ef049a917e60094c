package io.jcompose.build.word;

/** White space as Go's unicode.IsSpace has it, which every Docker tool reads Dockerfiles with. */
public final class Spaces {
  private Spaces() {}

  public static boolean isSpace(int c) {
    return switch (c) {
      case '\t', '\n', 0x0b, '\f', '\r', ' ', 0x85, 0xa0 -> true;
      default -> c > 0xff && Character.isSpaceChar(c);
    };
  }

  /** Without white space at both ends. */
  public static String trim(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    int start = skip(text, 0, end);
    return text.substring(start, end);
  }

  /** The first place from {@code start} that is no white space, or {@code end}. */
  public static int skip(String text, int start, int end) {
    int at = start;
    while (at < end && isSpace(text.charAt(at))) {
      at++;
    }
    return at;
  }
}
