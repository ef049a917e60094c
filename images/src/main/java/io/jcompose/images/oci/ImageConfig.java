package io.jcompose.images.oci;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is used of an image's config (OCI image-spec, config.md, with Docker's additions); its
 * document is hostile input, and nothing else of it is kept.
 *
 * @param diffIds digests of the uncompressed layers, bottom first
 * @param ports {@code 80/tcp}, sorted
 * @param volumes absolute paths without {@code .}, {@code ..} or a slash at the end, sorted
 */
public record ImageConfig(
    List<Digest> diffIds,
    Platform platform,
    @Nullable Instant createdAt,
    List<String> entrypoint,
    List<String> command,
    List<String> env,
    List<String> shell,
    String workingDir,
    String user,
    String stopSignal,
    List<String> ports,
    List<String> volumes,
    Map<String, String> labels,
    ContainerSpec.@Nullable Health health) {
  /**
   * What the words that say how to run may have together, in bytes: each container keeps some of
   * them. The kernel takes at most 128 KiB in one argument (man 2 execve).
   */
  private static final long WORDS_LIMIT = 256 << 10;

  /** Each is a directory, a mount and a record of each container. */
  private static final int VOLUMES_LIMIT = 256;

  private static final int WORD_COST = 64;

  /** What is kept of labels, in bytes: they are only shown. */
  private static final long LABELS_LIMIT = 512 << 10;

  public ImageConfig {
    diffIds = List.copyOf(diffIds);
    entrypoint = List.copyOf(entrypoint);
    command = List.copyOf(command);
    env = List.copyOf(env);
    shell = List.copyOf(shell);
    ports = List.copyOf(ports);
    volumes = List.copyOf(volumes);
    labels = Map.copyOf(labels);
  }

  /** Reads a config blob; NotSupported when it is no image's, Corrupt when it is a wrong one. */
  @SuppressWarnings("NullAway") // it does not see the @Nullable of a nested type (health)
  public static ImageConfig of(byte[] blob) {
    JsonNode root = document(blob);
    JsonNode config = root.path("config");
    checkSize(config);
    return new ImageConfig(
        diffIds(root.path("rootfs").path("diff_ids")),
        new Platform(
            root.path("os").asText("linux"),
            root.path("architecture").asText(""),
            root.path("variant").asText("")),
        created(root.path("created").asText("")),
        Json.texts(config.path("Entrypoint")),
        Json.texts(config.path("Cmd")),
        Json.texts(config.path("Env")),
        Json.texts(config.path("Shell")),
        text(config.path("WorkingDir")),
        text(config.path("User")),
        text(config.path("StopSignal")),
        keys(config.path("ExposedPorts")).stream()
            .map(port -> port.indexOf('/') < 0 ? port + "/tcp" : port)
            .toList(),
        volumes(config.path("Volumes")),
        labels(config.path("Labels")),
        health(config.path("Healthcheck")));
  }

  private static JsonNode document(byte[] blob) {
    JsonNode root;
    try {
      root = Json.foreign(blob, "image config");
    } catch (JcomposeException.Corrupt e) {
      if (blob.length > 0 && blob[0] == '{') {
        throw e;
      }
      throw artifact();
    }
    JsonNode rootfs = root.path("rootfs");
    if (!rootfs.path("diff_ids").isArray()
        || !rootfs.path("type").asText("layers").equals("layers")) {
      throw artifact();
    }
    return root;
  }

  private static void checkSize(JsonNode config) {
    long bytes = 0;
    for (String key : List.of("Entrypoint", "Cmd", "Env", "Shell", "Volumes")) {
      bytes += size(config.path(key));
    }
    for (String key : List.of("WorkingDir", "User", "StopSignal")) {
      bytes += text(config.path(key)).length();
    }
    bytes += size(config.path("Healthcheck").path("Test"));
    if (bytes > WORDS_LIMIT) {
      throw new JcomposeException.NotSupported(
          "its command, environment and the like have more than " + WORDS_LIMIT + " bytes");
    }
    if (config.path("Volumes").size() > VOLUMES_LIMIT) {
      throw new JcomposeException.NotSupported(
          "it declares "
              + config.path("Volumes").size()
              + " volumes for each of its containers, limit "
              + VOLUMES_LIMIT);
    }
  }

  private static long size(JsonNode words) {
    long bytes = 0;
    for (JsonNode word : words) {
      bytes += WORD_COST + word.asText().length();
    }
    for (String key : keys(words)) {
      bytes += key.length();
    }
    return bytes;
  }

  /**
   * Cleaned as Docker does it ({@code VOLUME /data/}), for what a container mounts there must be
   * known to be the same place. The root itself is left out.
   */
  private static List<String> volumes(JsonNode object) {
    return keys(object).stream()
        .map(path -> "/" + String.join("/", parts(path)))
        .filter(path -> path.length() > 1)
        .sorted()
        .distinct()
        .toList();
  }

  private static Deque<String> parts(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return parts;
  }

  /** The first of them, where they have more than is kept. */
  private static Map<String, String> labels(JsonNode object) {
    Map<String, String> all = Json.textMap(object);
    long[] left = {LABELS_LIMIT};
    all.entrySet()
        .removeIf(
            label ->
                (left[0] -= WORD_COST + label.getKey().length() + label.getValue().length()) < 0);
    return all;
  }

  private static JcomposeException artifact() {
    return new JcomposeException.NotSupported(
        "its config describes no root file system: this is an artifact, not a container image");
  }

  private static List<Digest> diffIds(JsonNode array) {
    try {
      Map<String, Digest> seen = new HashMap<>(); // kept as long as the pull lasts
      return Json.texts(array).stream()
          .map(text -> seen.computeIfAbsent(text, Digest::parse))
          .toList();
    } catch (JcomposeException.InvalidArgument e) {
      throw new JcomposeException.Corrupt("image config with a wrong diff_id", e);
    }
  }

  private static @Nullable Instant created(String text) {
    try {
      return text.isEmpty() || text.equals("null") ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private static ContainerSpec.@Nullable Health health(JsonNode health) {
    List<String> test = Json.texts(health.path("Test"));
    if (test.isEmpty()) {
      return null;
    }
    return new ContainerSpec.Health(
        test,
        duration(health, "Interval"),
        duration(health, "Timeout"),
        duration(health, "StartPeriod"),
        duration(health, "StartInterval"),
        health.path("Retries").asInt(0));
  }

  private static @Nullable Duration duration(JsonNode health, String key) {
    long nanos = health.path(key).asLong(0);
    return nanos == 0 ? null : Duration.ofNanos(nanos);
  }

  private static String text(JsonNode value) {
    return value.isTextual() ? value.asText() : "";
  }

  private static List<String> keys(JsonNode object) {
    List<String> result = new ArrayList<>();
    object.fieldNames().forEachRemaining(result::add);
    return result.stream().sorted().toList();
  }
}
