package io.jcompose.build.solve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.BuildLayer;
import io.jcompose.images.BuildLayers;
import io.jcompose.images.StepCaches;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * An image as it becomes: its layers and its configuration, OCI image-spec config.md with Docker's
 * additions. Confined to one thread; {@link #copy} gives others one of their own.
 */
final class ImageState {
  static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST = 2 << 20;
  private static final int OBJECT = 8; // characters that one counts for
  private static final String COMMENT = "buildkit.dockerfile.v0"; // programs ask for it

  private final List<BuildLayer> layers;
  private final ObjectNode root;
  private @Nullable Instant at; // of the last layer
  private final Budget budget;
  private long taken; // characters, those of what was replaced included

  private ImageState(
      List<BuildLayer> layers, ObjectNode root, @Nullable Instant at, Budget budget, long taken) {
    this.layers = new ArrayList<>(layers);
    this.root = root;
    this.at = at;
    this.budget = budget;
    take(taken);
  }

  static ImageState scratch(String os, String architecture, String variant, Budget budget) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("architecture", architecture);
    if (!variant.isEmpty()) {
      root.put("variant", variant);
    }
    root.put("os", os);
    root.putObject("config").put("WorkingDir", "/").putArray("Env").add(PATH);
    root.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    return new ImageState(List.of(), root, null, budget, 0);
  }

  static ImageState of(BuildLayers.Base base, Budget budget) {
    try {
      ObjectNode root = checked((ObjectNode) JSON.readTree(base.config()));
      // What marks one container or build is not the next one's.
      root.remove(List.of("container", "container_config", "docker_version", "id", "parent"));
      root.remove(StepCaches.MEMBER);
      String created = root.path("created").asText("");
      Instant at = created.isEmpty() ? null : instant(created);
      return new ImageState(base.layers(), root, at, budget, base.config().length());
    } catch (IOException | ClassCastException e) {
      throw new JcomposeException.Corrupt("the configuration of " + base.id() + " is damaged", e);
    }
  }

  /**
   * The members that are worked with, as the image specification has them, or missing.
   *
   * @throws IOException where one is something else
   */
  private static ObjectNode checked(ObjectNode root) throws IOException {
    for (String name : List.of("config", "rootfs", "history")) {
      if (root.path(name).isNull()) {
        root.remove(name);
      }
    }
    JsonNode diffIds = root.path("rootfs").path("diff_ids");
    boolean fits =
        isOr(root.path("config"), JsonNode::isObject)
            && isOr(root.path("rootfs"), JsonNode::isObject)
            && isOr(diffIds, JsonNode::isArray)
            && isOr(root.path("history"), JsonNode::isArray);
    for (JsonNode entry : root.path("history")) {
      fits &= entry.isObject();
    }
    if (!fits) {
      throw new IOException("config, rootfs or history is not what it has to be");
    }
    return root;
  }

  private static boolean isOr(JsonNode node, Predicate<JsonNode> kind) {
    return node.isMissingNode() || kind.test(node);
  }

  private static @Nullable Instant instant(String text) {
    try {
      return java.time.OffsetDateTime.parse(text).toInstant();
    } catch (java.time.format.DateTimeParseException e) {
      return null;
    }
  }

  ImageState copy() {
    return new ImageState(layers, root.deepCopy(), at, budget, taken);
  }

  /**
   * Takes note of characters that the configuration gets.
   *
   * @throws JcomposeException.InvalidArgument when they are too many, of this image or of the call
   */
  void take(long characters) {
    taken += characters;
    if (taken > MOST) {
      throw new JcomposeException.InvalidArgument(
          "the image's configuration and history would have more than " + MOST + " characters");
    }
    budget.take(characters);
  }

  /** The results of steps that the image brings with it. */
  void cache(List<String> entries) {
    entries.forEach(root.putArray(StepCaches.MEMBER)::add);
  }

  List<BuildLayer> layers() {
    return layers;
  }

  ObjectNode config() {
    return root.withObject("/config");
  }

  String text(String key) {
    return config().path(key).asText("");
  }

  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    config().path(key).forEach(node -> texts.add(node.asText()));
    return texts;
  }

  void put(String key, List<String> texts) {
    take(texts.stream().mapToLong(String::length).sum());
    replace(key, texts);
  }

  void put(String key, String text) {
    put(config(), key, text);
  }

  /** Puts a text into an object of the configuration. */
  void put(ObjectNode object, String key, String text) {
    take(key.length() + text.length());
    object.put(key, text);
  }

  /** Puts an empty object into one of the configuration. */
  void putObject(ObjectNode object, String key) {
    take(key.length() + OBJECT);
    object.putObject(key);
  }

  private void replace(String key, List<String> texts) {
    ArrayNode array = config().putArray(key);
    texts.forEach(array::add);
  }

  /** The variables, in order. */
  Map<String, String> env() {
    Map<String, String> env = new LinkedHashMap<>();
    for (String line : texts("Env")) {
      int equals = line.indexOf('=');
      env.put(
          equals < 0 ? line : line.substring(0, equals),
          equals < 0 ? "" : line.substring(equals + 1));
    }
    return env;
  }

  void env(String name, String value) {
    take(name.length() + value.length());
    Map<String, String> env = env();
    env.put(name, value); // in its old place
    replace("Env", env.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
  }

  String workingDir() {
    String dir = text("WorkingDir");
    return dir.isEmpty() ? "/" : dir;
  }

  String user() {
    return text("User");
  }

  List<String> shell() {
    List<String> shell = texts("Shell");
    return shell.isEmpty() ? List.of("/bin/sh", "-c") : shell;
  }

  /** A step that changes the configuration only. */
  void recorded(String command) {
    history(command).put("empty_layer", true);
  }

  /** A step that gave a layer. */
  void layered(BuildLayer layer, Instant made, String command) {
    layers.add(layer);
    root.withObject("/rootfs").withArray("diff_ids").add(layer.diffId().toString());
    at = made;
    history(command);
  }

  private ObjectNode history(String command) {
    take(command.length());
    ObjectNode entry = root.withArray("/history").addObject();
    entry.put("created", time()).put("created_by", command).put("comment", COMMENT);
    return entry;
  }

  /** That of its last layer, so that the same steps give the same image whenever they are done. */
  private String time() {
    return (at == null ? Instant.EPOCH : at).toString();
  }

  void author(String name) {
    take(name.length());
    root.put("author", name);
  }

  ObjectNode root() {
    return root;
  }

  byte[] document() {
    root.put("created", time());
    return bytes(root);
  }

  /**
   * The image as of that moment: nothing of its configuration is younger.
   *
   * @see <a href="https://reproducible-builds.org/specs/source-date-epoch/">SOURCE_DATE_EPOCH</a>
   */
  void asOf(Instant moment) {
    at = moment;
    for (JsonNode entry : root.withArray("/history")) {
      Instant made = instant(entry.path("created").asText(""));
      if (made == null || made.isAfter(moment)) {
        ((ObjectNode) entry).put("created", moment.toString());
      }
    }
  }

  /** Only what a command of a build has of it. */
  byte[] runDocument() {
    ObjectNode run = JsonNodeFactory.instance.objectNode();
    for (String key : List.of("architecture", "variant", "os", "rootfs")) {
      JsonNode value = root.path(key);
      if (!value.isMissingNode()) {
        run.set(key, value);
      }
    }
    run.putObject("config");
    return bytes(run);
  }

  private static byte[] bytes(ObjectNode node) {
    try {
      return JSON.writeValueAsBytes(node);
    } catch (IOException e) {
      throw new JcomposeException.Internal("failed to write an image's configuration", e);
    }
  }
}
