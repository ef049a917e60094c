package io.jcompose.images.repository;

import java.util.List;

/**
 * What a push of a manifest says.
 *
 * @param contentType empty when nothing
 * @param reference what the request names it
 * @param tags further ones
 */
public record Pushing(
    RepositoryName name, ManifestReference reference, List<String> tags, String contentType) {
  public Pushing {
    tags = List.copyOf(tags);
  }
}
