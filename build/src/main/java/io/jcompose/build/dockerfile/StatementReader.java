package io.jcompose.build.dockerfile;

import io.jcompose.build.dockerfile.Statement.Joined;
import io.jcompose.build.instruction.Heredoc;
import io.jcompose.build.instruction.Place;
import io.jcompose.build.word.Spaces;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads one statement after another: joins lines, drops comments, takes here-documents. */
final class StatementReader {
  private final SourceLines source;
  private final char escape;
  private final Problems problems;
  private int row;

  StatementReader(SourceLines source, char escape, Problems problems) {
    this.source = source;
    this.escape = escape;
    this.problems = problems;
  }

  /** The next one; null at the end. One that has no form is a problem, and the next one comes. */
  @Nullable Statement next() {
    while (row < source.size()) {
      String raw = source.line(row);
      int indent = Spaces.skip(raw, 0, raw.length());
      row++;
      if (indent < raw.length() && raw.charAt(indent) != '#') {
        Joined joined = new Joined();
        int first = row;
        boolean hasEmptyLines = join(joined, raw, indent);
        Statement statement = statement(joined, first, hasEmptyLines);
        if (statement != null) {
          return statement;
        }
      }
    }
    return null;
  }

  /** Whether empty lines were dropped. */
  private boolean join(Joined joined, String first, int indent) {
    boolean hasEmptyLines = false;
    boolean goesOn = add(joined, first, indent);
    while (goesOn && row < source.size()) {
      String line = source.line(row++);
      int text = Spaces.skip(line, 0, line.length());
      if (text == line.length()) {
        hasEmptyLines = true;
      } else if (line.charAt(text) != '#') {
        goesOn = add(joined, line, 0);
      }
    }
    return hasEmptyLines;
  }

  /** Whether the line ends with one escape character, and so goes on. */
  private boolean add(Joined joined, String line, int from) {
    int last = line.length() - 1;
    while (last >= from && (line.charAt(last) == ' ' || line.charAt(last) == '\t')) {
      last--;
    }
    boolean goesOn =
        last >= from
            && line.charAt(last) == escape
            && (last == from || line.charAt(last - 1) != escape);
    joined.add(line.substring(from, goesOn ? last : line.length()), row, from + 1);
    return goesOn;
  }

  private @Nullable Statement statement(Joined joined, int first, boolean hasEmptyLines) {
    int start = first;
    try {
      String text = joined.text();
      Head head = Head.of(text, 0);
      List<Heredoc> heredocs = mayHaveHeredocs(head) ? heredocs(text) : List.of();
      return new Statement(joined, head, heredocs, row, hasEmptyLines);
    } catch (Invalid e) {
      problems.add(new Place(start, row, joined.column(0)), e.reason());
      return null;
    }
  }

  private static boolean mayHaveHeredocs(Head head) {
    if (!head.rest().contains("<<")) {
      return false;
    }
    Head inner = head.name().equals("ONBUILD") ? Head.of(head.rest(), 0) : head;
    return switch (inner.name()) {
      case "RUN", "COPY", "ADD" -> !JsonStrings.isArray(inner.rest());
      default -> false;
    };
  }

  private List<Heredoc> heredocs(String text) {
    List<Heredoc> heredocs = new ArrayList<>();
    for (Heredoc mark : HeredocMark.allOf(text)) {
      heredocs.add(heredoc(mark));
    }
    return heredocs;
  }

  private Heredoc heredoc(Heredoc mark) {
    StringBuilder content = new StringBuilder();
    while (row < source.size()) {
      String line = source.line(row);
      String raw = source.raw(row++);
      int from = 0;
      while (mark.stripTabs() && from < line.length() && line.charAt(from) == '\t') {
        from++;
      }
      if (line.length() - from == mark.name().length() && line.startsWith(mark.name(), from)) {
        return HeredocMark.with(mark, content.toString());
      }
      content.append(raw);
    }
    throw new Invalid(0, "unterminated heredoc: no line is " + mark.name() + " alone");
  }
}
