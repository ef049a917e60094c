package io.jcompose.cli.command;

import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.StandardInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was typed: a command line that was understood.
 *
 * @param globals the options before the command, by key: String, Boolean or List
 * @param options the command's own, by key
 * @param input what can be read once, for all requests of the command
 */
public record Invocation(
    Command command,
    Map<String, Object> globals,
    Map<String, Object> options,
    List<String> arguments,
    Map<String, String> env,
    StandardInput input) {
  public Invocation {
    if (Boolean.TRUE.equals(globals.get("compatibility"))) {
      env = with(env, "COMPOSE_COMPATIBILITY", "true");
      // Docker Compose, too, does so for the option, and not for the variable.
      options = command.name().equals("config") ? with(options, "no-normalize", true) : options;
    }
  }

  private static <V> Map<String, V> with(Map<String, V> map, String key, V value) {
    Map<String, V> copy = new LinkedHashMap<>(map);
    copy.put(key, value);
    return copy;
  }

  /** The same words meant as another command's, by its name. */
  public Invocation as(String name, Map<String, Object> others) {
    Command other = command.name().equals(name) ? command : command.called(name);
    return new Invocation(other, globals, others, arguments, env, input);
  }

  public boolean has(String key) {
    return Boolean.TRUE.equals(options.get(key));
  }

  /** An option's value, or an empty text. */
  public String text(String key) {
    Object value = options.get(key);
    return value == null ? "" : value.toString();
  }

  /** Whether nothing may be changed. */
  public boolean isDry() {
    return Boolean.TRUE.equals(globals.get("dry-run"));
  }

  /** The values of a repeatable option; empty when it was not given. */
  public List<?> list(String key) {
    Object value = options.get(key);
    return value instanceof List<?> list ? list : List.of();
  }

  public String global(String key) {
    Object value = globals.get(key);
    return value == null ? "" : value.toString();
  }

  /** The engine's configuration where no option names one; need not exist. */
  public String config() {
    return env.getOrDefault("JCOMPOSE_CONFIG", "/etc/jcompose/engine.json");
  }

  /** True when output to the descriptor (1 or 2) may have colours. */
  public boolean hasColour(int fd) {
    String ansi = ansi();
    if (ansi.equals("always")) {
      return true;
    }
    return !ansi.equals("never")
        && !env.containsKey("NO_COLOR")
        && Consoles.current().isTerminal(fd);
  }

  String ansi() {
    String ansi = Boolean.TRUE.equals(globals.get("no-ansi")) ? "never" : global("ansi");
    return ansi.isEmpty() ? env.getOrDefault("COMPOSE_ANSI", "auto") : ansi;
  }

  /** How progress is shown: tty, plain, json or quiet. */
  public String progress() {
    String own = text("progress"); // of docker's build, which has a word of its own for JSON
    String wanted = own.isEmpty() ? global("progress") : own.replace("rawjson", "json");
    if (wanted.isEmpty()) {
      wanted = env.getOrDefault("COMPOSE_PROGRESS", "auto");
    }
    if (wanted.equals("auto")) {
      return Consoles.current().isTerminal(2) && !ansi().equals("never") ? "tty" : "plain";
    }
    return wanted;
  }

  public List<String> files() {
    List<String> files = new ArrayList<>();
    globalList("file").forEach(file -> files.add(String.valueOf(file)));
    return files;
  }

  /** The values of a repeatable option before the command; empty when it was not given. */
  public List<?> globalList(String key) {
    @Nullable Object value = globals.get(key);
    return value instanceof List<?> list ? list : List.of();
  }
}
