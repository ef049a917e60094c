package io.jcompose.images.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;

/**
 * What one document says of a blob (OCI image-spec, descriptor.md).
 *
 * @param urls where a foreign layer may be had, without credentials; mostly empty
 */
public record Descriptor(String mediaType, Digest digest, long sizeBytes, List<String> urls) {
  public Descriptor {
    urls = List.copyOf(urls);
    if (sizeBytes < 0) {
      throw new JcomposeException.Corrupt("negative size of " + digest);
    }
  }

  public Descriptor(String mediaType, Digest digest, long sizeBytes) {
    this(mediaType, digest, sizeBytes, List.of());
  }

  /** Reads a descriptor; Corrupt when a required part is missing or wrong. */
  public static Descriptor of(JsonNode node) {
    try {
      List<String> urls = new ArrayList<>();
      node.path("urls").forEach(url -> urls.add(url.asText()));
      return new Descriptor(
          node.path("mediaType").asText(""),
          Digest.parse(node.path("digest").asText("")),
          node.path("size").asLong(-1),
          urls);
    } catch (JcomposeException.InvalidArgument e) {
      throw new JcomposeException.Corrupt(
          "descriptor with a wrong digest: " + Json.shown(node.toString()), e);
    }
  }

  public ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    return node.put("mediaType", mediaType).put("digest", digest.toString()).put("size", sizeBytes);
  }
}
