package io.jcompose.registry.protocol;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.repository.ManifestReference;
import io.jcompose.images.repository.MissingContent;
import io.jcompose.images.repository.Pushing;
import io.jcompose.images.repository.Repositories;
import io.jcompose.images.repository.RepositoryName;
import io.jcompose.images.repository.ServedBlob;
import io.jcompose.images.repository.ServedManifest;
import io.jcompose.images.repository.UpstreamName;
import io.jcompose.images.repository.Upstreams;
import io.jcompose.registry.answer.Answers;
import io.jcompose.registry.answer.ErrorCode;
import io.jcompose.registry.answer.Refusal;
import io.jcompose.registry.http.Exchange;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Manifests: read, pushed, deleted. Thread-safe. */
final class ManifestEndpoints {
  /** Tags that one push may give beside that of its path. */
  private static final int MOST_TAGS = 50;

  private final Repositories repositories;

  ManifestEndpoints(Repositories repositories) {
    this.repositories = repositories;
  }

  void answer(Exchange exchange, RepositoryName name, String item) throws IOException {
    ManifestReference reference = reference(item);
    switch (exchange.method()) {
      case "GET", "HEAD" -> read(exchange, name, reference);
      case "PUT" -> push(exchange, name, reference);
      case "DELETE" -> delete(exchange, name, reference);
      default -> throw Refusals.unsupported(exchange);
    }
  }

  private static ManifestReference reference(String item) {
    try {
      return ManifestReference.parse(item);
    } catch (JcomposeException.InvalidArgument e) {
      ErrorCode code = item.indexOf(':') < 0 ? ErrorCode.TAG_INVALID : ErrorCode.DIGEST_INVALID;
      throw new Refusal(code, String.valueOf(e.getMessage()));
    }
  }

  /** Of another registry, which is asked; only to read. */
  void answer(Exchange exchange, UpstreamName upstream, String item) throws IOException {
    ManifestReference reference = reference(item);
    Upstreams.Found found;
    try {
      found = repositories.upstreams().manifest(upstream, reference);
    } catch (JcomposeException.NotFound e) {
      throw new Refusal(ErrorCode.MANIFEST_UNKNOWN, String.valueOf(e.getMessage()));
    }
    Map<String, String> more = new LinkedHashMap<>();
    more.put("OCI-Namespace", upstream.upstream().host());
    if (found.isStale()) { // OCI distribution-spec, "Warnings"
      more.put(
          "Warning",
          "299 - \"%s does not answer; this is what the tag named when it last did\""
              .formatted(upstream.upstream()));
    }
    send(exchange, upstream.name(), reference, found.manifest(), more);
  }

  private void read(Exchange exchange, RepositoryName name, ManifestReference reference)
      throws IOException {
    ServedManifest manifest =
        repositories
            .find(name)
            .orElseThrow(() -> Refusals.unknown(name))
            .find(reference)
            .orElseThrow(() -> unknown(name, reference));
    send(exchange, name, reference, manifest, Map.of());
  }

  private void send(
      Exchange exchange,
      RepositoryName name,
      ManifestReference reference,
      ServedManifest manifest,
      Map<String, String> more)
      throws IOException {
    Digest digest = manifest.digest();
    try (ServedBlob blob = repositories.open(digest).orElseThrow(() -> unknown(name, reference))) {
      Map<String, String> headers =
          Answers.headers(
              "Content-Type", manifest.mediaType(),
              "Docker-Content-Digest", digest.toString(),
              "ETag", "\"" + digest + "\"");
      headers.putAll(more);
      if (exchange.method().equals("HEAD")) {
        exchange.head(200, headers, blob.sizeBytes());
      } else if (BlobEndpoints.isKnown(exchange, digest)) {
        exchange.respond(304, headers, new byte[0]);
      } else {
        exchange.send(200, headers, blob.file(), 0, blob.sizeBytes());
      }
    }
    repositories.used(name, manifest);
  }

  private static Refusal unknown(RepositoryName name, ManifestReference reference) {
    return new Refusal(ErrorCode.MANIFEST_UNKNOWN, name + " has no manifest " + reference);
  }

  private void push(Exchange exchange, RepositoryName name, ManifestReference reference)
      throws IOException {
    List<String> tags = exchange.parameters("tag");
    if (tags.size() > MOST_TAGS) {
      throw new Refusal(ErrorCode.TAG_INVALID, "a push may give " + MOST_TAGS + " tags at most");
    }
    tags.forEach(tag -> requireTag(tag));
    ServedManifest manifest =
        pushed(
            exchange,
            new Pushing(name, reference, tags, exchange.header("Content-Type").orElse("")));
    Map<String, String> headers =
        Answers.headers(
            "Location",
            "/v2/" + name + "/manifests/" + manifest.digest(),
            "Docker-Content-Digest",
            manifest.digest().toString());
    Optional.ofNullable(manifest.subject())
        .ifPresent(subject -> headers.put("OCI-Subject", subject.toString()));
    if (!tags.isEmpty()) {
      headers.put("OCI-Tag", String.join(", ", tags));
    }
    exchange.respond(201, headers, new byte[0]);
  }

  private static void requireTag(String tag) {
    if (!(reference(tag) instanceof ManifestReference.Tag)) {
      throw new Refusal(ErrorCode.TAG_INVALID, "a digest is no tag");
    }
  }

  private ServedManifest pushed(Exchange exchange, Pushing pushing) throws IOException {
    try {
      return exchange.body(in -> repositories.push(pushing, in));
    } catch (MissingContent e) {
      List<Map<String, String>> missing =
          e.digests().stream().map(digest -> Map.of("digest", digest.toString())).toList();
      throw new Refusal(
          ErrorCode.MANIFEST_BLOB_UNKNOWN,
          ErrorCode.MANIFEST_BLOB_UNKNOWN.status(),
          "the manifest names what " + pushing.name() + " does not have",
          Map.of(),
          missing);
    }
  }

  private void delete(Exchange exchange, RepositoryName name, ManifestReference reference)
      throws IOException {
    if (!repositories.delete(name, reference)) {
      throw repositories.find(name).isEmpty() ? Refusals.unknown(name) : unknown(name, reference);
    }
    Answers.empty(exchange, 202);
  }
}
