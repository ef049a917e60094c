package io.jcompose.runtime;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first words with the shim of a task that another engine process started. A shim that is
 * silent (stopped, or waiting for a disk that hangs) can be asked again: the connection of the
 * attempt before is then one that was closed.
 *
 * @param template null when a newer engine wrote it: all but a further program works without it
 * @param started the payload of STARTED
 */
record Adoption(ShimConnection connection, @Nullable ExecTemplate template, ByteBuffer started) {
  private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);
  private static final Duration LIMIT = Duration.ofSeconds(2);

  /**
   * Empty when no shim lives.
   *
   * @throws JcomposeException.Timeout when there is one, but it did not answer within two seconds
   */
  static Optional<Adoption> of(String id, Path runDir) {
    ShimConnection connection = null;
    Optional<Adoption> adopted = Optional.empty();
    try {
      ShimConnection asked = ShimConnection.connect(runDir.resolve("ctl"));
      connection = asked;
      adopted = greet(id, asked);
    } catch (SocketTimeoutException e) {
      throw new JcomposeException.Timeout(
          "the shim of container "
              + id
              + " did not answer within "
              + LIMIT.toSeconds()
              + " s: it is stopped, or waits for a disk that hangs; its container is left as it is");
    } catch (IOException e) {
      LOG.debug("no shim for {}: {}", id, e.toString());
    } finally {
      if (connection != null && adopted.isEmpty()) {
        connection.close();
      }
    }
    return adopted;
  }

  private static Optional<Adoption> greet(String id, ShimConnection connection) throws IOException {
    ShimConnection.Frame meta = ask(connection, ShimConnection.META);
    if (meta == null) {
      return Optional.empty();
    }
    byte[] template = new byte[meta.data().remaining()];
    meta.data().get(template);
    connection.trim();
    ShimConnection.Frame started = ask(connection, ShimConnection.WATCH);
    if (started == null || started.type() != ShimConnection.STARTED) {
      return Optional.empty();
    }
    return Optional.of(new Adoption(connection, templateOf(id, template), started.data()));
  }

  private static ShimConnection.@Nullable Frame ask(ShimConnection connection, int what)
      throws IOException {
    return connection.within(
        LIMIT,
        () -> {
          connection.send(what, 0);
          return connection.read();
        });
  }

  private static @Nullable ExecTemplate templateOf(String id, byte[] encoded) {
    try {
      return ExecTemplate.decode(encoded);
    } catch (JcomposeException.Corrupt e) {
      LOG.warn("no program can be run in {} until it is restarted: {}", id, e.getMessage());
      return null;
    }
  }
}
