package io.jcompose.images.registry;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer whose body is still to be read. The caller closes it, which gives the connection back
 * when the body was read to its end, and drops it else. {@link #abort} may come from any thread.
 */
public final class HttpResponse implements AutoCloseable {
  private final int status;
  private final Map<String, List<String>> headers;
  private final InputStream body;
  private final Runnable release;
  private final Runnable abort;

  HttpResponse(
      int status,
      Map<String, List<String>> headers,
      InputStream body,
      Runnable release,
      Runnable abort) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.release = release;
    this.abort = abort;
  }

  public int status() {
    return status;
  }

  /** The first value of a header, or null. */
  public @Nullable String header(String name) {
    List<String> values = headers(name);
    return values.isEmpty() ? null : values.getFirst();
  }

  List<String> headers(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }

  public InputStream body() {
    return body;
  }

  /** The body, cut at a limit. */
  byte[] read(int limit) throws IOException {
    return body.readNBytes(limit);
  }

  /** Closes the connection, so that a read that waits fails. */
  public void abort() {
    abort.run();
  }

  @Override
  public void close() {
    release.run();
  }
}
