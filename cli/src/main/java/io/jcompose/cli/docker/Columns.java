package io.jcompose.cli.docker;

import java.util.List;

/** Texts below each other, as docker's tables have them: columns of 20 characters or more. */
final class Columns {
  private static final int LEAST = 20;
  private static final int GAP = 3;

  private Columns() {}

  static String of(List<List<String>> rows) {
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        String cell = row.get(i);
        boolean last = i == row.size() - 1;
        text.append(cell).append(last ? "" : " ".repeat(width(rows, i) - cell.length()));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static int width(List<List<String>> rows, int column) {
    return rows.stream()
        .filter(row -> row.size() > column)
        .mapToInt(row -> row.get(column).length() + GAP)
        .reduce(LEAST, Math::max);
  }
}
