package io.jcompose.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.Digest;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import io.jcompose.images.oci.Descriptor;
import io.jcompose.images.oci.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads small OCI artifacts that are no images, whole and verified (OCI image-spec, manifest.md,
 * "Guidelines for Artifact Usage"). Stateless; blocks.
 */
public final class ArtifactReader {
  private static final int LAYERS = 100;
  private static final long BYTES = 8 << 20;
  private static final String EMPTY = "application/vnd.oci.empty.v1+json";

  private final RegistryClient client;
  private final RegistryLogins logins;

  /** As the engine's own user. */
  public ArtifactReader(RegistryClient client) {
    this(client, RegistryLogins.OF_ENGINE);
  }

  /**
   * @param client stays the caller's
   * @param logins what is shown to the registry
   */
  public ArtifactReader(RegistryClient client, RegistryLogins logins) {
    this.client = client;
    this.logins = logins;
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
    ImageSource source = client.source(reference, logins);
    Digest digest;
    try (ImageSource.Document named = source.resolve()) {
      digest = named.descriptor().digest();
    }
    JsonNode root;
    try (ImageSource.Document manifest = source.manifest(digest)) {
      byte[] body = Objects.requireNonNull(manifest.body());
      root = Json.foreign(body, "manifest of " + reference.familiar());
    }
    // Its turn is over: the layers wait for theirs.
    return new Artifact(digest, type(root), layers(source, reference, root));
  }

  private static List<Layer> layers(ImageSource source, ImageReference reference, JsonNode root) {
    JsonNode layers = root.path("layers");
    if (layers.size() > LAYERS) {
      throw new JcomposeException.Corrupt(
          reference.familiar() + " has " + layers.size() + " layers, limit " + LAYERS);
    }
    List<Layer> read = new ArrayList<>();
    if (type(root).contains(".image.")) {
      return read; // it may be large, and its layers are not wanted
    }
    long bytes = 0;
    for (JsonNode layer : layers) {
      Descriptor descriptor = Descriptor.of(layer);
      byte[] content =
          descriptor.mediaType().equals(EMPTY) ? new byte[0] : blob(source, descriptor);
      bytes += content.length;
      if (bytes > BYTES) {
        throw new JcomposeException.Corrupt(
            reference.familiar() + " has more than " + BYTES + " bytes of files");
      }
      read.add(new Layer(descriptor.mediaType(), Json.textMap(layer.path("annotations")), content));
    }
    return read;
  }

  private static String type(JsonNode root) {
    String type = root.path("artifactType").asText("");
    return type.isEmpty()
        ? root.path("config").path("mediaType").asText(root.path("mediaType").asText(""))
        : type;
  }

  private static byte[] blob(ImageSource source, Descriptor descriptor) {
    try (ImageSource.Document blob = source.smallBlob(descriptor.digest())) {
      return Objects.requireNonNull(blob.body());
    }
  }
}
