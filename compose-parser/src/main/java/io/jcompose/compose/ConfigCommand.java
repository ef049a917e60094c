package io.jcompose.compose;

import io.jcompose.compose.config.ConfigWriter;
import io.jcompose.compose.config.Explanation;
import io.jcompose.compose.config.YamlText;
import io.jcompose.compose.lint.Lint;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.tree.JsonText;
import io.jcompose.compose.tree.LoadTrace;
import io.jcompose.compose.tree.TemplateVariables;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The {@code config} command: loads a project and prints what was asked for. The engine carries it
 * out where one answers, else the command line by itself. Stateless; blocks while it reads files.
 */
public final class ConfigCommand {
  private static final int COLUMN = 20;
  private static final int GAP = 3;

  private final ProjectLoader loader;
  private final UnaryOperator<String> digests;

  /**
   * @param digests gives an image's name with tag and digest, {@code
   *     docker.io/library/redis:7@sha256:…}, by asking its registry
   */
  public ConfigCommand(ProjectLoader loader, UnaryOperator<String> digests) {
    this.loader = loader;
    this.digests = digests;
  }

  /** A command for queries that ask no registry. */
  public ConfigCommand(ProjectLoader loader) {
    this(
        loader,
        image -> {
          throw new JcomposeException.NotSupported("digests need an engine: " + image);
        });
  }

  /**
   * Carries the query out.
   *
   * @throws JcomposeException.InvalidArgument with all problems of the project, a line each
   * @throws JcomposeException.NotFound when there is no compose file, or no such service or value
   */
  public ConfigAnswer answer(ConfigQuery query) {
    requireFormat(query);
    boolean traced = query.has("lint") || !query.value("explain").isEmpty();
    LoadTrace trace = traced ? new LoadTrace() : null;
    Project project = loader.load(query.request(), trace);
    if (trace != null && query.has("lint")) {
      return Lint.answer(project, trace, query.value("format"));
    }
    String text =
        trace != null
            ? new Explanation(project, trace, query.load().environment()).of(query.value("explain"))
            : text(query, project);
    List<String> warnings = project.warnings().stream().map(Problem::toString).toList();
    return new ConfigAnswer(text, query.has("variables") ? List.of() : warnings, 0);
  }

  private static void requireFormat(ConfigQuery query) {
    String format = query.value("format");
    if (!List.of("", "yaml", "json").contains(format)) {
      throw new JcomposeException.InvalidArgument(
          "unsupported format \"" + format + "\"; it is yaml or json");
    }
  }

  private String text(ConfigQuery query, Project project) {
    ConfigWriter writer = new ConfigWriter();
    // As Docker Compose does, only these look at the services that are named.
    List<String> services = query.load().services();
    for (String section : List.of("services", "volumes", "networks", "models")) {
      if (query.has(section)) {
        return section.equals("models") ? writer.models(project) : writer.names(project, section);
      }
    }
    if (!query.value("hash").isEmpty()) {
      return writer.hashes(project, query.value("hash"));
    }
    if (query.has("profiles")) {
      return writer.profiles(project);
    }
    if (query.has("images")) {
      return writer.images(project, services);
    }
    if (query.has("variables")) {
      return variables(project, query.value("format").equals("json"));
    }
    if (query.has("quiet")) {
      services.forEach(service -> writer.requireService(project, service));
      return "";
    }
    return query.has("environment")
        ? writer.environment(project)
        : model(query, project, writer, services);
  }

  private String model(
      ConfigQuery query, Project project, ConfigWriter writer, List<String> services) {
    boolean json = query.value("format").equals("json");
    if (query.has("lock-image-digests")) {
      Map<String, Object> locked = writer.locked(project, services, digests);
      return json ? JsonText.indented(locked) : YamlText.of(locked);
    }
    Map<String, Object> tree = writer.only(project, services);
    if (query.has("resolve-image-digests")) {
      tree = writer.pinned(tree, digests);
    }
    return json
        ? writer.json(tree, !query.has("no-interpolate"))
        : writer.yaml(tree, !query.has("no-interpolate"));
  }

  private static String variables(Project project, boolean json) {
    TemplateVariables variables = new TemplateVariables();
    variables.addAll(project.canonical().tree());
    Map<String, Object> rows = new TreeMap<>();
    List<List<String>> table = new ArrayList<>();
    table.add(List.of("NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"));
    variables
        .found()
        .forEach(
            (name, variable) -> {
              Map<String, Object> row = new LinkedHashMap<>();
              row.put("Name", name);
              row.put("DefaultValue", variable.defaultValue());
              row.put("PresenceValue", variable.presenceValue());
              row.put("Required", variable.required());
              rows.put(name, row);
              table.add(
                  List.of(
                      name,
                      Boolean.toString(variable.required()),
                      variable.defaultValue(),
                      variable.presenceValue()));
            });
    if (json) {
      // Docker Compose indents this one by four.
      return JsonText.indented(rows).replaceAll("(?m)^( +)", "$1$1") + "\n";
    }
    return aligned(table);
  }

  private static String aligned(List<List<String>> table) {
    StringBuilder text = new StringBuilder();
    for (List<String> row : table) {
      for (int i = 0; i < row.size(); i++) {
        text.append(row.get(i));
        if (i < row.size() - 1) {
          text.repeat(' ', width(table, i) - row.get(i).length());
        }
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static int width(List<List<String>> table, int column) {
    int longest = 0;
    for (List<String> row : table) {
      longest = Math.max(longest, row.get(column).length());
    }
    return Math.max(COLUMN, longest + GAP);
  }
}
