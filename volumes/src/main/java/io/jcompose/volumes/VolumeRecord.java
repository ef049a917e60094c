package io.jcompose.volumes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Volumes.VolumeSpec;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code volume.json} holds of a volume; its format is described in docs/data-layout.md. */
record VolumeRecord(VolumeSpec spec, Instant createdAt, boolean anonymous) {
  private static final ObjectMapper JSON = new ObjectMapper();

  byte[] toJson() {
    ObjectNode node = JSON.createObjectNode();
    node.put("name", spec.name()).put("driver", spec.driver());
    node.set("options", JSON.valueToTree(spec.options()));
    node.set("labels", JSON.valueToTree(spec.labels()));
    node.put("createdAt", createdAt.toString()).put("anonymous", anonymous);
    try {
      return JSON.writeValueAsBytes(node);
    } catch (IOException e) {
      throw new JcomposeException.Internal(
          "failed to write the record of volume " + spec.name(), e);
    }
  }

  /** Throws Corrupt when the text is no record. */
  static VolumeRecord parse(String name, byte[] json) {
    try {
      var node = JSON.readTree(json);
      return new VolumeRecord(
          new VolumeSpec(
              name,
              node.path("driver").asText("local"),
              texts(node.path("options")),
              texts(node.path("labels"))),
          Instant.parse(node.path("createdAt").asText()),
          node.path("anonymous").asBoolean());
    } catch (IOException | RuntimeException e) {
      throw new JcomposeException.Corrupt("damaged record of volume " + name, e);
    }
  }

  private static Map<String, String> texts(JsonNode node) {
    Map<String, String> texts = new LinkedHashMap<>();
    node.properties().forEach(e -> texts.put(e.getKey(), e.getValue().asText()));
    return texts;
  }
}
