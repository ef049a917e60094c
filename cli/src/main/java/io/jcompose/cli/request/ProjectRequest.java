package io.jcompose.cli.request;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.local.FilesForEngine;
import io.jcompose.cli.local.LoadRequests;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.StandardInput;
import io.jcompose.cli.wire.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes what is sent of what was typed: the members of a request that tell the engine all it needs
 * to load the project and to carry the command out. Stateless.
 */
public final class ProjectRequest {
  /** Of docker's words, which mean no services and read no file. */
  private static final String CONTAINERS_ONLY = "containersOnly";

  private ProjectRequest() {}

  /** The request as JSON. */
  public static String text(Invocation invocation, Map<String, Object> extra) throws IOException {
    return new Json().value(members(invocation, extra)).toString();
  }

  /** Its members, with more of the command's own. */
  public static Map<String, Object> members(Invocation invocation, Map<String, Object> extra)
      throws IOException {
    Map<String, Object> members = ofProject(invocation);
    boolean isRemote = Engines.remote(invocation) != null;
    boolean byName =
        !invocation.global("project-name").isEmpty() && invocation.globalList("file").isEmpty();
    boolean readsFiles = !byName && !members.containsKey(CONTAINERS_ONLY);
    if (isRemote && readsFiles) {
      FilesForEngine.add(members, invocation.env(), Path.of(invocation.config()));
    } else if (members.get(LoadRequests.PIPES) instanceof Map<?, ?> pipes) {
      members.put("sources", partial(pipes));
    }
    members.remove(LoadRequests.PIPES);
    members.putAll(extra);
    if (isRemote) {
      members.put("env", VariablesForEngine.of(invocation.env(), members));
    }
    return members;
  }

  /** All that the command line says, for whoever loads the project. */
  public static Map<String, Object> ofProject(Invocation invocation) throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    String shell = invocation.env().getOrDefault("PWD", "");
    members.put("cwd", folder(Consoles.current().folder(), shell));
    List<String> files = invocation.files();
    putFiles(members, files, invocation.input());
    members.put("projectName", invocation.global("project-name"));
    members.put("projectDirectory", invocation.global("project-directory"));
    members.put("profiles", invocation.globalList("profile"));
    members.put("envFiles", invocation.globalList("env-file"));
    Map<String, String> pipes = envPipes(invocation);
    if (!pipes.isEmpty()) {
      members.put(LoadRequests.PIPES, pipes);
    }
    members.put("env", invocation.env());
    if (Boolean.TRUE.equals(invocation.globals().get("all-resources"))) {
      members.put("allResources", true);
    }
    if (invocation.isDry()) {
      members.put("dryRun", true);
    }
    if (Boolean.TRUE.equals(invocation.globals().get("docker"))) {
      members.put(CONTAINERS_ONLY, true);
    }
    Map<String, Object> logins = CallerLogins.ofPublished(invocation, files);
    if (logins != null) {
      members.put(CallerLogins.MEMBER, logins);
    }
    members.put("arguments", invocation.arguments());
    members.put("options", invocation.options());
    return members;
  }

  /** The first pipe among the files becomes {@code -}. */
  private static void putFiles(Map<String, Object> members, List<String> files, StandardInput input)
      throws IOException {
    String pipe = files.contains("-") ? null : pipe(files);
    if (pipe != null) {
      // `-f <(command)`: only this process can read it, so it is handed over as standard input.
      members.put("stdin", input.of(pipe));
      files.replaceAll(file -> file.equals(pipe) ? "-" : file);
    } else if (files.contains("-")) {
      members.put("stdin", input.of("-"));
    }
    members.put("files", files);
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
  private static Map<String, String> envPipes(Invocation invocation) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Object file : invocation.globalList("env-file")) {
      String path = String.valueOf(file);
      if (isPipe(path)) {
        texts.put(path, invocation.input().of(path));
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
}
