package io.jcompose.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.StateFile;
import io.jcompose.images.oci.Json;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How registries are reached: the registry part of the engine's config file, with Docker's
 * daemon.json words, and the places of credentials and certificates. Immutable; read once at the
 * engine's start.
 *
 * @param mirrors by registry ({@code docker.io}), base URLs tried before it, in order
 * @param insecure {@code host[:port]} or CIDR of registries that may speak HTTP or show any
 *     certificate; loopback always may
 * @param certificates directories in the shape of Docker's certs.d
 * @param dockerConfig the user's config.json with credentials; need not exist
 * @param environment for proxies: HTTP_PROXY, HTTPS_PROXY, NO_PROXY
 */
public record RegistryConfig(
    Map<String, List<URI>> mirrors,
    List<String> insecure,
    List<Path> certificates,
    Path dockerConfig,
    Function<String, @Nullable String> environment) {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryConfig.class);
  private static final List<String> KEYS =
      List.of("registry-mirrors", "insecure-registries", "registry-certificates");

  public RegistryConfig {
    mirrors = Map.copyOf(mirrors);
    insecure = List.copyOf(insecure);
    certificates = List.copyOf(certificates);
  }

  /** No mirrors, the machine's certificates, credentials and proxies as Docker's client finds. */
  public static RegistryConfig defaults() {
    return new RegistryConfig(
        Map.of(), List.of(), defaultCertificates(), defaultDockerConfig(), System::getenv);
  }

  /**
   * Reads the engine's config file; a missing one is {@link #defaults}. Unknown keys are logged.
   *
   * @throws JcomposeException.InvalidArgument for a value that cannot be right
   */
  public static RegistryConfig load(Path engineJson) {
    byte[] text = StateFile.read(engineJson).orElse(new byte[0]);
    if (text.length == 0) {
      return defaults();
    }
    JsonNode root;
    try {
      root = Json.parse(text, engineJson.toString());
    } catch (JcomposeException.Corrupt e) {
      throw new JcomposeException.InvalidArgument(String.valueOf(e.getMessage()), e);
    }
    if (!root.isObject()) {
      throw new JcomposeException.InvalidArgument(engineJson + " is not a JSON object");
    }
    warnOfUnknownKeys(engineJson, root);
    List<Path> certificates = new ArrayList<>();
    if (root.hasNonNull("registry-certificates")) {
      certificates.add(Path.of(root.get("registry-certificates").asText()));
    }
    certificates.addAll(defaultCertificates());
    return new RegistryConfig(
        mirrors(engineJson, root.path("registry-mirrors")),
        Json.texts(root.path("insecure-registries")),
        certificates,
        defaultDockerConfig(),
        System::getenv);
  }

  private static Map<String, List<URI>> mirrors(Path file, JsonNode node) {
    Map<String, List<URI>> result = new LinkedHashMap<>();
    if (node.isArray()) {
      result.put("docker.io", urls(file, node));
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      JsonNode value = entry.getValue();
      result.put(
          entry.getKey(),
          value.isTextual() ? List.of(url(file, value.asText())) : urls(file, value));
    }
    return result;
  }

  private static List<URI> urls(Path file, JsonNode array) {
    return Json.texts(array).stream().map(text -> url(file, text)).toList();
  }

  private static URI url(Path file, String text) {
    try {
      URI url = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      String scheme = String.valueOf(url.getScheme());
      if (!Location.host(url).isEmpty()
          && url.getUserInfo() == null
          && (scheme.equals("http") || scheme.equals("https"))) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      throw wrongMirror(file, text);
    }
    throw wrongMirror(file, text);
  }

  private static JcomposeException wrongMirror(Path file, String text) {
    return new JcomposeException.InvalidArgument(
        file
            + ": invalid registry mirror \""
            + text
            + "\": http://host[:port] or https://… expected");
  }

  private static void warnOfUnknownKeys(Path file, JsonNode root) {
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      String key = entry.getKey();
      meant(key).ifPresent(own -> LOG.warn("{}: unknown key {}, did you mean {}?", file, key, own));
    }
  }

  /**
   * The key that was probably meant by an unknown one. The file is shared with other parts of the
   * engine, so only what looks like ours is judged.
   */
  static Optional<String> meant(String key) {
    String plain = key.toLowerCase(Locale.ROOT);
    if (KEYS.contains(key) || !(plain.contains("regist") || plain.contains("mirror"))) {
      return Optional.empty();
    }
    if (plain.contains("insecure")) {
      return Optional.of(KEYS.get(1));
    }
    boolean trust = plain.contains("cert") || plain.contains("ca");
    return Optional.of(KEYS.get(trust ? 2 : 0));
  }

  private static List<Path> defaultCertificates() {
    return List.of(Path.of("/etc/jcompose/certs.d"), Path.of("/etc/docker/certs.d"));
  }

  private static Path defaultDockerConfig() {
    String directory = System.getenv("DOCKER_CONFIG");
    return directory != null && !directory.isEmpty()
        ? Path.of(directory, "config.json")
        : Path.of(System.getProperty("user.home", "/root"), ".docker", "config.json");
  }
}
