package io.jcompose.cli.login;

import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.JsonTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The user's {@code config.json}, as Docker's client has it: logins in {@code auths}, or in the
 * programs that {@code credHelpers} and {@code credsStore} name. What else it has is kept. Confined
 * to one thread.
 */
public final class DockerConfig {
  private static final String HUB = "https://index.docker.io/v1/";
  private static final List<String> HUB_NAMES =
      List.of("docker.io", "index.docker.io", "registry-1.docker.io");
  private static final String AUTHS = "auths";
  private static final int MOST_BYTES = 1 << 20;

  private final Path file;
  private final Map<String, Object> root;

  private DockerConfig(Path file, Map<String, Object> root) {
    this.file = file;
    this.root = root;
  }

  /** The file of the environment: below DOCKER_CONFIG, or {@code ~/.docker}. */
  public static Path file(Map<String, String> env) {
    String folder = env.getOrDefault("DOCKER_CONFIG", "");
    String home = env.getOrDefault("HOME", "");
    return !folder.isEmpty()
        ? Path.of(Consoles.current().folder()).resolve(folder).resolve("config.json")
        : Path.of(home.isEmpty() ? System.getProperty("user.home", "/") : home)
            .resolve(".docker/config.json");
  }

  /**
   * Reads the file; a missing one is empty.
   *
   * @throws IOException when it cannot be read, is no JSON object, or is too large
   */
  public static DockerConfig read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      if (Files.exists(file)) {
        throw new IOException(file + " is no file");
      }
      return new DockerConfig(file, new LinkedHashMap<>());
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException(file + " is larger than " + MOST_BYTES + " bytes");
      }
      String text = new String(bytes, StandardCharsets.UTF_8);
      return new DockerConfig(file, text.isBlank() ? new LinkedHashMap<>() : JsonTree.parse(text));
    } catch (NoSuchFileException e) {
      return new DockerConfig(file, new LinkedHashMap<>());
    } catch (AccessDeniedException e) {
      throw new IOException("permission denied while reading " + file, e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " is not valid JSON: " + e.getMessage(), e);
    }
  }

  /**
   * The name of a registry as pulls have it, of what a person calls it: {@code host[:port]}, with
   * or without scheme and path; docker.io for the Hub and for an empty text.
   */
  public static String registry(String server) {
    String host = bareHost(server.strip());
    return host.isEmpty() || HUB_NAMES.contains(host) ? "docker.io" : host;
  }

  /** True when there may be a login for any registry. */
  public boolean mayHaveLogins() {
    return !JsonTree.object(root, AUTHS).isEmpty()
        || !JsonTree.object(root, "credHelpers").isEmpty()
        || !JsonTree.text(root, "credsStore").isEmpty();
  }

  /**
   * The login for a registry. May ask a credential helper.
   *
   * @param registry as {@link #registry} gives it
   * @throws IOException when the helper fails
   */
  public Optional<Login> login(String registry) throws IOException {
    String helper = helper(registry);
    if (!helper.isEmpty()) {
      Optional<Login> login = CredentialHelper.of(helper).get(key(registry));
      if (login.isPresent()) {
        return login;
      }
    }
    for (String key : keys(registry)) {
      Optional<Login> login = login(JsonTree.object(JsonTree.object(root, AUTHS), key));
      if (login.isPresent()) {
        return login;
      }
    }
    return Optional.empty();
  }

  /**
   * Keeps a login: with the configured helper, else in the file.
   *
   * @return true when it lies in the file, for anybody who can read that
   */
  public boolean store(String registry, Login login) throws IOException {
    String helper = helper(registry);
    Map<String, Object> auths = JsonTree.object(root, AUTHS);
    Map<String, Object> entry = new LinkedHashMap<>();
    if (!helper.isEmpty()) {
      CredentialHelper.of(helper).store(key(registry), login);
    } else if (login.user().equals("<token>")) {
      entry.put("auth", encoded(login.user() + ":"));
      entry.put("identitytoken", login.secret());
    } else {
      entry.put("auth", encoded(login.user() + ":" + login.secret()));
    }
    keys(registry).forEach(auths::remove);
    auths.put(key(registry), entry);
    write(auths);
    return helper.isEmpty();
  }

  /**
   * Forgets a login.
   *
   * @return false when there was none
   */
  public boolean remove(String registry) throws IOException {
    String helper = helper(registry);
    List<String> keys = keys(registry);
    boolean had = !keys.isEmpty();
    if (!helper.isEmpty()) {
      CredentialHelper program = CredentialHelper.of(helper);
      had |= program.get(key(registry)).isPresent();
      program.erase(key(registry));
    }
    if (!keys.isEmpty()) {
      Map<String, Object> auths = JsonTree.object(root, AUTHS);
      keys.forEach(auths::remove);
      write(auths);
    }
    return had;
  }

  /** The keys under which {@code auths} has the registry: with a scheme or path, too. */
  private List<String> keys(String registry) {
    List<String> keys = new ArrayList<>();
    for (String key : JsonTree.object(root, AUTHS).keySet()) {
      if (registry(key).equals(registry)) {
        keys.add(key);
      }
    }
    return keys;
  }

  /** The helper's word; empty for none. */
  private String helper(String registry) {
    Map<String, Object> helpers = JsonTree.object(root, "credHelpers");
    String own = JsonTree.text(helpers, key(registry));
    own = own.isEmpty() ? JsonTree.text(helpers, registry) : own;
    return own.isEmpty() ? JsonTree.text(root, "credsStore") : own;
  }

  private static Optional<Login> login(Map<String, Object> entry) {
    String identity = JsonTree.text(entry, "identitytoken");
    if (!identity.isEmpty()) {
      return Optional.of(new Login("<token>", identity));
    }
    String user = JsonTree.text(entry, "username");
    String secret = JsonTree.text(entry, "password");
    try {
      byte[] pair = Base64.getDecoder().decode(JsonTree.text(entry, "auth").strip());
      String text = new String(pair, StandardCharsets.UTF_8);
      int colon = text.indexOf(':');
      if (colon > 0) {
        user = text.substring(0, colon);
        secret = text.substring(colon + 1).replace("\0", "");
      }
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    return user.isEmpty() ? Optional.empty() : Optional.of(new Login(user, secret));
  }

  private static String encoded(String pair) {
    return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private void write(Map<String, Object> auths) throws IOException {
    root.put(AUTHS, auths);
    Path target = Files.exists(file) ? file.toRealPath() : file; // a link stays one
    Path folder = Objects.requireNonNull(target.toAbsolutePath().getParent());
    SecretFile.makeFolder(folder);
    SecretFile.replace(target, JsonTree.write(root) + "\n");
  }

  private static String key(String registry) {
    return registry.equals("docker.io") ? HUB : registry;
  }

  private static String bareHost(String server) {
    String host = server.replaceFirst("^https?://", "");
    int slash = host.indexOf('/');
    return slash < 0 ? host : host.substring(0, slash);
  }
}
