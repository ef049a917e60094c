package io.jcompose.api.host;

import io.jcompose.api.answer.ListFormat;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.template.Template;
import io.jcompose.api.text.HumanText;
import io.jcompose.api.text.JsonText;
import io.jcompose.api.text.TextTable;
import io.jcompose.core.Ids;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.Builds.CacheEntry;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code builder df}: what builds keep for later ones. */
final class BuildCache {
  private static final int MOST_CHARACTERS = 60;
  private static final Map<String, String> COLUMNS =
      ListFormat.of(
              "ID",
              10,
              "ID",
              "CACHE ID",
              "Description",
              "DESCRIPTION",
              "Size",
              "SIZE",
              "LastUsedSince",
              "LAST USED",
              "InUse",
              "IN USE")
          .columns();

  private final Builds builds;
  private final Clock clock;

  BuildCache(Builds builds, Clock clock) {
    this.builds = builds;
    this.clock = clock;
  }

  String render(CommandRequest request) {
    List<CacheEntry> entries = builds.cache();
    String format = request.text("format");
    if (format.equals("json")) {
      return ListFormat.lines(entries.stream().map(this::row).map(JsonText::of).toList());
    }
    if (!format.isEmpty() && !format.equals("table")) {
      return Template.ofList(format).renderList(entries.stream().map(this::row).toList(), COLUMNS);
    }
    long all = entries.stream().mapToLong(CacheEntry::bytes).sum();
    long unused = entries.stream().filter(e -> !e.inUse()).mapToLong(CacheEntry::bytes).sum();
    return table(entries, request.has("verbose"))
        + "Reclaimable:\t"
        + HumanText.size(unused)
        + "\nTotal:\t\t"
        + HumanText.size(all)
        + "\n";
  }

  TextTable table(List<CacheEntry> entries, boolean whole) {
    TextTable table = new TextTable(10, "CACHE ID", "DESCRIPTION", "SIZE", "LAST USED", "IN USE");
    for (CacheEntry entry : entries) {
      table.add(
          whole ? entry.id() : Ids.brief(entry.id().substring(entry.id().indexOf(':') + 1)),
          whole ? HumanText.visible(entry.description()) : described(entry),
          HumanText.size(entry.bytes()),
          since(entry),
          String.valueOf(entry.inUse()));
    }
    return table;
  }

  /** A step in one line of bounded length. */
  static String described(CacheEntry entry) {
    String text = HumanText.visible(entry.description());
    return text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS - 1) + "…" : text;
  }

  private Map<String, Object> row(CacheEntry entry) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("ID", entry.id());
    row.put("Description", entry.description());
    row.put("Size", HumanText.size(entry.bytes()));
    row.put("LastUsedSince", since(entry));
    row.put("InUse", String.valueOf(entry.inUse()));
    return row;
  }

  private String since(CacheEntry entry) {
    return HumanText.duration(Duration.between(entry.lastUsed(), clock.instant())) + " ago";
  }
}
