package io.jcompose.build.instruction;

import io.jcompose.build.word.WordException;
import io.jcompose.build.word.Words;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A here-document.
 *
 * @param name the word that ends it
 * @param content the lines up to that word, as they are in the file, each with its line feed
 * @param expand variables in it are expanded, as the word was not quoted
 * @param stripTabs written {@code <<-}
 * @param fd the number before {@code <<}; 0 without one
 */
public record Heredoc(String name, String content, boolean expand, boolean stripTabs, int fd) {
  private static final int MAX_DIGITS = 6;

  /** A shell's, whatever the Dockerfile's escape character. */
  private static final Words WORDS = new Words('\\');

  /** Reads {@code [number]<<[-]name}, without content; null when the word is no such thing. */
  public static @Nullable Heredoc mark(String word) {
    int at = 0;
    while (at < word.length() && word.charAt(at) >= '0' && word.charAt(at) <= '9') {
      at++;
    }
    if (!word.startsWith("<<", at) || word.indexOf('<', at + 2) >= 0) {
      return null;
    }
    int fd = at == 0 || at > MAX_DIGITS ? 0 : Integer.parseInt(word.substring(0, at));
    at += 2;
    boolean stripTabs = at < word.length() && word.charAt(at) == '-';
    String name = word.substring(stripTabs ? at + 1 : at).stripLeading();
    try {
      List<String> plain = WORDS.split(name, variable -> "$" + variable);
      return plain.size() == 1
          ? new Heredoc(
              plain.getFirst(), "", quotes(plain.getFirst()) == quotes(name), stripTabs, fd)
          : null;
    } catch (WordException e) {
      return null;
    }
  }

  private static long quotes(String text) {
    return text.chars().filter(c -> c == '\'' || c == '"').count();
  }

  /** The content, with leading tabs removed where {@code <<-} asks for it. */
  public String text() {
    if (!stripTabs) {
      return content;
    }
    StringBuilder text = new StringBuilder(content.length());
    boolean start = true;
    for (int i = 0; i < content.length(); i++) {
      char c = content.charAt(i);
      if (!start || c != '\t') {
        text.append(c);
        start = c == '\n';
      }
    }
    return text.toString();
  }
}
