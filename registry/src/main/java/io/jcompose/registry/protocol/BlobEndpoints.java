package io.jcompose.registry.protocol;

import io.jcompose.core.Digest;
import io.jcompose.images.repository.Repositories;
import io.jcompose.images.repository.RepositoryName;
import io.jcompose.images.repository.ServedBlob;
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

  private void read(Exchange exchange, RepositoryName name, Digest digest) throws IOException {
    if (!repositories.has(name, digest)) {
      throw unknown(name, digest);
    }
    try (ServedBlob blob = repositories.open(digest).orElseThrow(() -> unknown(name, digest))) {
      send(exchange, blob, headers(digest));
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

  private static void send(Exchange exchange, ServedBlob blob, Map<String, String> headers)
      throws IOException {
    if (exchange.method().equals("HEAD")) {
      exchange.head(200, headers, blob.sizeBytes());
    } else if (isKnown(exchange, blob.digest())) {
      exchange.respond(304, headers, new byte[0]);
    } else {
      Optional<ByteRange> range = ByteRange.of(exchange.header("Range"), blob.sizeBytes());
      range.ifPresent(part -> headers.put("Content-Range", part.contentRange(blob.sizeBytes())));
      ByteRange part = range.orElse(new ByteRange(0, blob.sizeBytes() - 1));
      int status = range.isPresent() ? 206 : 200;
      exchange.send(status, headers, blob.file(), part.first(), part.length());
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
