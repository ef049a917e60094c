package io.jcompose.images;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Instructions of a Dockerfile that change only an image's config, as {@code docker commit
 * --change} takes them (moby, builder/dockerfile/dispatchers.go). Confined to one thread.
 */
public final class ConfigChanges {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}(-[0-9]{1,5})?(/(tcp|udp|sctp))?");

  private final ObjectNode config;
  private boolean commandSet;

  private ConfigChanges(ObjectNode config) {
    this.config = config;
  }

  /**
   * Carries instructions out on an image's {@code config}.
   *
   * @param changes each one or more lines
   * @throws JcomposeException.InvalidArgument for what is none, or not one of these
   */
  public static void apply(ObjectNode config, List<String> changes) {
    ConfigChanges all = new ConfigChanges(config);
    for (String change : changes) {
      change.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(all::line);
    }
  }

  private void line(String line) {
    String[] parts = line.split("\\s+", 2);
    String rest = parts.length > 1 ? parts[1].strip() : "";
    String name = parts[0].toUpperCase(Locale.ROOT);
    if (rest.isEmpty() && !List.of("CMD", "ENTRYPOINT").contains(name)) {
      throw invalid(line, "it has no arguments");
    }
    switch (name) {
      case "CMD" -> {
        command("Cmd", rest);
        commandSet = true;
      }
      case "ENTRYPOINT" -> {
        command("Entrypoint", rest);
        if (!commandSet) {
          config.remove("Cmd");
        }
      }
      case "ENV" -> pairs(rest, line).forEach(this::env);
      case "LABEL" -> pairs(rest, line).forEach(config.withObject("/Labels")::put);
      case "EXPOSE" -> Words.of(rest, env()).forEach(port -> expose(port, line));
      case "VOLUME" ->
          list(rest).forEach(path -> config.withObject("/Volumes").putObject(path.strip()));
      case "USER" -> config.put("User", one(rest, line));
      case "WORKDIR" -> workingDirectory(one(rest, line));
      case "STOPSIGNAL" -> config.put("StopSignal", one(rest, line));
      case "ONBUILD" -> onBuild(rest, line);
      default ->
          throw invalid(
              line,
              "only CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME and"
                  + " WORKDIR change an image without building it");
    }
  }

  private static JcomposeException.InvalidArgument invalid(String line, String why) {
    return new JcomposeException.InvalidArgument("change \"" + line + "\": " + why);
  }

  private void command(String key, String rest) {
    List<String> words = new ArrayList<>();
    if (!jsonTexts(rest, words)) {
      JsonNode shell = config.path("Shell");
      words.addAll(shell.isEmpty() ? List.of("/bin/sh", "-c") : Json.texts(shell));
      words.add(rest);
    }
    ArrayNode array = config.putArray(key);
    words.forEach(array::add);
  }

  /** True when the text is an array of texts, which are added. */
  private static boolean jsonTexts(String text, List<String> into) {
    if (text.isEmpty()) {
      return true;
    }
    if (!text.startsWith("[")) {
      return false;
    }
    try {
      JsonNode array = JSON.readTree(text);
      for (JsonNode item : array) {
        if (!item.isTextual()) {
          return false;
        }
      }
      into.addAll(Json.texts(array));
      return array.isArray();
    } catch (JsonProcessingException e) {
      return false; // as a shell's command, like Docker
    }
  }

  private List<String> list(String rest) {
    List<String> words = new ArrayList<>();
    return jsonTexts(rest, words) ? words : Words.of(rest, env());
  }

  private String one(String rest, String line) {
    List<String> words = Words.of(rest, env());
    if (words.size() != 1) {
      throw invalid(line, "one argument is expected");
    }
    return words.getFirst();
  }

  /** {@code a=b c="d e"}, or the old {@code a b c}. */
  private Map<String, String> pairs(String rest, String line) {
    Map<String, String> pairs = new LinkedHashMap<>();
    List<String> words = Words.of(rest, env());
    if (words.getFirst().indexOf('=') < 0) {
      String[] old = rest.split("\\s+", 2);
      if (old.length < 2) {
        throw invalid(line, "name=value is expected");
      }
      return Map.of(old[0], String.join(" ", words.subList(1, words.size())));
    }
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals <= 0) {
        throw invalid(line, "\"" + word + "\" is not of the form name=value");
      }
      pairs.put(word.substring(0, equals), word.substring(equals + 1));
    }
    return pairs;
  }

  private Map<String, String> env() {
    Map<String, String> values = new LinkedHashMap<>();
    for (String variable : Json.texts(config.path("Env"))) {
      int equals = variable.indexOf('=');
      if (equals > 0) {
        values.put(variable.substring(0, equals), variable.substring(equals + 1));
      }
    }
    return values;
  }

  private void env(String name, String value) {
    Map<String, String> values = env();
    values.put(name, value);
    ArrayNode array = config.putArray("Env");
    values.forEach((key, text) -> array.add(key + "=" + text));
  }

  private void expose(String port, String line) {
    if (!PORT.matcher(port).matches()) {
      throw invalid(line, "\"" + port + "\" is no port, such as 80 or 53/udp");
    }
    String protocol = port.indexOf('/') < 0 ? "tcp" : port.substring(port.indexOf('/') + 1);
    String[] range = port.split("/")[0].split("-");
    int last = Integer.parseInt(range[range.length - 1]);
    for (int number = Integer.parseInt(range[0]); number <= last && number < 65536; number++) {
      config.withObject("/ExposedPorts").putObject(number + "/" + protocol);
    }
  }

  private void workingDirectory(String path) {
    String before = config.path("WorkingDir").asText("");
    String base = before.isEmpty() ? "/" : before;
    config.put("WorkingDir", Path.of(base).resolve(path).normalize().toString());
  }

  private void onBuild(String rest, String line) {
    String first = rest.split("\\s+", 2)[0].toUpperCase(Locale.ROOT);
    if (List.of("ONBUILD", "FROM", "MAINTAINER").contains(first)) {
      throw invalid(line, first + " isn't allowed as an ONBUILD trigger");
    }
    config.withArray("/OnBuild").add(rest);
  }

  /** Splits a line at blanks outside of quotes, with variables and escapes taken in. */
  private static final class Words {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final String text;
    private final Map<String, String> env;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean begun;
    private int at;

    private Words(String text, Map<String, String> env) {
      this.text = text;
      this.env = env;
    }

    static List<String> of(String text, Map<String, String> env) {
      Words all = new Words(text, env);
      all.read();
      return all.words;
    }

    private void read() {
      char quote = 0;
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c == '\\' && quote != '\'' && at < text.length()) {
          take(text.charAt(at++));
        } else if (c == '$' && quote != '\'') {
          variable();
        } else if (quote == 0 && (c == '"' || c == '\'')) {
          quote = c;
          begun = true;
        } else if (c == quote) {
          quote = 0;
        } else if (quote == 0 && Character.isWhitespace(c)) {
          end();
        } else {
          take(c);
        }
      }
      end();
    }

    private void take(char c) {
      word.append(c);
      begun = true;
    }

    private void variable() {
      var name = NAME.matcher(text);
      boolean braced = text.startsWith("{", at);
      name.region(braced ? at + 1 : at, text.length());
      if (!name.lookingAt() || (braced && !text.startsWith("}", name.end()))) {
        take('$');
        return;
      }
      word.append(env.getOrDefault(name.group(), ""));
      begun = true;
      at = name.end() + (braced ? 1 : 0);
    }

    private void end() {
      if (begun) {
        words.add(word.toString());
      }
      word.setLength(0);
      begun = false;
    }
  }
}
