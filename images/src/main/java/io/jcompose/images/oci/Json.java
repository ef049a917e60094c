package io.jcompose.images.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.JcomposeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes JSON as trees, without reflection on classes of ours. What others wrote is read
 * with limits on its values: a tree takes up to fifty times the bytes of its text.
 */
public final class Json {
  private static final int TOKEN_LIMIT = 64_000;
  private static final int TEXT_LIMIT = 1 << 20;
  private static final int DEPTH_LIMIT = 64;
  private static final int SHOWN = 200;
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final ObjectMapper FOREIGN =
      new ObjectMapper(
          JsonFactory.builder()
              .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES) // they would be kept
              .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxTokenCount(TOKEN_LIMIT)
                      .maxStringLength(TEXT_LIMIT)
                      .maxNestingDepth(DEPTH_LIMIT)
                      .build())
              .build());

  private Json() {}

  /** Parses a document of ours; Corrupt, naming {@code what}, when it is no JSON. */
  public static JsonNode parse(byte[] text, String what) {
    return parse(MAPPER, text, what);
  }

  /** As {@link #parse}, for what others wrote; Corrupt too when it has too many values. */
  public static JsonNode foreign(byte[] text, String what) {
    return parse(FOREIGN, text, what);
  }

  private static JsonNode parse(ObjectMapper mapper, byte[] text, String what) {
    try {
      return mapper.readTree(text);
    } catch (StreamConstraintsException e) {
      throw new JcomposeException.Corrupt(
          what + " has too many values: " + shown(e.getOriginalMessage()), e);
    } catch (JsonProcessingException e) {
      throw new JcomposeException.Corrupt(
          what + " is not valid JSON: " + shown(e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new JcomposeException.Corrupt(what + " is not valid JSON: " + e.getMessage(), e);
    }
  }

  /** The beginning of a foreign text, for a message. */
  public static String shown(@Nullable String text) {
    String all = String.valueOf(text);
    return all.length() > SHOWN ? all.substring(0, SHOWN) + "…" : all;
  }

  public static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new JcomposeException.Internal("failed to write JSON", e);
    }
  }

  /**
   * An object of some members and, last, an array, whose items are trees only while they are
   * written.
   */
  public static byte[] bytes(ObjectNode head, String array, Stream<? extends JsonNode> items) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator out = MAPPER.createGenerator(text)) {
      out.writeStartObject();
      for (Map.Entry<String, JsonNode> member : head.properties()) {
        out.writeFieldName(member.getKey());
        MAPPER.writeTree(out, member.getValue());
      }
      out.writeArrayFieldStart(array);
      for (JsonNode item : (Iterable<JsonNode>) items.map(JsonNode.class::cast)::iterator) {
        MAPPER.writeTree(out, item);
      }
      out.writeEndArray();
      out.writeEndObject();
    } catch (IOException e) {
      throw new JcomposeException.Internal("failed to write JSON", e);
    }
    return text.toByteArray();
  }

  /** Reads one array of an object of ours, an item at a time; Corrupt when there is none. */
  public static void each(byte[] text, String what, String array, Consumer<JsonNode> use) {
    boolean found = false;
    try (JsonParser in = MAPPER.createParser(text)) {
      boolean open = in.nextToken() == JsonToken.START_OBJECT;
      while (open && in.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = in.currentName().equals(array);
        if (in.nextToken() == JsonToken.START_ARRAY && wanted) {
          found = true;
          while (in.nextToken() != JsonToken.END_ARRAY) {
            use.accept(in.readValueAsTree());
          }
        } else {
          in.skipChildren();
        }
      }
    } catch (IOException e) {
      throw new JcomposeException.Corrupt(what + " is not valid JSON: " + e.getMessage(), e);
    }
    if (!found) {
      throw new JcomposeException.Corrupt(what + " holds no list of " + array);
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
