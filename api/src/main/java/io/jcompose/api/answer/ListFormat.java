package io.jcompose.api.answer;

import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.template.Template;
import io.jcompose.api.text.JsonText;
import io.jcompose.api.text.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a list is shown: a table, one value a line ({@code -q}), JSON objects, or a template. Rows
 * have all that a template may ask for. Immutable.
 *
 * @param quiet the member that {@code -q} shows
 * @param least the least width of a column, see {@link TextTable}
 * @param columns member and heading of the table's columns
 */
public record ListFormat(String quiet, int least, Map<String, String> columns) {
  public static final ListFormat PS =
      ListFormat.of(
          "ID",
          10,
          "Command",
          "COMMAND",
          "CreatedAt",
          "CREATED AT",
          "ExitCode",
          "EXIT CODE",
          "Health",
          "HEALTH",
          "ID",
          "CONTAINER ID",
          "Image",
          "IMAGE",
          "Labels",
          "LABELS",
          "LocalVolumes",
          "LOCAL VOLUMES",
          "Mounts",
          "MOUNTS",
          "Name",
          "NAME",
          "Names",
          "NAMES",
          "Networks",
          "NETWORKS",
          "Ports",
          "PORTS",
          "Project",
          "PROJECT",
          "Publishers",
          "PUBLISHERS",
          "RunningFor",
          "CREATED",
          "Service",
          "SERVICE",
          "Size",
          "SIZE",
          "State",
          "STATE",
          "Status",
          "STATUS");
  public static final ListFormat LS =
      ListFormat.of("Name", 20, "Name", "NAME", "Status", "STATUS", "ConfigFiles", "CONFIG FILES");
  public static final ListFormat IMAGES =
      ListFormat.of(
          "ID",
          20,
          "ContainerName",
          "CONTAINER",
          "Repository",
          "REPOSITORY",
          "Tag",
          "TAG",
          "Platform",
          "PLATFORM",
          "ID",
          "IMAGE ID",
          "Size",
          "SIZE",
          "Created",
          "CREATED");

  /** Columns as {@code member, heading, member, heading…}. */
  public static ListFormat of(String quiet, int least, String... columns) {
    Map<String, String> all = new LinkedHashMap<>();
    for (int i = 0; i + 1 < columns.length; i += 2) {
      all.put(columns[i], columns[i + 1]);
    }
    return new ListFormat(quiet, least, all);
  }

  /** The format that a request asks for; {@code -q} goes first. */
  public String render(CommandRequest request, List<Map<String, Object>> rows) {
    String format = request.text("format");
    if (request.has("quiet")) {
      return lines(rows.stream().map(row -> String.valueOf(row.get(quiet))).distinct().toList());
    }
    if (!format.isEmpty() && !format.equals("table")) {
      return formatted(format, rows);
    }
    TextTable table = new TextTable(least, columns.values().toArray(new String[0]));
    rows.forEach(
        row ->
            table.add(
                columns.keySet().stream()
                    .map(member -> String.valueOf(row.get(member)))
                    .toArray(String[]::new)));
    return table.toString();
  }

  /** Objects of JSON, a line each, or what a template makes of each. */
  public String formatted(String format, List<Map<String, Object>> rows) {
    return format.equals("json")
        ? lines(rows.stream().map(JsonText::of).toList())
        : Template.ofList(format).renderList(rows, columns);
  }

  /** Neither of the formats with a name. */
  public static boolean isTemplate(CommandRequest request) {
    return !Set.of("", "table", "json").contains(request.text("format"));
  }

  /**
   * Objects as {@code inspect} shows them: an array of JSON, or a template's line for each.
   *
   * @throws io.jcompose.core.JcomposeException.InvalidArgument for a wrong template
   */
  public static String inspect(
      CommandRequest request, List<? extends Map<String, Object>> objects) {
    String format = request.text("format");
    if (format.isEmpty()) {
      return JsonText.pretty(objects);
    }
    if (format.equals("json")) {
      return JsonText.of(objects) + "\n";
    }
    return Template.of(format).renderEach(objects);
  }

  public static String lines(List<String> lines) {
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }
}
