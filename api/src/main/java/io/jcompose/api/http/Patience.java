package io.jcompose.api.http;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection whose client does not send what is awaited in time: it holds memory and one
 * of the places that others wait for. Ends with {@link #close}.
 */
final class Patience implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Patience.class);

  private final SocketChannel channel;
  private final CompletableFuture<Boolean> done = new CompletableFuture<>();

  Patience(SocketChannel channel, Duration limit) {
    this.channel = channel;
    CompletableFuture<Boolean> ignored =
        done.orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS).exceptionally(late -> end());
  }

  @Override
  public void close() {
    boolean ignored = done.complete(true);
  }

  private boolean end() {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("a silent connection ended: {}", e.toString());
    }
    return false;
  }
}
