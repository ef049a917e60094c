package io.jcompose.cli.terminal;

/** Makes text of unknown origin (names in files, images, registries' answers) safe to print. */
public final class Printable {
  private Printable() {}

  /** Control characters but line feeds and tabs as {@code \\x1b}: none reaches the terminal. */
  public static String text(String text) {
    return escaped(text, true);
  }

  /** As {@link #text}, and line feeds and tabs too: what is one line stays one. */
  public static String line(String text) {
    return escaped(text, false);
  }

  private static String escaped(String text, boolean lines) {
    StringBuilder safe = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean control = Character.isISOControl(c) && !(lines && (c == '\n' || c == '\t'));
      if (control && safe == null) {
        safe = new StringBuilder(text.substring(0, i));
      }
      if (safe != null) {
        safe.append(control ? "\\x" + Integer.toHexString(c + 0x100).substring(1) : c);
      }
    }
    return safe == null ? text : safe.toString();
  }
}
