package io.jcompose.core.git;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The host's {@code git} program, by which single commits are fetched: without hooks, submodules
 * and files of LFS, and never with a question. Calls block, and can be interrupted. Immutable.
 */
public final class GitProgram {
  private static final int SHOWN = 1000;
  private static final int OUTPUT_BYTES = 1 << 20;

  private final Map<String, String> environment;
  private final String protocols;
  private final Duration limit;

  /**
   * @param environment what git sees: PATH, HOME, agents and proxies
   * @param protocols those that git may speak, separated by colons
   * @param limit for each call of git
   */
  public GitProgram(Map<String, String> environment, String protocols, Duration limit) {
    this.environment = Map.copyOf(environment);
    this.protocols = protocols;
    this.limit = limit;
  }

  /**
   * The commit that a reference is at, 40 hexadecimal digits.
   *
   * @throws JcomposeException.NotFound when there is no such ref
   * @throws JcomposeException.Unavailable when git is missing or fails
   * @throws JcomposeException.Cancelled when interrupted
   */
  public String commit(GitReference reference) {
    return reference.isCommit() ? reference.ref() : resolve(reference);
  }

  /** The commit that a branch or tag is at. */
  private String resolve(GitReference reference) {
    String wanted = reference.ref().isEmpty() ? "HEAD" : reference.ref();
    String listing =
        git(
            reference,
            Path.of("/"),
            List.of("ls-remote", "--", reference.remote(), wanted, wanted + "^{}"));
    Map<String, String> commits = new HashMap<>();
    listing
        .lines()
        .map(line -> line.split("\t", 2))
        .filter(pair -> pair.length == 2)
        .forEach(pair -> commits.put(pair[1], pair[0]));
    for (String name :
        List.of(
            "refs/heads/" + wanted,
            "refs/tags/" + wanted + "^{}",
            "refs/tags/" + wanted,
            wanted + "^{}",
            wanted)) {
      String commit = commits.get(name);
      if (commit != null && commit.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
        return commit;
      }
    }
    throw new JcomposeException.NotFound(
        "repository " + reference.remote() + " has no branch or tag \"" + wanted + "\"");
  }

  /**
   * Makes a folder the working copy of a commit, with a {@code .git} that has it alone.
   *
   * @param into empty
   */
  public void fetch(GitReference reference, String commit, Path into) {
    git(reference, into, List.of("init", "--quiet"));
    git(
        reference,
        into,
        List.of("fetch", "--quiet", "--depth=1", "--no-tags", "--", reference.remote(), commit));
    git(reference, into, List.of("checkout", "--quiet", "--detach", commit));
  }

  /** When the commit that is checked out in a folder was made. */
  public Instant committedAt(GitReference reference, Path folder) {
    String text = git(reference, folder, List.of("log", "-1", "--format=%ct")).strip();
    try {
      return Instant.ofEpochSecond(Long.parseLong(text));
    } catch (NumberFormatException | java.time.DateTimeException e) {
      throw new JcomposeException.Unavailable(
          "the commit of " + reference.remote() + " has no time: " + text, e);
    }
  }

  private String git(GitReference reference, Path dir, List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of("git", "-c", "core.hooksPath=/dev/null", "-c", "submodule.recurse=false"));
    command.addAll(arguments);
    String task = "git " + arguments.getFirst() + " " + reference.remote();
    try {
      Path out = Files.createTempFile("jcompose-git-", ".out");
      try {
        return run(process(command, dir, out), out, task);
      } finally {
        Files.deleteIfExists(out);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted: " + task);
    } catch (IOException e) {
      throw new JcomposeException.Unavailable(
          "cannot run git to fetch "
              + reference.remote()
              + ": is git installed? ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  private String run(ProcessBuilder builder, Path out, String task)
      throws IOException, InterruptedException {
    Process process = builder.start();
    boolean ended = false;
    try {
      ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    }
    if (!ended) {
      throw new JcomposeException.Timeout(task + " took longer than " + limit.toSeconds() + " s");
    }
    String text = head(out);
    if (process.exitValue() != 0) {
      String shown = text.substring(0, Math.min(SHOWN, text.length())).strip();
      throw new JcomposeException.Unavailable(task + " failed: " + shown);
    }
    return text;
  }

  /** A hostile server may list references, and send messages, for as long as there is time. */
  private static String head(Path out) throws IOException {
    try (InputStream in = Files.newInputStream(out)) {
      return new String(in.readNBytes(OUTPUT_BYTES), StandardCharsets.ISO_8859_1);
    }
  }

  private ProcessBuilder process(List<String> command, Path dir, Path out) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(dir.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    Map<String, String> variables = builder.environment();
    String path = variables.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
    variables.clear();
    variables.put("PATH", path);
    variables.putAll(environment);
    variables.keySet().removeIf(GitProgram::redirects);
    variables.put("GIT_ALLOW_PROTOCOL", protocols);
    variables.put("GIT_TERMINAL_PROMPT", "0");
    variables.put("GIT_LFS_SKIP_SMUDGE", "1");
    variables.putIfAbsent("GIT_SSH_COMMAND", "ssh -o ControlMaster=no -o BatchMode=yes");
    variables.put("LC_ALL", "C");
    return builder;
  }

  /** Variables that point git at another repository than the one it is called in. */
  private static boolean redirects(String name) {
    return List.of(
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_INDEX_FILE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_COMMON_DIR",
            "GIT_NAMESPACE",
            "GIT_CEILING_DIRECTORIES")
        .contains(name);
  }
}
