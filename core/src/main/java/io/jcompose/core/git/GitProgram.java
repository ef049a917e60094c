package io.jcompose.core.git;

import io.jcompose.core.JcomposeException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The host's {@code git} program, by which single commits are fetched: without hooks, submodules
 * and files of LFS, and never with a question. Calls block, and can be interrupted. Immutable.
 */
public final class GitProgram {
  private static final int SHOWN = 1000;
  private static final int OUTPUT_BYTES = 1 << 20;
  private static final long MOST_BYTES = 20_000_000_000L;
  private static final int MOST_FILES = 1_000_000;
  private static final int RECORD = 200; // what is before the path
  private static final int READ_SECONDS = 60;

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
   * @throws JcomposeException.NotSupported for a commit of more than 20 GB or a million files
   */
  public void fetch(GitReference reference, String commit, Path into) {
    git(reference, into, List.of("init", "--quiet"));
    git(
        reference,
        into,
        List.of("fetch", "--quiet", "--depth=1", "--no-tags", "--", reference.remote(), commit));
    String _ =
        git(
            reference,
            into,
            List.of("ls-tree", "-r", "-l", "-z", commit),
            in -> size(in, MOST_BYTES));
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
    return git(reference, dir, arguments, GitProgram::text);
  }

  private <T> T git(GitReference reference, Path dir, List<String> arguments, Output<T> output) {
    List<String> command =
        new ArrayList<>(
            List.of("git", "-c", "core.hooksPath=/dev/null", "-c", "submodule.recurse=false"));
    command.addAll(arguments);
    String task = "git " + arguments.getFirst() + " " + reference.remote();
    try {
      return run(process(command, dir), task, output);
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

  /** What is made of git's output. */
  private interface Output<T> {
    T of(InputStream in) throws IOException;
  }

  private <T> T run(ProcessBuilder builder, String task, Output<T> output)
      throws IOException, InterruptedException {
    Process process = builder.start();
    CompletableFuture<T> read = new CompletableFuture<>();
    Thread reader = Thread.ofVirtual().unstarted(() -> read(process, output, read));
    boolean ended = false;
    try {
      reader.start();
      ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      if (!ended) {
        kill(process);
      }
    }
    if (!ended) {
      throw new JcomposeException.Timeout(task + " took longer than " + limit.toSeconds() + " s");
    }
    T result = result(read, task);
    if (process.exitValue() != 0) {
      String text = result.toString();
      String shown = text.substring(0, Math.min(SHOWN, text.length())).strip();
      throw new JcomposeException.Unavailable(task + " failed: " + shown);
    }
    return result;
  }

  private static <T> void read(Process process, Output<T> output, CompletableFuture<T> read) {
    try (InputStream in = process.getInputStream()) {
      read.complete(output.of(in));
    } catch (IOException | RuntimeException e) {
      read.completeExceptionally(e);
      kill(process); // it may go on for as long as there is time
    }
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static <T> T result(CompletableFuture<T> read, String task) throws InterruptedException {
    try {
      return read.get(READ_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof JcomposeException told) {
        throw told;
      }
      throw new JcomposeException.Unavailable(task + " failed: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new JcomposeException.Timeout(task + " does not end its output", e);
    }
  }

  /** A hostile server may list references, and send messages, for as long as there is time. */
  private static String text(InputStream in) throws IOException {
    byte[] head = in.readNBytes(OUTPUT_BYTES);
    long _ = in.transferTo(OutputStream.nullOutputStream()); // what nobody reads git waits for
    return new String(head, StandardCharsets.ISO_8859_1);
  }

  /** Records of {@code ls-tree -r -l -z}: mode, type, object, size, a tab and the path. */
  private static String size(InputStream in, long mostBytes) throws IOException {
    InputStream records = new BufferedInputStream(in);
    StringBuilder record = new StringBuilder();
    long files = 0;
    long bytes = 0;
    for (int c = records.read(); c >= 0; c = records.read()) {
      if (c != 0) {
        if (record.length() < RECORD) {
          record.append((char) c);
        }
        continue;
      }
      files++;
      bytes += bytes(record.toString());
      record.setLength(0);
      if (files > MOST_FILES || bytes > mostBytes) {
        throw new JcomposeException.NotSupported(
            "the commit has more than %d files or %d bytes".formatted(MOST_FILES, mostBytes));
      }
    }
    return record.toString();
  }

  private static long bytes(String record) {
    String[] parts = record.substring(0, Math.max(0, record.indexOf('\t'))).strip().split(" +");
    String size = parts[parts.length - 1];
    return size.matches("\\d{1,18}") ? Long.parseLong(size) : 0; // a submodule has none
  }

  private ProcessBuilder process(List<String> command, Path dir) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(dir.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectErrorStream(true);
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
