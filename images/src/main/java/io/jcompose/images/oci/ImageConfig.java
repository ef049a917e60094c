package io.jcompose.images.oci;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An image's config (OCI image-spec, config.md, with Docker's additions). Hostile input. */
public final class ImageConfig {
  private final JsonNode root;
  private final JsonNode config;

  private ImageConfig(JsonNode root) {
    this.root = root;
    this.config = root.path("config");
  }

  /** Reads a config blob; Corrupt when it is no image's. */
  public static ImageConfig of(byte[] blob) {
    JsonNode root = Json.parse(blob, "image config");
    if (!root.isObject() || !root.path("rootfs").path("type").asText("").equals("layers")) {
      throw new JcomposeException.Corrupt("image config without rootfs of type layers");
    }
    return new ImageConfig(root);
  }

  /** Digests of the uncompressed layers, bottom first. */
  public List<Digest> diffIds() {
    try {
      return Json.texts(root.path("rootfs").path("diff_ids")).stream().map(Digest::parse).toList();
    } catch (JcomposeException.InvalidArgument e) {
      throw new JcomposeException.Corrupt("image config with a wrong diff_id", e);
    }
  }

  public Platform platform() {
    return new Platform(
        root.path("os").asText("linux"),
        root.path("architecture").asText(""),
        root.path("variant").asText(""));
  }

  public @Nullable Instant createdAt() {
    try {
      String text = root.path("created").asText("");
      return text.isEmpty() || text.equals("null") ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  public List<String> entrypoint() {
    return Json.texts(config.path("Entrypoint"));
  }

  public List<String> command() {
    return Json.texts(config.path("Cmd"));
  }

  public List<String> env() {
    return Json.texts(config.path("Env"));
  }

  public List<String> shell() {
    return Json.texts(config.path("Shell"));
  }

  public String workingDir() {
    return text("WorkingDir");
  }

  public String user() {
    return text("User");
  }

  public String stopSignal() {
    return text("StopSignal");
  }

  public List<String> ports() {
    return keys("ExposedPorts").stream()
        .map(port -> port.indexOf('/') < 0 ? port + "/tcp" : port)
        .toList();
  }

  public List<String> volumes() {
    return keys("Volumes");
  }

  public Map<String, String> labels() {
    return Json.textMap(config.path("Labels"));
  }

  public ContainerSpec.@Nullable Health health() {
    JsonNode health = config.path("Healthcheck");
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

  private String text(String key) {
    JsonNode value = config.path(key);
    return value.isTextual() ? value.asText() : "";
  }

  private List<String> keys(String key) {
    List<String> result = new ArrayList<>();
    config.path(key).fieldNames().forEachRemaining(result::add);
    return result.stream().sorted().toList();
  }
}
