package io.jcompose.api.docker.call;

import io.jcompose.api.http.Exchange;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer that begins with its first byte, so that what goes wrong before is an
 * answer of its own. Used by one thread at a time.
 */
public final class LateStream extends OutputStream {
  private final Exchange exchange;
  private final String type;
  private final @Nullable Runnable onDisconnect;
  private @Nullable OutputStream stream;

  public LateStream(Exchange exchange, String type, @Nullable Runnable onDisconnect) {
    this.exchange = exchange;
    this.type = type;
    this.onDisconnect = onDisconnect;
  }

  /** Begins the answer, if nothing has. */
  public OutputStream open() throws IOException {
    OutputStream open = stream;
    if (open == null) {
      open = exchange.stream(200, type, onDisconnect);
      stream = open;
    }
    return open;
  }

  @Override
  public void write(int b) throws IOException {
    open().write(b);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    open().write(bytes, offset, length);
  }
}
