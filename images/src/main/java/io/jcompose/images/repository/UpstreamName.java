package io.jcompose.images.repository;

import io.jcompose.core.ImageReference;

/**
 * A repository of another registry.
 *
 * @param name what it is called here: its registry's {@link Upstream#prefix}, and its path there
 */
public record UpstreamName(Upstream upstream, RepositoryName name) {
  /** Docker Hub's own images may be named without {@code library/}. */
  static UpstreamName of(Upstream upstream, String path) {
    boolean official = upstream.host().equals("docker.io") && path.indexOf('/') < 0;
    String whole = upstream.prefix() + "/" + (official ? "library/" : "") + path;
    return new UpstreamName(upstream, new RepositoryName(whole));
  }

  /** What it is called there. */
  String path() {
    return name.text().substring(upstream.prefix().length() + 1);
  }

  /** Why nothing can be pushed to it, and what to do. */
  public String pushRefusal() {
    return "%s is fetched from %s, so that nothing can be pushed to it; push to %s itself, or here to a name without it"
        .formatted(name, upstream, upstream);
  }

  ImageReference image(ManifestReference reference) {
    return switch (reference) {
      case ManifestReference.Tag(String tag) ->
          new ImageReference(upstream.host(), path(), tag, null);
      case ManifestReference.ByDigest given ->
          new ImageReference(upstream.host(), path(), null, given.digest());
    };
  }
}
