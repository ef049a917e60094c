package io.jcompose.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins.Login;
import io.jcompose.core.file.StateFile;
import io.jcompose.images.oci.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Docker's config.json of the engine's own user knows of registries: auths, credHelpers,
 * credsStore. The file is read anew for each question, so that a login takes effect at once. A
 * helper that is missing or fails is logged once, and the pull goes on anonymously. Thread-safe.
 */
final class Credentials implements LoginSource {
  private static final Logger LOG = LoggerFactory.getLogger(Credentials.class);
  private static final String HUB = "https://index.docker.io/v1/";
  private static final String HELPER = "docker-credential-";
  private static final Duration HELPER_LIMIT = Duration.ofSeconds(20);
  private static final int HELPER_OUTPUT_LIMIT = 64 << 10;
  private static final int MOST_BYTES = 1 << 20;

  private final Path file;
  private final String helperPrefix;
  private final Duration helperLimit;
  private final Consumer<String> warnings;
  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  Credentials(Path file) {
    this(file, HELPER, HELPER_LIMIT, LOG::warn);
  }

  /**
   * @param helperPrefix how the programs' names begin
   * @param helperLimit how long one is waited for
   * @param warnings takes each once, as a sentence
   */
  Credentials(Path file, String helperPrefix, Duration helperLimit, Consumer<String> warnings) {
    this.warnings = warnings;
    this.file = file;
    this.helperPrefix = helperPrefix;
    this.helperLimit = helperLimit;
  }

  @Override
  public Optional<Login> find(String registry) {
    String key = registry.equals("docker.io") ? HUB : registry;
    JsonNode root = read();
    String helper = helper(root, registry, key);
    if (!helper.isEmpty()) {
      Optional<Login> login = ask(helper, key);
      if (login.isPresent()) {
        return login;
      }
    }
    for (Map.Entry<String, JsonNode> entry : root.path("auths").properties()) {
      if (entry.getKey().equals(key) || bareHost(entry.getKey()).equals(bareHost(key))) {
        return login(entry.getValue());
      }
    }
    return Optional.empty();
  }

  /** Docker knows its hub's by the old address only. */
  private static String helper(JsonNode root, String registry, String key) {
    JsonNode own = root.path("credHelpers");
    String helper = own.path(key).asText(own.path(registry).asText(""));
    return helper.isEmpty() ? root.path("credsStore").asText("") : helper;
  }

  private JsonNode read() {
    if (Files.exists(file) && (!Files.isRegularFile(file) || file.toFile().length() > MOST_BYTES)) {
      warnOnce(file + " is no file, or too large; going on without credentials");
      return Json.parse(new byte[] {'{', '}'}, file.toString());
    }
    byte[] text = StateFile.read(file).orElse(new byte[0]);
    try {
      return Json.parse(text.length == 0 ? new byte[] {'{', '}'} : text, file.toString());
    } catch (JcomposeException.Corrupt e) {
      warnOnce(file + " is not valid JSON, going on without credentials");
      return Json.parse(new byte[] {'{', '}'}, file.toString());
    }
  }

  private static Optional<Login> login(JsonNode auth) {
    String identity = auth.path("identitytoken").asText("");
    if (!identity.isEmpty()) {
      return Optional.of(new Login(Login.IDENTITY_TOKEN, identity));
    }
    String user = auth.path("username").asText("");
    String password = auth.path("password").asText("");
    String encoded = auth.path("auth").asText("");
    if (!encoded.isEmpty()) {
      try {
        String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
        int colon = pair.indexOf(':');
        if (colon > 0) {
          user = pair.substring(0, colon);
          password = pair.substring(colon + 1).replace("\0", "");
        }
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
    return user.isEmpty() ? Optional.empty() : Optional.of(new Login(user, password));
  }

  private Optional<Login> ask(String helper, String key) {
    if (!helper.matches("[A-Za-z0-9_.-]+")) {
      warnOnce("invalid name of a credential helper in " + file);
      return Optional.empty();
    }
    String program = helperPrefix + helper;
    try {
      Process process =
          new ProcessBuilder(program, "get").redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try {
        return answer(process, program, key);
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (IOException | JcomposeException.Corrupt | ExecutionException e) {
      warnOnce(program + ", named in " + file + ", cannot be used; going on without credentials");
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted while asking " + program);
    }
  }

  /** Its output is read beside the wait, for a helper that hangs writes no end. */
  private Optional<Login> answer(Process process, String program, String key)
      throws IOException, InterruptedException, ExecutionException {
    CompletableFuture<byte[]> output = new CompletableFuture<>();
    Thread.ofPlatform().name("credentials").daemon().start(() -> read(process, output));
    process.getOutputStream().write(key.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    if (!process.waitFor(helperLimit.toMillis(), TimeUnit.MILLISECONDS)) {
      warnOnce(program + " does not answer in " + helperLimit + "; going on without credentials");
      return Optional.empty();
    }
    byte[] text;
    try {
      text = output.get(helperLimit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      warnOnce(program + " left a process that holds its output; going on without credentials");
      return Optional.empty();
    }
    if (process.exitValue() != 0) {
      if (!new String(text, StandardCharsets.UTF_8).contains("not found")) {
        warnOnce(program + " failed, going on without credentials");
      }
      return Optional.empty();
    }
    JsonNode answer = Json.foreign(text, "answer of " + program);
    String secret = answer.path("Secret").asText("");
    if (secret.isEmpty()) { // also when it left a process and ended before its output was read
      warnOnce(program + " gave no login, going on without credentials");
      return Optional.empty();
    }
    return Optional.of(new Login(answer.path("Username").asText(""), secret));
  }

  private static void read(Process process, CompletableFuture<byte[]> output) {
    try {
      output.complete(process.getInputStream().readNBytes(HELPER_OUTPUT_LIMIT));
    } catch (IOException e) {
      output.completeExceptionally(e);
    }
  }

  @Override
  public String state() {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return now.lastModifiedTime() + " " + now.size() + " " + now.fileKey();
    } catch (IOException e) {
      return "";
    }
  }

  private void warnOnce(String text) {
    if (warned.add(text)) {
      warnings.accept(text);
    }
  }

  private static String bareHost(String key) {
    String host = key.replaceFirst("^https?://", "");
    int slash = host.indexOf('/');
    return slash < 0 ? host : host.substring(0, slash);
  }
}
