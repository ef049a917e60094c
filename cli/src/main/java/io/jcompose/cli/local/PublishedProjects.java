package io.jcompose.cli.local;

import io.jcompose.compose.Artifacts;
import io.jcompose.core.ImageReference;
import io.jcompose.core.RegistryLogins;
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
 * @param logins the caller's
 */
public record PublishedProjects(Path config, RegistryLogins logins) implements Artifacts {
  public PublishedProjects(Path config) {
    this(config, RegistryLogins.OF_ENGINE);
  }

  /** Files are read on behalf of more commands than those that hand over logins for them. */
  @Override
  public Artifacts with(RegistryLogins callers) {
    return new PublishedProjects(config, callers);
  }

  @Override
  public Artifact fetch(String reference) {
    try (RegistryClient client = new RegistryClient(RegistryConfig.load(config))) {
      ImageReference image = ImageReference.parse(reference);
      ArtifactReader.Artifact read =
          new ArtifactReader(client, loginsFor(image.domain())).read(image);
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

  /** The caller's where it has one for the registry, else those of this process's user. */
  private RegistryLogins loginsFor(String registry) {
    boolean known =
        logins instanceof RegistryLogins.OfCaller given && given.find(registry).isPresent();
    return known ? logins : RegistryLogins.OF_ENGINE;
  }
}
