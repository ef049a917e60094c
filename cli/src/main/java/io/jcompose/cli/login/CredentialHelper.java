package io.jcompose.cli.login;

import io.jcompose.cli.wire.JsonTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A program that keeps logins, {@code docker-credential-NAME} (github.com/docker/
 * docker-credential-helpers): it gets a word as argument and the rest on its standard input. It may
 * ask its user something, so that it gets a minute.
 *
 * @param program its name, looked for in PATH
 * @param limit how long one call may take
 */
record CredentialHelper(String program, Duration limit) {
  private static final String PREFIX = "docker-credential-";
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int MOST_BYTES = 64 << 10;

  /**
   * The program of a configuration's word.
   *
   * @throws IOException for a word that is no name
   */
  static CredentialHelper of(String name) throws IOException {
    if (!name.matches("[A-Za-z0-9_.-]{1,100}")) {
      throw new IOException("it names an invalid credential helper");
    }
    return new CredentialHelper(PREFIX + name, LIMIT);
  }

  /** The login for a server; empty when it has none. */
  Optional<Login> get(String server) throws IOException {
    Answer answer = ask("get", server);
    if (answer.code != 0) {
      if (answer.text.contains("not found")) {
        return Optional.empty();
      }
      throw failed("get", answer);
    }
    try {
      Map<String, Object> members = JsonTree.parse(answer.text);
      String user = JsonTree.text(members, "Username");
      return user.isEmpty()
          ? Optional.empty()
          : Optional.of(new Login(user, JsonTree.text(members, "Secret")));
    } catch (IllegalArgumentException e) {
      throw new IOException(program + " gave no JSON", e);
    }
  }

  void store(String server, Login login) throws IOException {
    String input =
        JsonTree.write(
            Map.of("ServerURL", server, "Username", login.user(), "Secret", login.secret()));
    Answer answer = ask("store", input);
    if (answer.code != 0) {
      throw failed("store", answer);
    }
  }

  /** Erasing what is not there succeeds. */
  void erase(String server) throws IOException {
    Answer answer = ask("erase", server);
    if (answer.code != 0 && !answer.text.contains("not found")) {
      throw failed("erase", answer);
    }
  }

  private record Answer(int code, String text) {}

  /** What it says of a failure is shown, of a success never: it may be a secret. */
  private IOException failed(String word, Answer answer) {
    String said = answer.text.strip().lines().findFirst().orElse("");
    return new IOException(
        "`"
            + program
            + " "
            + word
            + "` ended with "
            + answer.code
            + (said.isEmpty() ? "" : ": " + said));
  }

  private Answer ask(String word, String input) throws IOException {
    Process process;
    try {
      process =
          new ProcessBuilder(program, word).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException e) {
      throw new IOException(program + " cannot be run: is it installed, and in PATH?", e);
    }
    try {
      return answer(process, input);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking " + program, e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** Input and output go beside the wait, for a helper that hangs takes and gives nothing. */
  private Answer answer(Process process, String input) throws IOException, InterruptedException {
    CompletableFuture<byte[]> output = new CompletableFuture<>();
    background(() -> feed(process, input));
    background(() -> read(process, output));
    boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (!ended) {
      throw new IOException(program + " does not answer in " + limit.toSeconds() + " s");
    }
    try {
      byte[] bytes = output.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (bytes.length > MOST_BYTES) {
        throw new IOException(program + " gave more than " + MOST_BYTES + " bytes");
      }
      return new Answer(process.exitValue(), new String(bytes, StandardCharsets.UTF_8));
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException(program + " left a process that holds its output", e);
    }
  }

  private static void background(Runnable work) {
    Thread.ofPlatform().name("credentials").daemon().start(work);
  }

  private static void feed(Process process, String input) {
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // one that reads nothing may still answer
    }
  }

  /** One that writes for ever is ended by its closed output, or by the limit. */
  private static void read(Process process, CompletableFuture<byte[]> output) {
    try (var out = process.getInputStream()) {
      output.complete(out.readNBytes(MOST_BYTES + 1));
    } catch (IOException e) {
      output.completeExceptionally(e);
    }
  }
}
