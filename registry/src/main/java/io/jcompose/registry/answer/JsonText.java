package io.jcompose.registry.answer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes and reads JSON. Stateless. */
public final class JsonText {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private JsonText() {}

  /** Of maps, lists, texts and numbers. */
  public static byte[] of(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new JcomposeException.Internal("failed to write JSON", e);
    }
  }

  /** Reads a document that is in the store, or a file of ours; Corrupt when it is no JSON. */
  public static JsonNode parse(byte[] text) {
    try {
      return MAPPER.readTree(text);
    } catch (IOException e) {
      throw new JcomposeException.Corrupt("not valid JSON: " + e.getMessage(), e);
    }
  }

  /** The texts of an object's members, in order; empty for anything else. */
  public static Map<String, String> texts(JsonNode object) {
    Map<String, String> result = new LinkedHashMap<>();
    object.properties().forEach(entry -> result.put(entry.getKey(), entry.getValue().asText()));
    return result;
  }
}
