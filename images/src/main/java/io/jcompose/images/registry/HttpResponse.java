package io.jcompose.images.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer whose body is still to be read. The caller closes it, which gives the connection back
 * when the body was read to its end, and drops it else. {@link #abort} may come from any thread.
 */
public final class HttpResponse implements AutoCloseable {
  /** How long a body may be silent. */
  static final int BODY_MILLIS = 120_000;

  private static final int END_MILLIS = 2_000;

  private final int status;
  private final Map<String, List<String>> headers;
  private final HttpBody body;
  private final Connection connection;
  private final Runnable release;

  HttpResponse(
      int status,
      Map<String, List<String>> headers,
      HttpBody body,
      Connection connection,
      Runnable release) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.connection = connection;
    this.release = release;
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

  /**
   * True when it comes from this host or a network that is not the internet. What a registry out
   * there sends us to inside may be what nobody else reaches, and is given to whoever asked for it.
   */
  boolean isFromInside() {
    InetAddress address = connection.raw().getInetAddress();
    return address != null && HostRanges.isInside(address);
  }

  /** The body, cut at a limit. */
  byte[] read(int limit) throws IOException {
    return body.readNBytes(limit);
  }

  /** Says that what was read is worth the time it took: the limit on the body begins anew. */
  public void goesOn() {
    connection.limit(BODY_MILLIS);
  }

  /**
   * Reads the body's end, after all that is wanted of it was read, so that the connection can be
   * used again; where it does not come soon the connection is dropped.
   */
  public void end() {
    try {
      connection.limit(END_MILLIS);
      if (!body.isUntilClose() && body.read() >= 0) {
        connection.abort();
      }
    } catch (IOException e) {
      connection.abort();
    }
  }

  /** Closes the connection, so that a read that waits fails. */
  public void abort() {
    connection.abort();
  }

  @Override
  public void close() {
    release.run();
  }
}
