package io.jcompose.registry;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.repository.ManifestReference;
import io.jcompose.images.repository.Repositories;
import io.jcompose.images.repository.Repository;
import io.jcompose.images.repository.RepositoryName;
import io.jcompose.images.repository.ServedManifest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** What the registry has, for people. Thread-safe. */
public final class RegistryContents {
  private final Repositories repositories;

  RegistryContents(Repositories repositories) {
    this.repositories = repositories;
  }

  /**
   * One repository.
   *
   * @param untagged manifests that no tag names
   * @param bytes of its manifests and layers, each once
   */
  public record RepositoryRow(String name, int tags, int untagged, long bytes, Instant pushedAt) {}

  /**
   * One tag.
   *
   * @param digest of the manifest
   * @param bytes of what a pull fetches; of an index, of all platforms
   */
  public record TagRow(
      String repository, String tag, String digest, String type, long bytes, Instant pushedAt) {}

  /** By name. */
  public List<RepositoryRow> repositories() {
    return repositories.all().stream()
        .map(
            one ->
                new RepositoryRow(
                    one.name().text(),
                    one.tags().size(),
                    one.manifests().size() - new HashSet<>(one.tags().values()).size(),
                    one.sizeBytes(),
                    one.pushedAt()))
        .toList();
  }

  /**
   * The tags of a repository, by name.
   *
   * @throws JcomposeException.NotFound without the repository
   */
  public List<TagRow> tags(String name) {
    Repository repository =
        repositories
            .find(new RepositoryName(name))
            .orElseThrow(() -> new JcomposeException.NotFound("no such repository: " + name));
    List<TagRow> rows = new ArrayList<>();
    repository
        .tags()
        .forEach(
            (tag, digest) -> {
              ServedManifest manifest = repository.manifests().get(digest);
              if (manifest != null) {
                rows.add(
                    new TagRow(
                        name,
                        tag,
                        digest.toString(),
                        manifest.mediaType(),
                        repository.pullBytes(manifest),
                        manifest.pushedAt()));
              }
            });
    return rows;
  }

  /**
   * Removes {@code REPOSITORY:TAG}, {@code REPOSITORY@DIGEST} with its tags, or a whole repository.
   *
   * @return what was done, as Docker words it
   * @throws JcomposeException.NotFound when it is not there
   */
  public String remove(String target) {
    int at = target.indexOf('@');
    int colon = at >= 0 ? at : target.lastIndexOf(':');
    boolean found;
    if (colon < 0) {
      found = repositories.delete(new RepositoryName(target));
    } else {
      ManifestReference reference = ManifestReference.parse(target.substring(colon + 1));
      found = repositories.delete(new RepositoryName(target.substring(0, colon)), reference);
    }
    if (!found) {
      throw new JcomposeException.NotFound("not in the registry: " + target);
    }
    return (colon >= 0 && at < 0 ? "Untagged: " : "Deleted: ") + target;
  }
}
