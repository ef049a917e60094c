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
  private static final int SHOWN_OUTPUT = 6;
  private static final String BARS = "⠀⡀⣀⣄⣤⣦⣶⣷⣿";

  private final String title;
  private final boolean colour;
  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final StepOutput output = new StepOutput();

  ProgressRows(String title, boolean colour) {
    this.title = title;
    this.colour = colour;
  }

  /** Takes one report, told {@code nowMillis} after some fixed moment. */
  void step(Map<String, String> members, long nowMillis) {
    if (StepOutput.is(members)) {
      output.add(members, "");
      return;
    }
    String id = members.getOrDefault("id", "");
    String parent = members.getOrDefault("parent_id", "");
    Row row =
        rows.computeIfAbsent(
            key(members), key -> new Row(key, Printable.line(id), parent, nowMillis));
    row.status = members.getOrDefault("status", "");
    row.text = Printable.line(members.getOrDefault("text", ""));
    row.current = number(members, "current");
    row.total = number(members, "total");
    row.ended = kind(row.status) == Kind.WORKING ? -1 : nowMillis;
    if (row.ended >= 0) {
      List<StepOutput.Line> ignored = output.taken(members);
    }
  }

  /** All that is kept of what a step printed, when the report tells that it failed. */
  List<String> failedOutput(Map<String, String> members) {
    return "Error".equals(members.get("status"))
        ? output.taken(members).stream().map(one -> StepOutput.numbered(one.members())).toList()
        : List.of();
  }

  /** Whether there is a row of that name. */
  boolean has(Map<String, String> members) {
    return rows.containsKey(key(members));
  }

  private static String key(Map<String, String> members) {
    return StepOutput.key(members);
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
        lines.addAll(steps(row, room - top.size(), nowMillis, width));
      }
    }
    return lines.size() > height ? lines.subList(0, height) : lines;
  }

  /** The steps of a build under way, with the last lines of those that work. */
  private List<String> steps(Row build, int space, long nowMillis, int width) {
    if (build.ended >= 0 || space <= 0) {
      return List.of();
    }
    List<Row> all = rows.values().stream().filter(row -> row.isStepOf(build)).toList();
    int needed =
        all.stream()
            .filter(row -> row.ended < 0)
            .mapToInt(row -> 1 + output.last(row.key, SHOWN_OUTPUT).size())
            .sum();
    long done = all.stream().filter(row -> row.ended >= 0).count();
    long left = Math.max(0, done - Math.max(0, space - needed));
    List<String> lines = new ArrayList<>();
    for (Row row : all) {
      if (row.ended >= 0 && left > 0) {
        left--;
        continue;
      }
      lines.add("  " + line(row, row.id.length(), nowMillis, width - 2));
      if (row.ended < 0) {
        output.last(row.key, SHOWN_OUTPUT).forEach(text -> lines.add(cut("       " + text, width)));
      }
    }
    return lines.size() > space ? lines.subList(lines.size() - space, lines.size()) : lines;
  }

  private static String cut(String text, int width) {
    return text.length() < width ? text : text.substring(0, Math.max(0, width - 2)) + "…";
  }

  private String line(Row row, int longest, long nowMillis, int width) {
    Kind kind = kind(row.status);
    long end = row.ended >= 0 ? row.ended : nowMillis;
    String timer = String.format(Locale.ROOT, "%.1fs ", (end - row.began) / 1000.0);
    String name = cut(row.id, Math.max(20, width * 2 / 3));
    String id = name + " ".repeat(Math.max(0, longest - name.length()));
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
      if (row.parent.equals(image.id)
          && !StepOutput.isStep(row.id)
          && (row.ended < 0 || row.total > 0)) {
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
    private final String key;
    private final String id;
    private final String parent;
    private final long began;
    private String status = "";
    private String text = "";
    private long current;
    private long total;
    private long ended = -1;

    Row(String key, String id, String parent, long began) {
      this.key = key;
      this.id = id;
      this.parent = parent;
      this.began = began;
    }

    boolean isStepOf(Row build) {
      return parent.equals(build.id) && StepOutput.isStep(id);
    }
  }
}
