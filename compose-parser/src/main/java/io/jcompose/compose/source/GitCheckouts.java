package io.jcompose.compose.source;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Working copies of git repositories, made by the {@code git} program, one a commit, kept under a
 * cache folder. A copy is made beside its place and renamed, so what is there is complete. Several
 * processes may share the folder. Calls block for as long as git takes, two minutes at most.
 */
final class GitCheckouts {
  private static final long LIMIT_SECONDS = 120;
  private static final int SHOWN = 1000;
  private static final int OUTPUT_BYTES = 1 << 20;

  private final Path cache;
  private final Map<String, String> environment;
  private final String protocols;

  /**
   * @param environment what git sees: PATH, HOME, agents and proxies
   * @param protocols those that git may speak, separated by colons
   */
  GitCheckouts(Path cache, Map<String, String> environment, String protocols) {
    this.cache = cache;
    this.environment = environment;
    this.protocols = protocols;
  }

  /**
   * The folder with the reference's commit checked out.
   *
   * @throws JcomposeException.NotFound when there is no such ref
   * @throws JcomposeException.Unavailable when git is missing or fails
   */
  Path checkout(GitReference reference) {
    String commit = reference.isCommit() ? reference.ref() : resolve(reference);
    return new CacheFolder(cache)
        .of(commit, reference.remote(), folder -> fetch(reference, commit, folder));
  }

  /** The commit that a branch or tag is at. */
  private String resolve(GitReference reference) {
    String wanted = reference.ref().isEmpty() ? "HEAD" : reference.ref();
    String listing =
        git(
            reference,
            cacheOrRoot(),
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

  private void fetch(GitReference reference, String commit, Path into) {
    git(reference, into, List.of("init", "--quiet"));
    git(
        reference,
        into,
        List.of("fetch", "--quiet", "--depth=1", "--no-tags", "--", reference.remote(), commit));
    git(reference, into, List.of("checkout", "--quiet", "--detach", commit));
  }

  private Path cacheOrRoot() {
    return Files.isDirectory(cache) ? cache : Path.of("/");
  }

  private String git(GitReference reference, Path dir, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-c", "core.hooksPath=/dev/null"));
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

  private static String run(ProcessBuilder builder, Path out, String task)
      throws IOException, InterruptedException {
    Process process = builder.start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new JcomposeException.Timeout(task + " took longer than " + LIMIT_SECONDS + " s");
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
    variables.keySet().removeIf(GitCheckouts::redirects);
    variables.put("GIT_ALLOW_PROTOCOL", protocols);
    variables.put("GIT_TERMINAL_PROMPT", "0");
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
