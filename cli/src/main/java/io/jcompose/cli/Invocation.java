package io.jcompose.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command line that was understood.
 *
 * @param globals the options before the command, by key: String, Boolean or List
 * @param options the command's own, by key
 * @param input what can be read once, for all requests of the command
 */
record Invocation(
    Command command,
    Map<String, Object> globals,
    Map<String, Object> options,
    List<String> arguments,
    Map<String, String> env,
    StandardInput input) {
  /** The member with the texts of env files that are pipes; the engine gets them as sources. */
  static final String PIPES = "pipes";

  Invocation {
    if (Boolean.TRUE.equals(globals.get("compatibility"))) {
      env = with(env, "COMPOSE_COMPATIBILITY", "true");
      // Docker Compose, too, does so for the option, and not for the variable.
      options = command.name.equals("config") ? with(options, "no-normalize", true) : options;
    }
  }

  private static <V> Map<String, V> with(Map<String, V> map, String key, V value) {
    Map<String, V> copy = new LinkedHashMap<>(map);
    copy.put(key, value);
    return copy;
  }

  boolean has(String key) {
    return Boolean.TRUE.equals(options.get(key));
  }

  /** An option's value, or an empty text. */
  String text(String key) {
    Object value = options.get(key);
    return value == null ? "" : value.toString();
  }

  /** Whether nothing may be changed. */
  boolean isDry() {
    return Boolean.TRUE.equals(globals.get("dry-run"));
  }

  /** The values of a repeatable option; empty when it was not given. */
  List<?> list(String key) {
    Object value = options.get(key);
    return value instanceof List<?> list ? list : List.of();
  }

  String global(String key) {
    Object value = globals.get(key);
    return value == null ? "" : value.toString();
  }

  Roots roots() {
    Object root = globals.get("root");
    return Roots.of(root == null ? null : root.toString(), env);
  }

  /** The engine's configuration where no option names one; need not exist. */
  String config() {
    return env.getOrDefault("JCOMPOSE_CONFIG", "/etc/jcompose/engine.json");
  }

  /** The host of the engine, when it is another one by ssh. */
  @Nullable SshHost remote() {
    String host = env.getOrDefault("JCOMPOSE_HOST", "");
    return host.startsWith(SshHost.SCHEME) ? SshHost.parse(host) : null;
  }

  EngineClient engine() {
    SshHost remote = remote();
    if (remote != null) {
      return new EngineClient(remote, true);
    }
    return env.getOrDefault("JCOMPOSE_HOST", "").isEmpty()
        ? new EngineClient(roots())
        : runningEngine();
  }

  /** Never starts one. */
  EngineClient runningEngine() {
    SshHost remote = remote();
    return remote == null ? new EngineClient(roots().socket()) : new EngineClient(remote, false);
  }

  /** The request that tells the engine all it needs to load the project. */
  String request(Map<String, Object> extra) throws IOException {
    return new Json().value(requestMembers(extra)).toString();
  }

  Map<String, Object> requestMembers(Map<String, Object> extra) throws IOException {
    Map<String, Object> members = members();
    boolean byName = !global("project-name").isEmpty() && globalList("file").isEmpty();
    if (remote() != null && !byName) {
      FilesForEngine.add(members, env, Path.of(config()));
    } else if (members.get(PIPES) instanceof Map<?, ?> pipes) {
      members.put("sources", partial(pipes));
    }
    members.remove(PIPES);
    members.putAll(extra);
    if (remote() != null) {
      members.put("env", VariablesForEngine.of(env, members));
    }
    return members;
  }

  /** All that the command line tells, for whoever loads the project. */
  Map<String, Object> members() throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("cwd", folder(System.getProperty("user.dir"), env.getOrDefault("PWD", "")));
    List<String> files = files();
    String pipe = files.contains("-") ? null : pipe(files);
    if (pipe != null) {
      // `-f <(command)`: only this process can read it, so it is handed over as standard input.
      members.put("stdin", input.of(pipe));
      files.replaceAll(file -> file.equals(pipe) ? "-" : file);
    } else if (files.contains("-")) {
      members.put("stdin", input.of("-"));
    }
    members.put("files", files);
    members.put("projectName", global("project-name"));
    members.put("projectDirectory", global("project-directory"));
    members.put("profiles", globalList("profile"));
    members.put("envFiles", globalList("env-file"));
    Map<String, String> pipes = envPipes();
    if (!pipes.isEmpty()) {
      members.put(PIPES, pipes);
    }
    members.put("env", env);
    if (Boolean.TRUE.equals(globals.get("all-resources"))) {
      members.put("allResources", true);
    }
    if (isDry()) {
      members.put("dryRun", true);
    }
    Map<String, Object> logins = CallerLogins.ofPublished(this, files);
    if (logins != null) {
      members.put(CallerLogins.MEMBER, logins);
    }
    members.put("arguments", arguments);
    members.put("options", options);
    return members;
  }

  /**
   * The current folder as the shell has it: who went there by a link means the link, which names
   * the project, also when it leads elsewhere tomorrow ({@code current -> releases/7}). As Docker's
   * programs and {@code pwd} have it, a variable that means another folder counts for nothing.
   */
  static String folder(String real, String shell) {
    if (!shell.startsWith("/") || shell.equals(real)) {
      return real;
    }
    try {
      Path named = Path.of(shell);
      return named.equals(named.normalize()) && Files.isSameFile(named, Path.of(real))
          ? named.toString()
          : real;
    } catch (IOException | InvalidPathException e) {
      return real;
    }
  }

  /** True when output to the descriptor (1 or 2) may have colours. */
  boolean hasColour(int fd) {
    String ansi = ansi();
    if (ansi.equals("always")) {
      return true;
    }
    return !ansi.equals("never") && !env.containsKey("NO_COLOR") && Terminal.is(fd);
  }

  String ansi() {
    String ansi = Boolean.TRUE.equals(globals.get("no-ansi")) ? "never" : global("ansi");
    return ansi.isEmpty() ? env.getOrDefault("COMPOSE_ANSI", "auto") : ansi;
  }

  /** How progress is shown: tty, plain, json or quiet. */
  String progress() {
    String wanted = global("progress");
    if (wanted.isEmpty()) {
      wanted = env.getOrDefault("COMPOSE_PROGRESS", "auto");
    }
    if (wanted.equals("auto")) {
      return Terminal.is(2) && !ansi().equals("never") ? "tty" : "plain";
    }
    return wanted;
  }

  static StandardOutput stdout() {
    return new StandardOutput();
  }

  List<String> files() {
    List<String> files = new ArrayList<>();
    globalList("file").forEach(file -> files.add(String.valueOf(file)));
    return files;
  }

  /**
   * What pipes of this process had, by path, for an engine that reads all else itself. Without the
   * parser's classes, which a command of this host does not have.
   */
  private static Map<String, Object> partial(Map<?, ?> texts) {
    Map<String, Object> files = new LinkedHashMap<>();
    texts.forEach(
        (path, text) -> {
          byte[] bytes = String.valueOf(text).getBytes(StandardCharsets.UTF_8);
          String content = Base64.getEncoder().encodeToString(bytes);
          files.put(
              String.valueOf(path), Map.of("kind", "REGULAR", "reason", "", "content", content));
        });
    return Map.of("files", files, "fetches", Map.of(), "partial", true);
  }

  /** What env files have that only this process can read, as {@code --env-file <(command)}. */
  private Map<String, String> envPipes() throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Object file : globalList("env-file")) {
      String path = String.valueOf(file);
      if (isPipe(path)) {
        texts.put(path, input.of(path));
      }
    }
    return texts;
  }

  private static boolean isPipe(String file) {
    return file.startsWith("/dev/fd/")
        || file.startsWith("/proc/self/fd/")
        || file.equals("/dev/stdin");
  }

  /** The first file that is a descriptor of this process; null when there is none. */
  private static @Nullable String pipe(List<String> files) {
    for (String file : files) {
      if (isPipe(file)) {
        return file;
      }
    }
    return null;
  }

  private List<?> globalList(String key) {
    @Nullable Object value = globals.get(key);
    return value instanceof List<?> list ? list : List.of();
  }
}
