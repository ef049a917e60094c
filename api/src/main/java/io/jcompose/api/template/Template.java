package io.jcompose.api.template;

import io.jcompose.api.text.TextTable;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A template in the language of Go's text/template (pkg.go.dev/text/template), with docker's
 * functions, over values as JSON has them: maps, lists, texts, numbers, truths. What it takes and
 * makes is bounded. {@code define}, {@code template} and {@code block} are refused. Immutable.
 */
public final class Template {
  private static final int LONGEST = 64 * 1024;
  private static final String TABLE = "table";

  private final List<Node> nodes;
  private final boolean table;

  private Template(List<Node> nodes, boolean table) {
    this.nodes = nodes;
    this.table = table;
  }

  /**
   * A template of {@code --format} of a list: {@code table} before it asks for columns under
   * headings, and backslash-t and backslash-n stand for tab and newline.
   *
   * @throws JcomposeException.InvalidArgument with the column of what is wrong
   */
  public static Template ofList(String text) {
    boolean table = text.equals(TABLE) || text.startsWith(TABLE + " ");
    String rest = (table ? text.substring(TABLE.length()) : text).strip();
    return parse(rest.replace("\\t", "\t").replace("\\n", "\n"), table);
  }

  /**
   * A template for one value, as {@code inspect} has it.
   *
   * @throws JcomposeException.InvalidArgument with the column of what is wrong
   */
  public static Template of(String text) {
    return parse(text, false);
  }

  private static Template parse(String text, boolean table) {
    if (text.length() > LONGEST) {
      throw new JcomposeException.InvalidArgument(
          "the template is longer than " + LONGEST + " characters");
    }
    return new Template(new Parser(Scanner.scan(text)).parse(), table);
  }

  /** What the template makes of a value, without a line's end. */
  public String render(@Nullable Object value) {
    try (Allowance allowance = new Allowance()) {
      return render(value, allowance);
    }
  }

  /** What the template makes of each of them, a line each. */
  public String renderEach(List<? extends Map<String, Object>> values) {
    StringBuilder lines = new StringBuilder();
    try (Allowance allowance = new Allowance()) {
      values.forEach(value -> lines.append(render(value, allowance)).append('\n'));
      return lines.toString();
    }
  }

  private String render(@Nullable Object value, Allowance allowance) {
    return new Evaluation(value, allowance).render(nodes);
  }

  /**
   * A line for each row; a table has the headings before them.
   *
   * @param headings by member, for those whose heading is not their name in capitals
   */
  public String renderList(List<? extends Map<String, Object>> rows, Map<String, String> headings) {
    if (!table) {
      return renderEach(rows);
    }
    List<String> lines = new ArrayList<>();
    try (Allowance allowance = new Allowance()) {
      lines.add(render(headings(rows, headings), allowance));
      rows.forEach(row -> lines.add(render(row, allowance)));
      return aligned(lines);
    }
  }

  /** Every member that a row may have, so that an empty list has its headings. */
  private static Map<String, Object> headings(
      List<? extends Map<String, Object>> rows, Map<String, String> given) {
    Map<String, Object> all = new LinkedHashMap<>(given);
    for (Map<String, Object> row : rows.subList(0, Math.min(1, rows.size()))) {
      row.keySet().forEach(name -> all.putIfAbsent(name, heading(name)));
    }
    return all;
  }

  /** {@code CreatedAt} is CREATED AT. */
  static String heading(String member) {
    return member.replaceAll("([a-z0-9])([A-Z])", "$1 $2").toUpperCase(Locale.ROOT);
  }

  /** Cells are between tabs, at least ten wide, with three blanks between. */
  private static String aligned(List<String> lines) {
    List<String[]> rows = lines.stream().map(line -> line.split("\t", -1)).toList();
    int columns = rows.stream().mapToInt(row -> row.length).max().orElse(0);
    int[] widths = new int[columns];
    for (String[] row : rows) {
      for (int i = 0; i < row.length - 1; i++) {
        widths[i] = Math.max(Math.max(widths[i], 10), row[i].length() + 3);
      }
    }
    TextTable.narrow(widths, rows.size());
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      for (int i = 0; i < row.length - 1; i++) {
        TextTable.append(text, row[i], widths[i]);
      }
      text.append(row[row.length - 1]).append('\n');
    }
    return text.toString();
  }
}
