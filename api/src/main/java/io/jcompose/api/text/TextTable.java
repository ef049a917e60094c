package io.jcompose.api.text;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Columns as Docker prints them: padded with at least three blanks, the last one not padded. What a
 * cell says acts on no terminal and makes no further row, whoever wrote it.
 */
public final class TextTable {
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
    for (List<String> row : rows) {
      for (int column = 0; column < columns - 1; column++) {
        String cell = row.get(column);
        text.append(cell).append(" ".repeat(widths[column] - cell.length()));
      }
      text.append(row.get(columns - 1)).append('\n');
    }
    return text.toString();
  }
}
