package io.jcompose.registry.protocol;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.repository.FetchedBlob;
import io.jcompose.images.repository.Repositories;
import io.jcompose.images.repository.RepositoryName;
import io.jcompose.images.repository.ServedBlob;
import io.jcompose.images.repository.UpstreamName;
import io.jcompose.images.repository.Upstreams;
import io.jcompose.registry.answer.Answers;
import io.jcompose.registry.answer.ErrorCode;
import io.jcompose.registry.answer.Refusal;
import io.jcompose.registry.http.Exchange;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Blobs: whole, in parts, deleted. Thread-safe. */
final class BlobEndpoints {
  private final Repositories repositories;

  BlobEndpoints(Repositories repositories) {
    this.repositories = repositories;
  }

  void answer(Exchange exchange, RepositoryName name, Digest digest) throws IOException {
    switch (exchange.method()) {
      case "GET", "HEAD" -> read(exchange, name, digest);
      case "DELETE" -> delete(exchange, name, digest);
      default -> throw Refusals.unsupported(exchange);
    }
  }

  /** Of a repository of another registry, which brings it where it is not here; only to read. */
  void answer(Exchange exchange, UpstreamName upstream, Digest digest) throws IOException {
    RepositoryName name = upstream.name();
    if (repositories.has(name, digest)) {
      read(exchange, name, digest);
      return;
    }
    Upstreams upstreams = repositories.upstreams();
    if (exchange.method().equals("HEAD")) {
      long size = upstreams.sizeOf(upstream, digest).orElseThrow(() -> unknown(name, digest));
      exchange.head(200, headers(digest), size);
      return;
    }
    try (FetchedBlob blob =
        upstreams.fetch(upstream, digest).orElseThrow(() -> unknown(name, digest))) {
      Part part = Part.of(exchange, digest, blob.sizeBytes());
      ByteRange range = part.range();
      exchange.stream(
          part.status(), part.headers(), blob.part(range.first(), range.length()), range.length());
    } catch (JcomposeException.NotFound e) {
      throw new Refusal(ErrorCode.BLOB_UNKNOWN, String.valueOf(e.getMessage()));
    }
  }

  private void read(Exchange exchange, RepositoryName name, Digest digest) throws IOException {
    if (!repositories.has(name, digest)) {
      throw unknown(name, digest);
    }
    try (ServedBlob blob = repositories.open(digest).orElseThrow(() -> unknown(name, digest))) {
      send(exchange, blob);
    }
  }

  private static Map<String, String> headers(Digest digest) {
    return Answers.headers(
        "Content-Type", "application/octet-stream",
        "Docker-Content-Digest", digest.toString(),
        "ETag", "\"" + digest + "\"",
        "Accept-Ranges", "bytes",
        "Cache-Control", "private, max-age=31536000, immutable");
  }

  private static void send(Exchange exchange, ServedBlob blob) throws IOException {
    if (exchange.method().equals("HEAD")) {
      exchange.head(200, headers(blob.digest()), blob.sizeBytes());
    } else if (isKnown(exchange, blob.digest())) {
      exchange.respond(304, headers(blob.digest()), new byte[0]);
    } else {
      Part part = Part.of(exchange, blob.digest(), blob.sizeBytes());
      ByteRange range = part.range();
      exchange.send(part.status(), part.headers(), blob.file(), range.first(), range.length());
    }
  }

  /** What a request wants of a blob: all of it, or a part. */
  private record Part(int status, Map<String, String> headers, ByteRange range) {
    static Part of(Exchange exchange, Digest digest, long size) {
      Map<String, String> headers = BlobEndpoints.headers(digest);
      Optional<ByteRange> range = ByteRange.of(exchange.header("Range"), size);
      range.ifPresent(part -> headers.put("Content-Range", part.contentRange(size)));
      return new Part(
          range.isPresent() ? 206 : 200, headers, range.orElse(new ByteRange(0, size - 1)));
    }
  }

  /** RFC 9110 section 13.1.2. */
  static boolean isKnown(Exchange exchange, Digest digest) {
    return exchange
        .header("If-None-Match")
        .filter(tags -> tags.contains("\"" + digest + "\""))
        .isPresent();
  }

  private Refusal unknown(RepositoryName name, Digest digest) {
    return repositories.find(name).isEmpty()
        ? new Refusal(ErrorCode.NAME_UNKNOWN, "there is no repository " + name)
        : new Refusal(ErrorCode.BLOB_UNKNOWN, name + " has no blob " + digest);
  }

  private void delete(Exchange exchange, RepositoryName name, Digest digest) throws IOException {
    if (repositories.find(name).filter(one -> one.names(digest)).isPresent()) {
      throw new Refusal(
          ErrorCode.UNSUPPORTED,
          "a manifest of " + name + " needs blob " + digest + "; it goes with the last of these");
    }
    if (!repositories.unlink(name, digest)) {
      throw unknown(name, digest);
    }
    Answers.empty(exchange, 202);
  }
}
