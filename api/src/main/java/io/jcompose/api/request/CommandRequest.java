package io.jcompose.api.request;

import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.api.text.JsonText;
import io.jcompose.compose.HandedSources;
import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.SourceFiles;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import io.jcompose.scheduler.BuildMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a command line hands over: where it was called, and its options under their long names.
 * Immutable.
 */
public final class CommandRequest {
  /** Some thirty years are for ever; more is no number of milliseconds. */
  private static final int LONGEST_SECONDS = 1_000_000_000;

  /** What a project has mostly, which nobody has to wait for. */
  private static final int FREE_VALUES = 512;

  private static final int BYTES_OF_A_VALUE = 128;

  private static final int MOST_LOGINS = 256;
  private static final int LONGEST_LOGIN = 64 << 10;

  private final JsonNode root;
  private final IntConsumer charge;
  private final Consumer<String> warnings;

  private CommandRequest(JsonNode root, IntConsumer charge, Consumer<String> warnings) {
    this.root = root;
    this.charge = charge;
    this.warnings = warnings;
  }

  /** The same request, whose client hears warnings in another way. */
  public CommandRequest warning(Consumer<String> other) {
    return new CommandRequest(root, charge, other);
  }

  /** Tells the client something beside the answer. */
  void warn(String text) {
    warnings.accept(text);
  }

  /**
   * Parses the JSON body of a request; unknown members are ignored.
   *
   * @throws JcomposeException.InvalidArgument when it is not a JSON object
   */
  public static CommandRequest parse(byte[] body) {
    return parse(body, bytes -> {});
  }

