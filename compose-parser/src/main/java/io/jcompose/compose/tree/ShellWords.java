package io.jcompose.compose.tree;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits a command line into words: quotes and backslashes count, variables do not, what stands in
 * backquotes or {@code $(…)} stays one word, and an unquoted {@code | & ; < >} ends it
 * (mattn/go-shellwords, which Docker Compose uses). One object a line.
 */
public final class ShellWords {
  private final List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;

  /** The quote that is open: {@code ' " `}, {@code )} for {@code $(…)}, or 0. */
  private char open;

  private ShellWords() {}

  /** The words; null when a quote or backslash is left open, or for brackets without {@code $}. */
  public static @Nullable List<String> split(String line) {
    ShellWords split = new ShellWords();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && split.open != '\'') {
        if (++i == line.length()) {
          return null;
        }
        split.add(line.charAt(i));
      } else if (split.open == 0 && "|&;<>".indexOf(c) >= 0) {
        split.cut(c);
        break;
      } else if (!split.take(c)) {
        return null;
      }
    }
    split.end();
    return split.open == 0 ? split.words : null;
  }

  /** Takes a character that no backslash is before; false where it makes no sense. */
  private boolean take(char c) {
    boolean bare = open == 0 || open == ')';
    if ((c == '"' || c == '\'') && (open == 0 || open == c)) {
      open = open == 0 ? c : 0;
      inWord = true;
    } else if (c == '`' && (open == 0 || open == c)) {
      open = open == 0 ? c : 0;
      add(c);
    } else if (c == ')' && bare) {
      open = open == 0 ? c : 0;
      add(c);
    } else if (c == '(' && bare) {
      boolean command = open == 0 && !word.isEmpty() && word.charAt(word.length() - 1) == '$';
      open = ')';
      add(c);
      return command;
    } else if (open == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
      end();
    } else {
      add(c);
    }
    return true;
  }

  private void add(char c) {
    word.append(c);
    inWord = true;
  }

  private void end() {
    if (inWord) {
      words.add(word.toString());
    }
    word.setLength(0);
    inWord = false;
  }

  /** A number before {@code >} belongs to it, as in {@code 2>&1}. */
  private void cut(char c) {
    if (c == '>' && !word.isEmpty() && Character.isDigit(word.charAt(0))) {
      inWord = false;
    }
  }
}
