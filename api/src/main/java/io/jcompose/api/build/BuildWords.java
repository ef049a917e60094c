package io.jcompose.api.build;

import io.jcompose.api.request.CommandRequest;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec.Secret;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The words that options of builds take, as docker's command line has them. Stateless. */
final class BuildWords {
  private static final Pattern ANNOTATION =
      Pattern.compile(
          "(?:((?:manifest|index|manifest-descriptor|index-descriptor)[^:=]*):)?([^=]+)=(.*)",
          Pattern.DOTALL);

  private BuildWords() {}

  /** {@code NAME=VALUE}; a name alone has its value where the command was given, or none. */
  static Map<String, String> args(List<String> words, Map<String, String> env) {
    Map<String, String> args = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      String value = equals < 0 ? env.get(word) : word.substring(equals + 1);
      if (value != null) {
        args.put(equals < 0 ? word : word.substring(0, equals), value);
      }
    }
    return args;
  }

  /** {@code NAME=VALUE}, or a name with an empty value. */
  static Map<String, String> labels(List<String> words) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      labels.put(
          equals < 0 ? word : word.substring(0, equals),
          equals < 0 ? "" : word.substring(equals + 1));
    }
    return labels;
  }

  /**
   * {@code KEY=VALUE} or {@code manifest:KEY=VALUE}: a manifest is all that an image has.
   *
   * @throws JcomposeException.NotSupported for one of an index
   */
  static void annotation(String word, Map<String, String> into) {
    Matcher parts = ANNOTATION.matcher(word);
    if (!parts.matches()) {
      throw new JcomposeException.InvalidArgument(
          "invalid --annotation " + word + ": write KEY=VALUE");
    }
    if (parts.group(1) != null && !parts.group(1).equals("manifest")) {
      throw new JcomposeException.NotSupported(
          "--annotation " + word + ": an image has a manifest and nothing else to annotate");
    }
    into.put(parts.group(2), parts.group(3));
  }

  /**
   * {@code default} or {@code ID=PATH}, or of keys {@code ID=PATH,PATH}; an agent is the one that
   * the caller has.
   */
  static Map<String, String> ssh(CommandRequest request) {
    Map<String, String> all = new LinkedHashMap<>();
    Path folder = Path.of(request.member("cwd"));
    for (String word : request.list("ssh")) {
      int equals = word.indexOf('=');
      String agent = request.env().getOrDefault("SSH_AUTH_SOCK", "");
      String path = equals < 0 ? agent : paths(folder, word.substring(equals + 1));
      if (path.isEmpty()) {
        throw new JcomposeException.InvalidArgument(
            "--ssh " + word + ": there is no agent: SSH_AUTH_SOCK is not set");
      }
      all.put(equals < 0 ? word : word.substring(0, equals), path);
    }
    return all;
  }

  private static String paths(Path folder, String words) {
    return Stream.of(words.split(","))
        .map(word -> folder.resolve(word).normalize().toString())
        .collect(Collectors.joining(","));
  }

  /** {@code nofile=1000:2000}. */
  static Map<String, Ulimit> ulimits(List<String> words) {
    Map<String, Ulimit> limits = new LinkedHashMap<>();
    for (String word : words) {
      String[] parts = word.split("[=:]", 3);
      try {
        long soft = Long.parseLong(parts[1]);
        limits.put(parts[0], new Ulimit(soft, parts.length == 3 ? Long.parseLong(parts[2]) : soft));
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        throw new JcomposeException.InvalidArgument(
            "invalid ulimit argument: " + word + ": write NAME=SOFT[:HARD]", e);
      }
    }
    return limits;
  }

  /** {@code id=NAME[,src=PATH|,env=VARIABLE]}; without either the variable or file of that name. */
  static Secret secret(String word, Path folder, Map<String, String> env) {
    Map<String, String> fields = labels(List.of(word.split(",")));
    String id = fields.getOrDefault("id", "");
    fields.remove("id");
    String type = fields.getOrDefault("type", "");
    fields.remove("type");
    String file = fields.getOrDefault("src", fields.getOrDefault("source", ""));
    fields.remove("src");
    fields.remove("source");
    String variable = fields.getOrDefault("env", type.equals("env") ? file : "");
    fields.remove("env");
    if (id.isEmpty() || !fields.isEmpty() || !List.of("", "file", "env").contains(type)) {
      throw new JcomposeException.InvalidArgument(
          "invalid --secret " + word + ": write id=NAME,src=PATH or id=NAME,env=VARIABLE");
    }
    if (variable.isEmpty() && file.isEmpty()) {
      variable = env.containsKey(id) ? id : "";
      file = id;
    }
    return variable.isEmpty()
        ? new Secret(id, folder.resolve(file).normalize(), null)
        : new Secret(id, null, value(variable, env.get(variable)));
  }

  private static String value(String variable, @Nullable String value) {
    if (value == null) {
      throw new JcomposeException.InvalidArgument(
          "--secret: the environment variable " + variable + " is not set");
    }
    return value;
  }
}