  /**
   * @param charge takes the bytes that the command keeps in memory until it ends; throws when that
   *     is too much
   */
  public static CommandRequest parse(byte[] body, IntConsumer charge) {
    try {
      JsonNode root = JsonText.MAPPER.readTree(body.length == 0 ? new byte[] {'{', '}'} : body);
      if (root.isObject()) {
        return new CommandRequest(root, charge, text -> {});
      }
    } catch (StreamConstraintsException e) {
      throw new JcomposeException.InvalidArgument("the command is too large: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new JcomposeException.InvalidArgument("the request's body is not JSON", e);
    }
    throw new JcomposeException.InvalidArgument("the request's body is not a JSON object");
  }

  /**
   * Counts a project against what all commands may have in memory until they end.
   *
   * @param values how many it has
   */
  void keeps(int values) {
    charge.accept(Math.max(0, values - FREE_VALUES) * BYTES_OF_A_VALUE);
  }

  /**
   * Which images a command builds.
   *
   * @throws JcomposeException.InvalidArgument for {@code --build} with {@code --no-build}
   */
  public BuildMode buildMode() {
    if (has("build") && has("no-build")) {
      throw new JcomposeException.InvalidArgument("--build and --no-build are incompatible");
    }
    if (has("no-build")) {
      return BuildMode.NEVER;
    }
    return has("build") ? BuildMode.ALL : BuildMode.MISSING;
  }

  /** The words after the options: services, or a service and its program. */
  public List<String> arguments() {
    return texts(root.path("arguments"));
  }

  /** True when a flag was given. */
  public boolean has(String option) {
    return root.path("options").path(option).asBoolean(false);
  }

  /**
   * A flag as given, else what the variable says, as Docker Compose reads it.
   *
   * @param environment of the project, for {@code .env} counts; the client's where there is none
   */
  public boolean has(String option, String variable, Map<String, String> environment) {
    JsonNode given = root.path("options").path(option);
    String word = environment.getOrDefault(variable, "").strip().toLowerCase(Locale.ROOT);
    return given.isBoolean() ? given.asBoolean() : List.of("1", "t", "true", "y").contains(word);
  }

  /** An option's value, or an empty text. */
  public String text(String option) {
    return root.path("options").path(option).asText("");
  }

  /** The values of a repeatable option. */
  public List<String> list(String option) {
    return texts(root.path("options").path(option));
  }

  /**
   * An option in seconds, or null; a negative number waits for ever.
   *
   * @throws JcomposeException.InvalidArgument when it is not a number
   */
  public @Nullable Duration seconds(String option) {
    String text = text(option);
    return text.isEmpty()
        ? null
        : Duration.ofSeconds(Math.clamp(number(option, text), -1, LONGEST_SECONDS));
  }

  /** An option that is a number, or the default. */
  public int number(String option, int otherwise) {
    String text = text(option);
    return text.isEmpty()
        ? otherwise
        : Math.clamp(number(option, text), Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** A member that tells about the client: colour, tty, stdin. */
  public boolean is(String member) {
    return root.path(member).asBoolean(false);
  }

  /** A member that is a text, or an empty text. */
  public String member(String name) {
    return root.path(name).asText("");
  }

  /** A member that is a time in milliseconds since 1970, or 0. */
  public long time(String member) {
    return root.path(member).asLong(0);
  }

  /** A member that maps names to texts; empty when there is none. */
  public Map<String, String> texts(String member) {
    Map<String, String> texts = new LinkedHashMap<>();
    root.path(member).properties().forEach(e -> texts.put(e.getKey(), e.getValue().asText()));
    return texts;
  }

  /** A member that is a list of texts; empty when there is none. */
  public List<String> members(String name) {
    return texts(root.path(name));
  }

  /** The client's environment. */
  public Map<String, String> env() {
    return texts("env");
  }

  /** A member that is a number, or 0. */
  public int size(String member) {
    return root.path(member).asInt(0);
  }

  /** The name given by {@code -p} or COMPOSE_PROJECT_NAME, or an empty text. */
  public String projectName() {
    String name = root.path("projectName").asText("");
    return name.isEmpty() ? root.path("env").path("COMPOSE_PROJECT_NAME").asText("") : name;
  }

  /** The name given by COMPOSE_PROJECT_NAME alone, or an empty text. */
  String variableName() {
    return root.path("env").path("COMPOSE_PROJECT_NAME").asText("");
  }

  /** True when {@code -p} is given, and no {@code -f}. */
  boolean isByName() {
    return !root.path("projectName").asText("").isEmpty() && root.path("files").isEmpty();
  }

  /**
   * The caller's logins for registries, which go with the request; those of the engine's user for a
   * client that says nothing of any.
   *
   * @throws JcomposeException.InvalidArgument for more or larger ones than anybody has
   */
  public RegistryLogins logins() {
    JsonNode given = root.path("logins");
    if (!given.isObject()) {
      return RegistryLogins.OF_ENGINE;
    }
    Map<String, RegistryLogins.Login> logins = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : given.properties()) {
      String user = entry.getValue().path("user").asText("");
      String secret = entry.getValue().path("secret").asText("");
      if (logins.size() >= MOST_LOGINS || user.length() + secret.length() > LONGEST_LOGIN) {
        throw new JcomposeException.InvalidArgument(
            "the logins of the request are too many or too long (limits: "
                + MOST_LOGINS
                + ", and "
                + LONGEST_LOGIN
                + " characters for one)");
      }
      logins.put(entry.getKey(), new RegistryLogins.Login(user, secret));
    }
    return new RegistryLogins.OfCaller(logins);
  }

  /** What to load for this request. */
  public LoadRequest load(List<String> services, LoadRequest.Options options) {
    Path cwd = Path.of(root.path("cwd").asText("/"));
    Map<String, String> env = new LinkedHashMap<>();
    root.path("env").properties().forEach(e -> env.put(e.getKey(), e.getValue().asText()));
    String directory = root.path("projectDirectory").asText("");
    JsonNode stdin = root.path("stdin");
    LoadRequest.Options wanted =
        options.withAllResources(options.allResources() || is("allResources"));
    return LoadRequest.of(cwd, env)
        .with()
        .files(texts(root.path("files")))
        .stdin(stdin.isTextual() ? stdin.asText() : null)
        .envFiles(texts(root.path("envFiles")).stream().map(cwd::resolve).toList())
        .projectName(root.path("projectName").asText(""))
        .projectDirectory(directory.isEmpty() ? null : cwd.resolve(directory))
        .profiles(texts(root.path("profiles")))
        .services(services)
        .options(wanted)
        .handed(handed())
        .build();
  }

  /** The files that a client on another host read; null where they are this host's. */
  private @Nullable HandedSources handed() {
    JsonNode sources = root.path("sources");
    if (!sources.isObject()) {
      return null;
    }
    Map<String, HandedSources.Handed> files = new HashMap<>();
    sources.path("files").properties().forEach(e -> files.put(e.getKey(), handed(e.getValue())));
    Map<String, SourceFiles.Fetch> fetches = new HashMap<>();
    for (Map.Entry<String, JsonNode> e : sources.path("fetches").properties()) {
      List<String> parts = texts(e.getValue());
      if (parts.size() == 4) {
        fetches.put(
            e.getKey(),
            new SourceFiles.Fetch(parts.get(0), parts.get(1), parts.get(2), parts.get(3)));
      }
    }
    return new HandedSources(files, fetches, !sources.path("partial").asBoolean(false));
  }

  private static HandedSources.Handed handed(JsonNode file) {
    try {
      byte[] content = Base64.getDecoder().decode(file.path("content").asText(""));
      SourceFiles.Kind kind = SourceFiles.Kind.valueOf(file.path("kind").asText(""));
      return new HandedSources.Handed(
          new SourceFiles.Look(kind, content.length, file.path("reason").asText("")), content);
    } catch (IllegalArgumentException e) {
      throw new JcomposeException.InvalidArgument("a file of the request cannot be read", e);
    }
  }

  private static long number(String option, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new JcomposeException.InvalidArgument(
          "invalid argument \"" + text + "\" for \"--" + option + "\": not a number");
    }
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(item -> texts.add(item.asText()));
    return texts;
  }
}
