package io.jcompose.registry.page;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** Writes a page; all texts are escaped where they go in. Confined to one thread. */
final class Html {
  private static final String STYLE =
      "body{font:15px/1.5 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#222}"
          + "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3em .8em .3em 0;"
          + "border-bottom:1px solid #ddd;vertical-align:top}td.n,th.n{text-align:right}"
          + "code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}a{color:#06c}"
          + "@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}a{color:#6af}"
          + "th,td{border-color:#444}}";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

  private final StringBuilder out = new StringBuilder();

  Html(String title) {
    out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width\"><title>")
        .append(escaped(title))
        .append("</title><style>")
        .append(STYLE)
        .append("</style></head><body><h1>")
        .append(escaped(title))
        .append("</h1>\n");
  }

  /** A cell that is escaped, or is HTML already; numbers are on the right. */
  record Cell(String html, boolean number) {
    static Cell text(String text) {
      return new Cell(escaped(text), false);
    }

    static Cell number(String text) {
      return new Cell(escaped(text), true);
    }

    static Cell code(String text) {
      return new Cell("<code>" + escaped(text) + "</code>", false);
    }

    static Cell link(String target, String text) {
      return new Cell("<a href=\"" + escaped(target) + "\">" + escaped(text) + "</a>", false);
    }
  }

  Html paragraph(Cell content) {
    out.append("<p>").append(content.html).append("</p>\n");
    return this;
  }

  Html table(List<Cell> heading, List<List<Cell>> rows) {
    out.append("<table><thead>");
    row("th", heading);
    out.append("</thead><tbody>\n");
    rows.forEach(row -> row("td", row));
    out.append("</tbody></table>\n");
    return this;
  }

  private void row(String tag, List<Cell> cells) {
    out.append("<tr>");
    for (Cell cell : cells) {
      out.append('<').append(tag).append(cell.number ? " class=\"n\">" : ">").append(cell.html);
      out.append("</").append(tag).append('>');
    }
    out.append("</tr>\n");
  }

  @Override
  public String toString() {
    return out + "</body></html>\n";
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  static String size(long bytes) {
    double size = bytes;
    int unit = 0;
    while (size >= 1000 && unit < UNITS.length - 1) {
      size /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", size, UNITS[unit]);
  }

  static String time(Instant time) {
    return TIME.format(time) + " UTC";
  }
}
