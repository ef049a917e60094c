package io.jcompose.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jcompose.core.JcomposeException;
import java.nio.charset.StandardCharsets;

/** Plain values as JSON. */
final class JsonText {
  /** What a command may be at the most: a tree takes some 50 bytes of the heap for each token. */
  private static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder().maxNestingDepth(100).maxTokenCount(200_000).build();

  static final ObjectMapper MAPPER =
      new ObjectMapper(JsonFactory.builder().streamReadConstraints(LIMITS).build());

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
