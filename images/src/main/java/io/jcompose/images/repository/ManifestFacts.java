package io.jcompose.images.repository;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a registry has to know of a manifest or index: what it names, and what it is about (OCI
 * image-spec, manifest.md and image-index.md).
 *
 * @param mediaType one of the four that are served
 * @param blobs config and layers that must be there
 * @param elsewhere layers that may be fetched from other places, and need not be there
 * @param manifests of an index
 * @param subject null when it is about no other manifest
 * @param artifactType its own, else its config's type; empty for an index without
 */
public record ManifestFacts(
    String mediaType,
    List<Descriptor> blobs,
    List<Descriptor> elsewhere,
    List<Descriptor> manifests,
    @Nullable Digest subject,
    String artifactType) {
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";
  private static final String DOCKER_MANIFEST =
      "application/vnd.docker.distribution.manifest.v2+json";
  private static final int ANNOTATIONS_LIMIT = 64 << 10;
  private static final int TYPE_LIMIT = 255; // RFC 6838 section 4.2
  private static final Set<String> INDEXES = Set.of(OCI_INDEX, DOCKER_LIST);
  private static final Set<String> IMAGES = Set.of(OCI_MANIFEST, DOCKER_MANIFEST);

  public ManifestFacts {
    blobs = List.copyOf(blobs);
    elsewhere = List.copyOf(elsewhere);
    manifests = List.copyOf(manifests);
  }

  /**
   * Reads a document.
   *
   * @param contentType what the sender says it is; empty when nothing
   * @throws JcomposeException.Corrupt when it is none of the four, or not what it says
   */
  public static ManifestFacts of(byte[] document, String contentType) {
    JsonNode root = Json.foreign(document, "manifest");
    boolean index = root.path("manifests").isArray();
    boolean image = root.has("config") || root.has("layers");
    if (!root.isObject() || root.path("schemaVersion").asInt() != 2) {
      throw new JcomposeException.Corrupt("a manifest of schema version 2 is expected");
    }
    if (index == image) {
      throw new JcomposeException.Corrupt("it is neither an image's manifest nor an index");
    }
    String type = type(root.path("mediaType").asText(""), contentType, index);
    List<Descriptor> blobs = new ArrayList<>();
    List<Descriptor> elsewhere = new ArrayList<>();
    if (image) {
      blobs.add(Descriptor.of(root.path("config")));
      root.path("layers").forEach(layer -> (isElsewhere(layer) ? elsewhere : blobs).add(of(layer)));
    }
    List<Descriptor> manifests = new ArrayList<>();
    root.path("manifests").forEach(entry -> manifests.add(of(entry)));
    JsonNode subject = root.path("subject");
    requireShort(root);
    return new ManifestFacts(
        type,
        blobs,
        elsewhere,
        manifests,
        subject.isObject() ? of(subject).digest() : null,
        artifactType(root));
  }

  /** Lists of referrers repeat these of each manifest. */
  private static void requireShort(JsonNode root) {
    if (root.path("annotations").toString().length() > ANNOTATIONS_LIMIT) {
      throw new JcomposeException.Corrupt(
          "its annotations have more than " + ANNOTATIONS_LIMIT + " characters");
    }
    if (artifactType(root).length() > TYPE_LIMIT) {
      throw new JcomposeException.Corrupt(
          "its artifact type has more than " + TYPE_LIMIT + " characters");
    }
  }

  private static Descriptor of(JsonNode node) {
    return Descriptor.of(node);
  }

  private static String type(String stated, String contentType, boolean index) {
    String type = contentType.split(";", 2)[0].strip();
    if (!stated.isEmpty() && !type.isEmpty() && !stated.equals(type)) {
      throw new JcomposeException.Corrupt(
          "its media type is %s, and that of the request %s"
              .formatted(Json.shown(stated), Json.shown(type)));
    }
    String used = !type.isEmpty() ? type : stated;
    if (used.isEmpty()) {
      return index ? OCI_INDEX : OCI_MANIFEST;
    }
    if (!(index ? INDEXES : IMAGES).contains(used)) {
      throw new JcomposeException.Corrupt(
          "media type %s is not taken for %s; %s are"
              .formatted(
                  Json.shown(used),
                  index ? "an index" : "an image's manifest",
                  String.join(" and ", (index ? INDEXES : IMAGES).stream().sorted().toList())));
    }
    return used;
  }

  /** OCI image-spec, layer.md: such a layer is fetched from its own places. */
  private static boolean isElsewhere(JsonNode layer) {
    String type = layer.path("mediaType").asText("");
    return type.contains("foreign") || type.contains("nondistributable");
  }

  private static String artifactType(JsonNode root) {
    String own = root.path("artifactType").asText("");
    return own.isEmpty() ? root.path("config").path("mediaType").asText("") : own;
  }

  /** True for one of the four media types that are served. */
  static boolean isKnown(String mediaType) {
    String type = mediaType.split(";", 2)[0].strip();
    return INDEXES.contains(type) || IMAGES.contains(type);
  }
}
