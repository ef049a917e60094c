package io.jcompose.registry.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its answer, for a thread that may block. What it does to the connection is done
 * on the connection's event loop. Confined to its thread.
 */
public final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Context loop;
  private final BodyInput body;
  private final BodyTurn bodies;
  private boolean started;

  /** To be made on the event loop. */
  Exchange(HttpServerRequest request, Context loop, BodyTurn bodies) {
    this.request = request;
    this.response = request.response();
    this.loop = loop;
    this.body = new BodyInput(request, loop, bodies);
    this.bodies = bodies;
    response.exceptionHandler(e -> LOG.debug("a client went away: {}", e.toString()));
  }

  public String method() {
    return request.method().name();
  }

  /** As it was sent: not decoded. */
  public String path() {
    return String.valueOf(request.path());
  }

  /** The first parameter of that name in the query, decoded. */
  public Optional<String> parameter(String name) {
    return Optional.ofNullable(request.params().get(name));
  }

  /** All parameters of that name, decoded. */
  public List<String> parameters(String name) {
    return request.params().getAll(name);
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(request.headers().get(name));
  }

  /**
   * Who sends it, as far as it logs in: all without a login are one. The address would want classes
   * of Vert.x's QUIC, which the distribution leaves out.
   */
  public String client() {
    return Integer.toHexString(header("Authorization").orElse("").hashCode());
  }

  public boolean isSecure() {
    return request.isSSL();
  }

  /** What the client calls this server, {@code host[:port]}; empty when it does not say. */
  public String host() {
    return request.authority() == null ? "" : request.authority().toString();
  }

  /** Reads the body. */
  @FunctionalInterface
  public interface BodyReader<T, E extends Exception> {
    T read(InputStream body) throws IOException, E;
  }

  /**
   * Reads the body when it is the request's turn: bodies have some memory each.
   *
   * @throws IOException when the client goes away, or the turn does not come
   */
  public <T, E extends Exception> T body(BodyReader<T, E> reader) throws IOException, E {
    bodies.take();
    try {
      return reader.read(body);
    } finally {
      bodies.give();
    }
  }

  public boolean isStarted() {
    return started;
  }

  /** Answers; the text is left out of the answer to HEAD. */
  public void respond(int status, Map<String, String> headers, byte[] text) throws IOException {
    begin(status, headers, text.length);
    boolean bodiless = request.method().name().equals("HEAD") || status == 204;
    await(() -> bodiless ? response.end() : response.end(Buffer.buffer(text)));
  }

  /** Answers with the size of what is not sent, to HEAD. */
  public void head(int status, Map<String, String> headers, long size) throws IOException {
    begin(status, headers, size);
    await(response::end);
  }

  /** Answers with a part of a file, by the kernel where there is no TLS. */
  public void send(
      int status, Map<String, String> headers, FileChannel file, long offset, long length)
      throws IOException {
    begin(status, headers, length);
    if (length == 0) {
      await(response::end);
    } else {
      await(() -> response.sendFile(file, offset, length));
    }
  }

  /**
   * Answers with what comes by and by. A client that takes it more slowly than {@link
   * Limits#READ_BYTES} allow fails; what comes is not waited for so.
   *
   * @throws IOException when it does not come to its end, or the client goes away
   */
  public void stream(int status, Map<String, String> headers, InputStream in, long length)
      throws IOException {
    begin(status, headers, length);
    byte[] chunk = new byte[Limits.STREAM_BYTES];
    Buffer buffer = Buffer.buffer(new byte[chunk.length]); // written before it is filled again
    long taken = 0;
    long waitedNanos = 0;
    for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
      Buffer part = buffer.setBytes(0, chunk, 0, count).slice(0, count);
      long start = System.nanoTime();
      await(() -> response.write(part));
      waitedNanos += System.nanoTime() - start;
      taken += count;
      if (waitedNanos > TimeUnit.SECONDS.toNanos(Limits.IDLE_SECONDS)) {
        if (taken < Limits.READ_BYTES) {
          throw new IOException(
              "the client took " + taken + " bytes in " + Limits.IDLE_SECONDS + " s");
        }
        taken = 0;
        waitedNanos = 0;
      }
    }
    await(response::end);
  }

  private void begin(int status, Map<String, String> headers, long length) {
    started = true;
    response.setStatusCode(status);
    headers.forEach(response::putHeader);
    if (status != 204) {
      response.putHeader("Content-Length", String.valueOf(length));
    }
    if (!body.isRead()) {
      response.putHeader("Connection", "close");
    }
  }

  /** Ends the connection: what was answered cannot be made good. */
  void abort() {
    loop.runOnContext(go -> request.connection().close());
  }

  /** True when the client may still be sending. */
  boolean hasBodyLeft() {
    return !body.isRead();
  }

  /** Lets the rest of the body go by, so that the client reads the answer, and then ends. */
  void drain() {
    loop.runOnContext(
        go -> {
          if (request.isEnded()) {
            request.connection().close();
          } else {
            request.handler(rest -> {});
            request.endHandler(end -> request.connection().close());
            request.resume();
          }
        });
  }

  private void await(Supplier<Future<Void>> action) throws IOException {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.runOnContext(
        go -> {
          try {
            action
                .get()
                .onComplete(
                    result -> {
                      if (result.succeeded()) {
                        done.complete(null);
                      } else {
                        done.completeExceptionally(result.cause());
                      }
                    });
          } catch (RuntimeException e) { // the connection has ended
            done.completeExceptionally(e);
          }
        });
    try {
      done.get();
    } catch (ExecutionException e) {
      throw new IOException("the client went away", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      abort();
      throw new InterruptedIOException("the registry is stopping");
    }
  }
}
