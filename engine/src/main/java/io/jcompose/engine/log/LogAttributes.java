package io.jcompose.engine.log;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.engine.record.ContainerRecord;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Docker's log options {@code labels}, {@code env} and {@code tag} add to a container's
 * records.
 */
public final class LogAttributes {
  private static final Pattern FIELD = Pattern.compile("\\{\\{\\s*\\.(\\w+)\\s*}}");
  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> FIELDS =
      List.of("ID", "FullID", "Name", "ImageID", "ImageFullID", "ImageName", "DaemonName");

  private LogAttributes() {}

  /** Throws InvalidArgument for a tag with a field that there is not. */
  static void checkTag(String tag) {
    String rest = FIELD.matcher(tag).replaceAll(m -> FIELDS.contains(m.group(1)) ? "" : "{{");
    if (rest.contains("{{")) {
      throw new JcomposeException.InvalidArgument(
          "invalid log tag \""
              + tag
              + "\": fields are {{."
              + String.join("}}, {{.", FIELDS)
              + "}}");
    }
  }

  /** The tag with its fields filled in; without one, the short id. */
  static String tag(ContainerRecord record) {
    String tag = record.spec().logging().options().getOrDefault("tag", "{{.ID}}");
    return FIELD.matcher(tag).replaceAll(m -> Matcher.quoteReplacement(field(record, m.group(1))));
  }

  /** Labels and variables that the options choose, sorted by name. */
  static Map<String, String> chosen(ContainerRecord record, List<String> env) {
    ContainerSpec spec = record.spec();
    Map<String, String> options = spec.logging().options();
    Map<String, String> found = new TreeMap<>();
    Predicate<String> label =
        chooser(options.getOrDefault("labels", ""), options.getOrDefault("labels-regex", ""));
    spec.labels().forEach((name, value) -> add(found, label, name, value));
    Predicate<String> variable =
        chooser(options.getOrDefault("env", ""), options.getOrDefault("env-regex", ""));
    for (String entry : env) {
      int equals = entry.indexOf('=');
      add(found, variable, entry.substring(0, equals), entry.substring(equals + 1));
    }
    return found;
  }

  /** The {@code attrs} of json-file records as JSON, or empty when there are none. */
  public static String json(ContainerRecord record, List<String> env) {
    Map<String, String> all = chosen(record, env);
    if (record.spec().logging().options().containsKey("tag")) {
      all.put("tag", tag(record));
    }
    return all.isEmpty() ? "" : object(all);
  }

  /** In the escapes of Docker's, in the map's order. */
  private static String object(Map<String, String> strings) {
    try {
      return JSON.writeValueAsString(strings)
          .replace("<", "\\u003c")
          .replace(">", "\\u003e")
          .replace("&", "\\u0026")
          .replace("\u2028", "\\u2028")
          .replace("\u2029", "\\u2029");
    } catch (IOException e) {
      throw new JcomposeException.Internal("failed to write " + strings.keySet(), e);
    }
  }

  private static void add(
      Map<String, String> found, Predicate<String> chooser, String name, String value) {
    if (chooser.test(name)) {
      found.put(name, value);
    }
  }

  private static Predicate<String> chooser(String names, String pattern) {
    List<String> listed = List.of(names.split(","));
    Pattern regex = pattern.isEmpty() ? null : Pattern.compile(pattern);
    return name -> listed.contains(name) || (regex != null && regex.matcher(name).find());
  }

  private static String field(ContainerRecord record, String name) {
    String image = record.imageId();
    String hex = image.startsWith("sha256:") ? image.substring(7) : image;
    return switch (name) {
      case "ID" -> Ids.brief(record.id());
      case "FullID" -> record.id();
      case "Name" -> record.spec().name();
      case "ImageID" -> hex.substring(0, Math.min(12, hex.length()));
      case "ImageFullID" -> image;
      case "ImageName" -> record.spec().image();
      default -> "jcompose";
    };
  }
}
