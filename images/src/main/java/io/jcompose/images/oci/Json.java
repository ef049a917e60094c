package io.jcompose.images.oci;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads and writes JSON as trees, without reflection on classes of ours. */
public final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  /** Parses a document; Corrupt, naming {@code what}, when it is no JSON. */
  public static JsonNode parse(byte[] text, String what) {
    try {
      return MAPPER.readTree(text);
    } catch (IOException e) {
      throw new JcomposeException.Corrupt(what + " is not valid JSON: " + e.getMessage(), e);
    }
  }

  public static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new JcomposeException.Internal("failed to write JSON", e);
    }
  }

  /** The texts of an array; empty for anything else. */
  public static List<String> texts(JsonNode array) {
    List<String> result = new ArrayList<>();
    array.forEach(item -> result.add(item.asText()));
    return result;
  }

  /** The texts of an object's members, in order; empty for anything else. */
  public static Map<String, String> textMap(JsonNode object) {
    Map<String, String> result = new LinkedHashMap<>();
    object.properties().forEach(entry -> result.put(entry.getKey(), entry.getValue().asText()));
    return result;
  }
}
