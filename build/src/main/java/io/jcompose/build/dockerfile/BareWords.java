package io.jcompose.build.dockerfile;

import io.jcompose.build.word.Spaces;
import java.util.ArrayList;
import java.util.List;

/** Splits text into words that keep their quotes and escapes, for when they are expanded. */
final class BareWords {
  private BareWords() {}

  /** At white space, whatever the quotes. */
  static List<String> atBlanks(String text) {
    List<String> words = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = at;
      while (end < text.length() && !Head.isSeparator(text.charAt(end))) {
        end++;
      }
      if (end > at) {
        words.add(text.substring(at, end));
      }
      at = end + 1;
    }
    return words;
  }

  /** At white space that is neither quoted nor escaped. */
  static List<String> outsideOfQuotes(String text, char escape) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote == 0 && Spaces.isSpace(c)) {
        add(words, word);
        continue;
      }
      if (c == escape && quote != '\'') {
        if (i + 1 == text.length()) {
          break; // it escapes nothing
        }
        word.append(c);
        c = text.charAt(++i);
      } else if (quote == 0 ? c == '\'' || c == '"' : c == quote) {
        quote = quote == 0 ? c : 0;
      }
      word.append(c);
    }
    add(words, word);
    return words;
  }

  private static void add(List<String> words, StringBuilder word) {
    if (!word.isEmpty()) {
      words.add(word.toString());
      word.setLength(0);
    }
  }
}
