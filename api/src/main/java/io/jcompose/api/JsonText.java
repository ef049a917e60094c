package io.jcompose.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jcompose.core.JcomposeException;
import java.nio.charset.StandardCharsets;

/** Plain values as JSON. */
final class JsonText {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private JsonText() {}

  static String of(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new JcomposeException.Internal("failed to write JSON", e);
    }
  }

  /** One line of an NDJSON stream. */
  static byte[] line(Object value) {
    return (of(value) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
