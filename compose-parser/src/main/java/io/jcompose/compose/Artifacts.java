package io.jcompose.compose;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import java.util.List;
import java.util.Map;

/**
 * Where compose files published to a registry ({@code oci://…}) come from. Implemented where a
 * registry client is; calls block.
 */
public interface Artifacts {
  /** Refuses every reference: for a loader without a registry client. */
  Artifacts NONE =
      reference -> {
        throw new JcomposeException.NotSupported(
            "there is no registry client here to fetch oci://" + reference);
      };

  /**
   * The artifact with all its layers, verified.
   *
   * @param reference an image reference, {@code registry/name:tag} or with a digest
   * @throws io.jcompose.core.JcomposeException when it cannot be had
   */
  Artifact fetch(String reference);

  /** The same on behalf of a caller. */
  default Artifacts with(RegistryLogins logins) {
    return this;
  }

  /**
   * An artifact.
   *
   * @param digest of its manifest, {@code sha256:…}
   * @param type its artifact type, or the media type of its config where it has none
   */
  record Artifact(String digest, String type, List<Layer> layers) {
    public Artifact {
      layers = List.copyOf(layers);
    }
  }

  /** One file of an artifact. */
  record Layer(String mediaType, Map<String, String> annotations, String text) {
    public Layer {
      annotations = Map.copyOf(annotations);
    }
  }
}
