package io.jcompose.registry.protocol;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.repository.Repositories;
import io.jcompose.images.repository.RepositoryName;
import io.jcompose.images.repository.Upload;
import io.jcompose.registry.answer.Answers;
import io.jcompose.registry.answer.ErrorCode;
import io.jcompose.registry.answer.Refusal;
import io.jcompose.registry.http.Exchange;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Uploads of blobs: in one request, in several, taken up again; and mounts. Thread-safe. */
final class UploadEndpoints {
  /** What a blob may have; a disk is full before. */
  private static final long MOST_BYTES = 1L << 40;

  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

  private final Repositories repositories;

  UploadEndpoints(Repositories repositories) {
    this.repositories = repositories;
  }

  /** {@code POST}: a mount, a whole blob, or an upload that other requests go on with. */
  void begin(Exchange exchange, RepositoryName name) throws IOException {
    if (!exchange.method().equals("POST")) {
      throw Refusals.unsupported(exchange);
    }
    Optional<Digest> mount = exchange.parameter("mount").flatMap(UploadEndpoints::digestOf);
    if (mount.isPresent() && mounts(exchange, name, mount.get())) {
      created(exchange, name, mount.get());
      return;
    }
    Optional<Digest> whole = exchange.parameter("digest").map(Refusals::digest);
    Upload upload = repositories.begin(name, exchange.client());
    if (whole.isPresent()) {
      finishOrCancel(exchange, upload, whole.get());
    } else {
      answer(exchange, 202, upload);
    }
  }

  /** Nobody knows the upload's id, so that nobody could go on with it. */
  private void finishOrCancel(Exchange exchange, Upload upload, Digest digest) throws IOException {
    try {
      finish(exchange, upload, digest);
    } catch (IOException | RuntimeException e) {
      repositories.cancel(upload);
      throw e;
    }
  }

  /** Of a mount that cannot be an upload is made instead. */
  private static Optional<Digest> digestOf(String text) {
    try {
      return Optional.of(Digest.parse(text));
    } catch (JcomposeException.InvalidArgument e) {
      return Optional.empty();
    }
  }

  private boolean mounts(Exchange exchange, RepositoryName name, Digest blob) {
    Optional<String> from = exchange.parameter("from");
    try {
      return repositories.mount(name, blob, from.map(RepositoryName::new));
    } catch (JcomposeException.InvalidArgument e) {
      return false;
    }
  }

  void answer(Exchange exchange, RepositoryName name, String id) throws IOException {
    if (!ID.matcher(id).matches()) {
      throw new Refusal(ErrorCode.BLOB_UPLOAD_UNKNOWN, "there is no such upload in " + name);
    }
    Upload upload = repositories.upload(name, id);
    switch (exchange.method()) {
      case "GET", "HEAD" -> answer(exchange, 204, upload);
      case "PATCH" -> patch(exchange, upload);
      case "PUT" -> {
        Digest digest =
            exchange
                .parameter("digest")
                .map(Refusals::digest)
                .orElseThrow(
                    () -> new Refusal(ErrorCode.DIGEST_INVALID, "the parameter digest is missing"));
        finish(exchange, upload, digest);
      }
      case "DELETE" -> {
        repositories.cancel(upload);
        Answers.empty(exchange, 204);
      }
      default -> throw Refusals.unsupported(exchange);
    }
  }

  private void patch(Exchange exchange, Upload upload) throws IOException {
    boolean taken =
        upload.inTurn(
            () -> {
              if (!fits(exchange, upload)) {
                return false;
              }
              take(exchange, upload);
              return true;
            });
    answer(exchange, taken ? 202 : 416, upload);
  }

  /** A chunk that says where it belongs has to go on where the last one ended. */
  private static boolean fits(Exchange exchange, Upload upload) {
    Optional<String> header = exchange.header("Content-Range");
    if (header.isEmpty()) {
      return true;
    }
    Optional<ByteRange> range = ByteRange.ofChunk(header.get());
    if (range.isEmpty() || range.get().first() != upload.size()) {
      return false;
    }
    String length = exchange.header("Content-Length").orElse("");
    return length.isEmpty() || length.equals(String.valueOf(range.get().length()));
  }

  /** An upload that has filled the disk ends, so that it does not keep it full. */
  private void take(Exchange exchange, Upload upload) throws IOException {
    try {
      exchange.body(
          in -> {
            upload.append(in, MOST_BYTES);
            return upload.size();
          });
    } catch (JcomposeException.Unavailable e) {
      repositories.cancel(upload);
      throw e;
    }
  }

  private void finish(Exchange exchange, Upload upload, Digest digest) throws IOException {
    Boolean taken =
        upload.inTurn(
            () -> {
              if (!fits(exchange, upload)) {
                return false;
              }
              take(exchange, upload);
              finish(upload, digest);
              return true;
            });
    if (taken) {
      created(exchange, upload.repository(), digest);
    } else {
      answer(exchange, 416, upload);
    }
  }

  private void finish(Upload upload, Digest digest) throws IOException {
    try {
      repositories.finish(upload, digest);
    } catch (JcomposeException.Corrupt e) {
      throw new Refusal(ErrorCode.DIGEST_INVALID, String.valueOf(e.getMessage()));
    }
  }

  private static void created(Exchange exchange, RepositoryName name, Digest digest)
      throws IOException {
    Answers.empty(
        exchange,
        201,
        "Location",
        "/v2/" + name + "/blobs/" + digest,
        "Docker-Content-Digest",
        digest.toString());
  }

  private static void answer(Exchange exchange, int status, Upload upload) throws IOException {
    Map<String, String> headers =
        Answers.headers(
            "Location", "/v2/" + upload.repository() + "/blobs/uploads/" + upload.id(),
            "Range", "0-" + Math.max(0, upload.size() - 1),
            "Docker-Upload-UUID", upload.id());
    exchange.respond(status, headers, new byte[0]);
  }
}
