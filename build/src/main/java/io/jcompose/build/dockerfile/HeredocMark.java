package io.jcompose.build.dockerfile;

import io.jcompose.build.instruction.Heredoc;
import io.jcompose.build.word.WordException;
import io.jcompose.build.word.Words;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads words of the form {@code [number]<<[-]name}; they are {@link Heredoc} without content. */
final class HeredocMark {
  private static final int MAX_DIGITS = 6;

  /** A shell's, whatever the Dockerfile's escape character. */
  private static final Words WORDS = new Words('\\');

  private HeredocMark() {}

  /** Those of a line, in order; none when the line cannot be read as a shell would. */
  static List<Heredoc> allOf(String line) {
    List<String> words;
    try {
      words = WORDS.splitRaw(line);
    } catch (WordException e) {
      return List.of();
    }
    List<Heredoc> marks = new ArrayList<>();
    for (String word : words) {
      Heredoc mark = parse(word);
      if (mark != null) {
        marks.add(mark);
      }
    }
    return marks;
  }

  static @Nullable Heredoc parse(String word) {
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

  static Heredoc with(Heredoc mark, String content) {
    return new Heredoc(mark.name(), content, mark.expand(), mark.stripTabs(), mark.fd());
  }

  private static long quotes(String text) {
    return text.chars().filter(c -> c == '\'' || c == '"').count();
  }
}
