package io.jcompose.compose.source;

import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Works a service's env files, label files and inherited variables into its environment and labels.
 */
public final class EnvFiles {
  private EnvFiles() {}

  /** Reads one env file into {@code into}; what is wrong is recorded. */
  public static void read(
      Path file,
      String format,
      Map<String, String> into,
      Function<String, @Nullable String> lookup,
      SourcePosition place,
      String path,
      Problems problems) {
    try {
      switch (format) {
        case "", "raw" -> parse(file, format, into, lookup, problems);
        default ->
            problems.error(
                place,
                path,
                "unsupported env_file format \""
                    + format
                    + "\""
                    + Problems.suggestion(format, List.of("raw")));
      }
    } catch (Dotenv.Invalid e) {
      problems.error(
          new SourcePosition(file.toString(), e.line(), 1),
          path,
          "failed to read " + file + ": line " + e.line() + ": " + e.getMessage());
    } catch (NoSuchFileException e) {
      problems.error(place, path, missing(path, file.toString()));
    } catch (SourceText.Refused e) {
      problems.error(
          e.line() == 0 ? place : new SourcePosition(file.toString(), e.line(), 1),
          path,
          "cannot read env file " + file + ": " + e.getMessage());
    } catch (IOException e) {
      problems.error(place, path, "cannot read env file " + file + ": " + e);
    }
  }

  private static void parse(
      Path file,
      String format,
      Map<String, String> into,
      Function<String, @Nullable String> lookup,
      Problems problems)
      throws IOException, Dotenv.Invalid {
    String text = SourceText.read(file, problems);
    if (format.isEmpty()) {
      Dotenv.parse(
          text, into, lookup, (name, line) -> problems.warnUnset(name, file.toString(), line));
    } else {
      Dotenv.parseRaw(text, into, lookup);
    }
    if (problems.trace != null) {
      problems.trace.envFile(file.toString(), text, into);
    }
  }

  private static String missing(String path, String file) {
    String kind = path.endsWith("label_file") ? "label file " : "env file ";
    return kind + file + " not found: stat " + file + ": no such file or directory";
  }

  /** Gives variables named without a value the one of the environment. */
  public static void inherit(@Nullable Node variables, Map<String, String> environment) {
    if (variables instanceof ListNode list) {
      list.items.replaceAll(
          item -> {
            String name = item instanceof Scalar scalar ? scalar.text() : "";
            String found = environment.get(name);
            return found == null ? item : new Scalar(name + "=" + found, item.position);
          });
    } else if (variables instanceof MapNode map) {
      map.entries.replaceAll(
          (key, value) -> {
            String found = value.isNull() ? environment.get(key) : null;
            return found == null ? value : new Scalar(found, value.position);
          });
    }
  }

  /**
   * Resolves env_file and label_file of all services and removes them.
   *
   * @param folder where paths begin that were left as they are written
   */
  public static void resolve(
      @Nullable MapNode services, Map<String, String> environment, Path folder, Problems problems) {
    if (services != null) {
      services.entries.forEach(
          (name, service) -> {
            if (service instanceof MapNode map) {
              variables("services." + name, map, environment, folder, problems);
              labels("services." + name, map, folder, problems);
            }
          });
    }
  }

  private static void variables(
      String path,
      MapNode service,
      Map<String, String> environment,
      Path folder,
      Problems problems) {
    Map<String, String> read = new LinkedHashMap<>();
    MapNode own = service.map("environment");
    Function<String, @Nullable String> lookup =
        variable -> {
          String outer = environment.get(variable);
          Node given = own == null ? null : own.get(variable);
          // One without a value is not given here: the files' earlier lines count.
          return outer == null && given instanceof Scalar value && !value.isNull()
              ? value.text()
              : outer;
        };
    for (Node item : service.list("env_file")) {
      if (item instanceof MapNode entry && entry.entries.containsKey("path")) {
        Path file = folder.resolve(entry.text("path"));
        boolean named = !entry.text("path").isEmpty();
        if (!named && entry.isTrue("required")) {
          problems.error(item.position, path + ".env_file", missing(path, ""));
        } else if (named && (entry.isTrue("required") || problems.files.look(file).exists())) {
          read(
              file,
              entry.text("format"),
              read,
              lookup,
              item.position,
              path + ".env_file",
              problems);
        }
      }
    }
    service.entries.remove("env_file");
    if (!read.isEmpty()) {
      merge(service, "environment", read);
    }
  }

  private static void labels(String path, MapNode service, Path folder, Problems problems) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (Node item : service.list("label_file")) {
      Map<String, String> before = Map.copyOf(labels); // of other files; not the environment
      String text = ((Scalar) item).text();
      if (text.isEmpty()) {
        problems.error(item.position, path + ".label_file", missing(path + ".label_file", ""));
        continue;
      }
      read(
          folder.resolve(text),
          "",
          labels,
          before::get,
          item.position,
          path + ".label_file",
          problems);
    }
    service.entries.remove("label_file");
    if (!labels.isEmpty()) {
      merge(service, "labels", labels);
    }
  }

  private static void merge(MapNode service, String key, Map<String, String> read) {
    MapNode own = service.map(key);
    MapNode all = new MapNode(own == null ? service.position : own.position);
    read.forEach(all::put);
    if (own != null) {
      all.entries.putAll(own.entries);
    }
    service.entries.put(key, all);
  }
}
