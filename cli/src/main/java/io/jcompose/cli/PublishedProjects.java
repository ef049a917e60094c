package io.jcompose.cli;

import io.jcompose.compose.Artifacts;
import io.jcompose.core.ImageReference;
import io.jcompose.images.registry.ArtifactReader;
import io.jcompose.images.registry.RegistryClient;
import io.jcompose.images.registry.RegistryConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Fetches compose files that were published to registries, with a registry client of its own for
 * each: it is rarely needed.
 *
 * @param config the engine's configuration, which names mirrors; need not exist
 */
record PublishedProjects(Path config) implements Artifacts {
  @Override
  public Artifact fetch(String reference) {
    try (RegistryClient client = new RegistryClient(RegistryConfig.load(config))) {
      ArtifactReader.Artifact read =
          new ArtifactReader(client).read(ImageReference.parse(reference));
      return new Artifact(
          read.digest().toString(),
          read.type(),
          read.layers().stream()
              .map(
                  layer ->
                      new Layer(
                          layer.mediaType(),
                          layer.annotations(),
                          new String(layer.content(), StandardCharsets.UTF_8)))
              .toList());
    }
  }
}
