package io.jcompose.build.dockerfile;

import io.jcompose.build.instruction.Heredoc;
import io.jcompose.build.word.WordException;
import io.jcompose.build.word.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Finds the here-documents of a line; they are {@link Heredoc} without content. */
final class HeredocMark {
  /** A shell's, whatever the Dockerfile's escape character. */
  private static final Words WORDS = new Words('\\');

  /** They may part the name from what is before it. */
  private static final Pattern BLANKS = Pattern.compile("<<[\\s]+");

  private HeredocMark() {}

  /** Those of a line, in order; none when the line cannot be read as a shell would. */
  static List<Heredoc> allOf(String line) {
    List<String> words;
    try {
      words = WORDS.splitRaw(BLANKS.matcher(line).replaceAll("<<"));
    } catch (WordException e) {
      return List.of();
    }
    List<Heredoc> marks = new ArrayList<>();
    for (String word : words) {
      Heredoc mark = Heredoc.mark(word);
      if (mark != null) {
        marks.add(mark);
      }
    }
    return marks;
  }

  static Heredoc with(Heredoc mark, String content) {
    return new Heredoc(mark.name(), content, mark.expand(), mark.stripTabs(), mark.fd());
  }
}
