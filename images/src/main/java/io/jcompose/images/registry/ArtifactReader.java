package io.jcompose.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads small OCI artifacts that are no images, whole and verified (OCI image-spec, manifest.md,
 * "Guidelines for Artifact Usage"). Stateless; blocks.
 */
public final class ArtifactReader {
  private static final int LAYERS = 100;
  private static final int LAYER_BYTES = 4 << 20;
  private static final String EMPTY = "application/vnd.oci.empty.v1+json";

  private final RegistryClient client;

  /**
   * @param client stays the caller's
   */
  public ArtifactReader(RegistryClient client) {
    this.client = client;
  }

  /**
   * An artifact.
   *
   * @param digest of its manifest
   * @param type its artifact type, or the media type of its config where it has none
   */
  public record Artifact(Digest digest, String type, List<Layer> layers) {
    public Artifact {
      layers = List.copyOf(layers);
    }
  }

  /** One blob of an artifact. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Layer(String mediaType, Map<String, String> annotations, byte[] content) {
    public Layer {
      annotations = Map.copyOf(annotations);
    }
  }

  /**
   * Fetches an artifact with all its layers.
   *
   * @throws JcomposeException.NotFound when there is none, or access is denied
   * @throws JcomposeException.Corrupt when its content is not what its digest says, or too large
   */
  public Artifact read(ImageReference reference) {
    RegistryClient.Document named = client.resolve(reference);
    Digest digest = named.descriptor().digest();
    byte[] body = named.body();
    if (body == null) {
      body = client.manifest(reference, digest).body();
    }
    if (body == null) {
      throw new JcomposeException.Corrupt("no manifest of " + reference.familiar());
    }
    if (digest.algorithm().equals("sha256") && !Digest.sha256(Sha256.of(body)).equals(digest)) {
      throw new JcomposeException.Corrupt(
          "the manifest of " + reference.familiar() + " is not the one with digest " + digest);
    }
    JsonNode root = Json.parse(body, "manifest of " + reference.familiar());
    JsonNode layers = root.path("layers");
    if (layers.size() > LAYERS) {
      throw new JcomposeException.Corrupt(
          reference.familiar() + " has " + layers.size() + " layers, limit " + LAYERS);
    }
    List<Layer> read = new ArrayList<>();
    // An artifact of another kind, an image say, may be large: its layers are not wanted.
    String type = type(root);
    boolean image = type.contains(".image.");
    for (JsonNode layer : image ? List.<JsonNode>of() : layers) {
      Descriptor descriptor = Descriptor.of(layer);
      read.add(
          new Layer(
              descriptor.mediaType(),
              Json.textMap(layer.path("annotations")),
              descriptor.mediaType().equals(EMPTY) ? new byte[0] : blob(reference, descriptor)));
    }
    return new Artifact(digest, type, read);
  }

  private static String type(JsonNode root) {
    String type = root.path("artifactType").asText("");
    return type.isEmpty()
        ? root.path("config").path("mediaType").asText(root.path("mediaType").asText(""))
        : type;
  }

  private byte[] blob(ImageReference reference, Descriptor descriptor) {
    String what = "layer " + descriptor.digest() + " of " + reference.familiar();
    if (descriptor.sizeBytes() > LAYER_BYTES) {
      throw new JcomposeException.Corrupt(
          what + " has " + descriptor.sizeBytes() + " bytes, limit " + LAYER_BYTES);
    }
    try (HttpResponse response = client.blob(reference, descriptor.digest(), 0)) {
      byte[] content = response.read(LAYER_BYTES + 1);
      if (!Digest.sha256(Sha256.of(content)).equals(descriptor.digest())) {
        throw new JcomposeException.Corrupt(what + " does not have that digest");
      }
      return content;
    } catch (IOException e) {
      throw new JcomposeException.Unavailable("failed to read " + what + ": " + e.getMessage(), e);
    }
  }
}
