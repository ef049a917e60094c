package io.jcompose.api.text;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Columns as Docker prints them: padded with at least three blanks, the last one not padded. What a
 * cell says acts on no terminal and makes no further row, whoever wrote it.
 */
public final class TextTable {
  private static final int MOST_BLANKS = 1 << 20;
  private static final int LEAST_WIDEST = 100;

  private final int least;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param least the least width of a column with its padding: 10 for docker, 20 for compose lists
   */
  public TextTable(int least, String... header) {
    this.least = least;
    rows.add(List.of(header));
  }

  public void add(String... cells) {
    rows.add(Stream.of(cells).map(HumanText::visible).toList());
  }

  @Override
  public String toString() {
    int columns = rows.get(0).size();
    StringBuilder text = new StringBuilder();
    int[] widths = new int[columns];
    for (int column = 0; column < columns; column++) {
      widths[column] = least;
      for (List<String> row : rows) {
        widths[column] = Math.max(widths[column], row.get(column).length() + 3);
      }
    }
    narrow(widths, rows.size());
    for (List<String> row : rows) {
      for (int column = 0; column < columns - 1; column++) {
        append(text, row.get(column), widths[column]);
      }
      text.append(row.get(columns - 1)).append('\n');
    }
    return text.toString();
  }

  /**
   * Narrows columns whose blanks would fill the memory: one cell of megabytes makes the rows beside
   * it no longer.
   *
   * @param widths of the columns, changed in place
   */
  public static void narrow(int[] widths, int rows) {
    int widest =
        Math.max(LEAST_WIDEST, MOST_BLANKS / Math.max(1, rows) / Math.max(1, widths.length));
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.min(widths[i], widest);
    }
  }

  /** A cell and the blanks behind it: those to the column's end, three at least. */
  public static void append(StringBuilder text, String cell, int width) {
    text.append(cell).append(" ".repeat(Math.max(3, width - cell.length())));
  }
}
