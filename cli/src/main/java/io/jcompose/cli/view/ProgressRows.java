package io.jcompose.cli.view;

import io.jcompose.cli.terminal.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The state of a progress display and its drawing as lines of text; it knows no terminal and no
 * clock. Guarded by its owner.
 */
final class ProgressRows {
  private static final String[] SPINNER = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
  private static final String BARS = "⠀⡀⣀⣄⣤⣦⣶⣷⣿";

  private final String title;
  private final boolean colour;
  private final Map<String, Row> rows = new LinkedHashMap<>();

  ProgressRows(String title, boolean colour) {
    this.title = title;
    this.colour = colour;
  }

  /** Takes one report, told {@code nowMillis} after some fixed moment. */
  void step(Map<String, String> members, long nowMillis) {
    String id = members.getOrDefault("id", "");
    String parent = members.getOrDefault("parent_id", "");
    Row row =
        rows.computeIfAbsent(key(members), key -> new Row(Printable.line(id), parent, nowMillis));
    row.status = members.getOrDefault("status", "");
    row.text = Printable.line(members.getOrDefault("text", ""));
    row.current = number(members, "current");
    row.total = number(members, "total");
    row.ended = kind(row.status) == Kind.WORKING ? -1 : nowMillis;
  }

  /** Whether there is a row of that name. */
  boolean has(Map<String, String> members) {
    return rows.containsKey(key(members));
  }

  private static String key(Map<String, String> members) {
    return members.getOrDefault("parent_id", "") + "/" + members.getOrDefault("id", "");
  }

  /** Forgets what is not done. */
  void dropWorking() {
    rows.values().removeIf(row -> row.ended < 0);
  }

  /** The lines to show, at most {@code height} of them, none longer than {@code width} columns. */
  List<String> draw(long nowMillis, int width, int height) {
    List<Row> top = rows.values().stream().filter(row -> row.parent.isEmpty()).toList();
    long done = top.stream().filter(row -> row.ended >= 0).count();
    List<String> lines = new ArrayList<>();
    String header = "[+] " + title + " " + done + "/" + top.size();
    lines.add(done == top.size() ? paint("34", header) : header);
    int longest = top.stream().mapToInt(row -> row.id.length()).max().orElse(0);
    int room = Math.max(1, height - 2);
    // Where the screen is too small, what still works matters more than what is done.
    int surplus = Math.max(0, top.size() - room);
    for (Row row : top) {
      if (surplus > 0 && row.ended >= 0) {
        surplus--;
      } else if (lines.size() <= room) {
        lines.add(line(row, longest, nowMillis, width));
      }
    }
    return lines;
  }

  private String line(Row row, int longest, long nowMillis, int width) {
    Kind kind = kind(row.status);
    long end = row.ended >= 0 ? row.ended : nowMillis;
    String timer = String.format(Locale.ROOT, "%.1fs ", (end - row.began) / 1000.0);
    String id = row.id + " ".repeat(longest - row.id.length());
    String bytes = layers(row);
    String rest = row.status + (bytes.isEmpty() ? "" : " " + bytes);
    if (!row.text.isEmpty()) {
      rest += "  " + row.text;
    }
    int space = width - 4 - id.length() - 2 - timer.length();
    if (rest.length() > space) {
      rest = space > 1 ? rest.substring(0, space - 1) + "…" : "";
    }
    String gap = " ".repeat(Math.max(1, space - rest.length()));
    String mark = kind == Kind.WORKING ? SPINNER[(int) (nowMillis / 100 % 10)] : kind.mark;
    return " "
        + paint(kind.sgr, mark)
        + " "
        + id
        + "  "
        + paint(kind.sgr, rest)
        + gap
        + paint("34", timer);
  }

  private String layers(Row image) {
    StringBuilder bars = new StringBuilder();
    long current = 0;
    long total = 0;
    for (Row row : rows.values()) {
      if (row.parent.equals(image.id) && (row.ended < 0 || row.total > 0)) {
        int level = row.total > 0 ? (int) Math.min(8, 8 * row.current / row.total) : 0;
        bars.append(BARS.charAt(row.ended >= 0 ? 8 : level));
        current += row.current;
        total += row.total;
      }
    }
    return bars.isEmpty() || image.ended >= 0
        ? ""
        : "[" + bars + "] " + size(current) + "/" + size(total);
  }

  private static String size(long bytes) {
    double value = bytes;
    String[] units = {"B", "kB", "MB", "GB"};
    int unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return unit == 0 ? bytes + "B" : String.format(Locale.ROOT, "%.4g%s", value, units[unit]);
  }

  private String paint(String sgr, String text) {
    return colour && !sgr.isEmpty() ? "\u001b[" + sgr + "m" + text + "\u001b[0m" : text;
  }

  private static long number(Map<String, String> members, String name) {
    String text = members.get(name);
    return text == null ? 0 : Long.parseLong(text);
  }

  private static Kind kind(String status) {
    switch (status) {
      case "Warning":
        return Kind.WARNING;
      case "Error":
        return Kind.ERROR;
      default:
        return (status.endsWith("ing") && !status.equals("Running")) || status.equals("Recreate")
            ? Kind.WORKING
            : Kind.DONE;
    }
  }

  private enum Kind {
    WORKING("", ""),
    DONE("✔", "32"),
    WARNING("!", "33;1"),
    ERROR("✘", "31;1");

    private final String mark;
    private final String sgr;

    Kind(String mark, String sgr) {
      this.mark = mark;
      this.sgr = sgr;
    }
  }

  private static final class Row {
    private final String id;
    private final String parent;
    private final long began;
    private String status = "";
    private String text = "";
    private long current;
    private long total;
    private long ended = -1;

    Row(String id, String parent, long began) {
      this.id = id;
      this.parent = parent;
      this.began = began;
    }
  }
}
