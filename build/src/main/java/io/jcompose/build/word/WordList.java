package io.jcompose.build.word;

import java.util.ArrayList;
import java.util.List;

/** The words of a text, as its characters come. */
final class WordList {
  private final List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();

  /** One character, which ends the word if it is white space. */
  void add(int c) {
    if (!Spaces.isSpace(c)) {
      word.appendCodePoint(c);
    } else if (!word.isEmpty()) {
      words.add(word.toString());
      word.setLength(0);
    }
  }

  /** A variable's value, whose white space parts words. */
  void addText(String text) {
    text.codePoints().forEach(this::add);
  }

  /** What belongs to the word whatever it is. */
  void addQuoted(String text) {
    word.append(text);
  }

  List<String> finish() {
    add(' ');
    return words;
  }
}
