package io.jcompose.images.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;

/** What one document says of a blob (OCI image-spec, descriptor.md). */
public record Descriptor(String mediaType, Digest digest, long sizeBytes) {
  /** RFC 6838 section 4.2; it is kept with the image, and nothing is decided by a longer one. */
  private static final int MEDIA_TYPE_LIMIT = 255;

  public Descriptor {
    mediaType = mediaType.length() > MEDIA_TYPE_LIMIT ? "" : mediaType;
    if (sizeBytes < 0) {
      throw new JcomposeException.Corrupt("negative size of " + digest);
    }
  }

  /** Reads a descriptor; Corrupt when a required part is missing or wrong. */
  public static Descriptor of(JsonNode node) {
    try {
      return new Descriptor(
          node.path("mediaType").asText(""),
          Digest.parse(node.path("digest").asText("")),
          node.path("size").asLong(-1));
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
