package io.jcompose.build.dockerfile;

import io.jcompose.build.word.Spaces;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The beginning of an instruction, and what it leaves.
 *
 * @param keyword as written
 * @param at where that is in the text
 * @param rest what follows the flags, trimmed
 * @param restAt where that is in the text
 */
record Head(String keyword, int at, List<Word> flags, String rest, int restAt) {
  private static final int MOST_FLAGS = 1000;

  /** A word without quotes, and where it is. */
  record Word(String text, int at) {}

  static Head of(String text, int from) {
    int end = Spaces.trim(text).isEmpty() ? from : endOf(text);
    int at = Spaces.skip(text, from, end);
    int keywordAt = at;
    while (at < end && !isSeparator(text.charAt(at))) {
      at++;
    }
    String keyword = text.substring(keywordAt, at);
    List<Word> flags = new ArrayList<>();
    int[] next = {at};
    while (readFlag(text, end, next, flags)) {
      if (flags.size() > MOST_FLAGS) {
        throw new Invalid(keywordAt, "more than " + MOST_FLAGS + " flags");
      }
    }
    int restAt = Spaces.skip(text, next[0], end);
    return new Head(keyword, keywordAt, flags, text.substring(restAt, end), restAt);
  }

  /** In upper case. */
  String name() {
    return keyword.toUpperCase(Locale.ROOT);
  }

  private static int endOf(String text) {
    int end = text.length();
    while (end > 0 && Spaces.isSpace(text.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  static boolean isSeparator(char c) {
    return c == ' ' || c == '\t' || c == 0x0b || c == '\f' || c == '\r';
  }

  /** Whether there may be another one. Two dashes alone end flags. */
  private static boolean readFlag(String text, int end, int[] next, List<Word> flags) {
    int at = Spaces.skip(text, next[0], end);
    if (at + 1 >= end || text.charAt(at) != '-' || text.charAt(at + 1) != '-') {
      return false;
    }
    StringBuilder word = new StringBuilder();
    int i = at;
    char quote = 0;
    for (; i < end && (quote != 0 || !Spaces.isSpace(text.charAt(i))); i++) {
      char c = text.charAt(i);
      if (quote == 0 ? c == '\'' || c == '"' : c == quote) {
        quote = quote == 0 ? c : 0;
      } else if (c != '\\') {
        word.append(c);
      } else if (i + 1 < end) {
        word.append(text.charAt(++i));
      }
    }
    next[0] = i;
    if (word.toString().equals("--")) {
      return false;
    }
    flags.add(new Word(word.toString(), at));
    return true;
  }
}
