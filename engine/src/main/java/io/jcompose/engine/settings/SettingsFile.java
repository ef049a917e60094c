package io.jcompose.engine.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.jcompose.core.ByteSize;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.StateFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The engine's file of settings, read once. Its keys and the kinds of their values are {@link
 * SettingsKeys}' to check. Immutable.
 */
public record SettingsFile(Path file, JsonNode root) {

  /**
   * Reads the file; a missing or empty one has no settings.
   *
   * @throws JcomposeException.InvalidArgument when it is not JSON
   */
  public static SettingsFile load(Path file) {
    byte[] text = StateFile.read(file).orElse(new byte[0]);
    try {
      return new SettingsFile(
          file, text.length == 0 ? MissingNode.getInstance() : new JsonMapper().readTree(text));
    } catch (IOException e) {
      throw new JcomposeException.InvalidArgument(file + ": " + e.getMessage(), e);
    }
  }

  public JsonNode get(String key) {
    return root.path(key);
  }

  /** A string, empty when it is missing. */
  public String text(String key) {
    return root.path(key).asText("");
  }

  public boolean flag(String key) {
    JsonNode setting = root.path(key);
    if (!setting.isMissingNode() && !setting.isBoolean()) {
      throw wrong(key, "give true or false, not " + setting);
    }
    return setting.asBoolean();
  }

  /** A list of strings; empty when it is missing. */
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : root.path(key)) {
      if (!item.isTextual() || item.asText().isEmpty()) {
        throw wrong(key, "each of the list must be a text, not " + item);
      }
      texts.add(item.asText());
    }
    return texts;
  }

  /** A whole number of at least {@code least}, or 0 when it is missing. */
  public int number(String key, int least, int most) {
    JsonNode setting = root.path(key);
    if (setting.isMissingNode()) {
      return 0;
    }
    if (!setting.isInt() || setting.asInt() < least || setting.asInt() > most) {
      throw wrong(key, "give a number from " + least + " to " + most + ", not " + setting);
    }
    return setting.asInt();
  }

  /** A size as a number of bytes or as a string such as {@code 64m}; 0 when it is missing. */
  long bytes(String key) {
    JsonNode setting = root.path(key);
    if (setting.isMissingNode()) {
      return 0;
    }
    long bytes;
    try {
      bytes = ByteSize.parse(setting.asText());
    } catch (JcomposeException.InvalidArgument e) {
      throw wrong(key, String.valueOf(e.getMessage()));
    }
    if (bytes <= 0) {
      throw wrong(key, "give a size above 0, such as \"64m\", not " + setting);
    }
    return bytes;
  }

  /** An object of strings, numbers and flags, all as strings; {@code path} names it in errors. */
  Map<String, String> pairs(String path, JsonNode object) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      if (!entry.getValue().isValueNode() || entry.getValue().isNull()) {
        throw wrong(path + "." + entry.getKey(), "give a text, not " + entry.getValue());
      }
      pairs.put(entry.getKey(), entry.getValue().asText());
    }
    return pairs;
  }

  public JcomposeException wrong(String key, String problem) {
    return new JcomposeException.InvalidArgument(file + ": " + key + ": " + problem);
  }
}
