package io.jcompose.runtime;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Rollback;
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
  private static final int STARTED_BYTES = 2 * Integer.BYTES + Long.BYTES;

  /**
   * Empty when no shim lives, which only its socket proves: it is gone, or refuses.
   *
   * @throws JcomposeException.Timeout when there is one, but it did not answer within two seconds,
   *     or did not say what was asked
   */
  static Optional<Adoption> of(String id, Path runDir) {
    try (Rollback rollback = new Rollback()) {
      Optional<ShimConnection> connection = connect(runDir);
      if (connection.isEmpty()) {
        return Optional.empty();
      }
      rollback.push("connection to the shim of " + id, connection.get()::close);
      Adoption adopted = greet(id, connection.get());
      rollback.commit();
      return Optional.of(adopted);
    } catch (SocketTimeoutException e) {
      throw new JcomposeException.Timeout(
          "the shim of container "
              + id
              + " did not answer within "
              + LIMIT.toSeconds()
              + " s: it is stopped, or waits for a disk that hangs; its container is left as it is");
    } catch (IOException e) {
      throw new JcomposeException.Timeout(
          "the shim of container "
              + id
              + " lives, but cannot be asked: "
              + e.getMessage()
              + "; its container is left as it is",
          e);
    }
  }

  private static Optional<ShimConnection> connect(Path runDir) throws SocketTimeoutException {
    try {
      return Optional.of(ShimConnection.connect(runDir.resolve("ctl")));
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      LOG.debug("no shim in {}: {}", runDir, e.toString());
      return Optional.empty();
    }
  }

  private static Adoption greet(String id, ShimConnection connection) throws IOException {
    ShimConnection.Frame meta = ask(connection, ShimConnection.META, ShimConnection.META_IS);
    byte[] template = new byte[meta.data().remaining()];
    meta.data().get(template);
    connection.trim();
    ShimConnection.Frame started = ask(connection, ShimConnection.WATCH, ShimConnection.STARTED);
    if (started.data().remaining() < STARTED_BYTES) {
      throw new IOException("it answered with " + started.data().remaining() + " bytes only");
    }
    return new Adoption(connection, templateOf(id, template), started.data());
  }

  private static ShimConnection.Frame ask(ShimConnection connection, int what, int expected)
      throws IOException {
    ShimConnection.Frame answer =
        connection.within(
            LIMIT,
            () -> {
              connection.send(what, 0);
              return connection.read();
            });
    if (answer == null) { // it has no room for a connection more, or ends this very moment
      throw new IOException("it ended the connection");
    }
    if (answer.type() != expected) {
      throw new IOException("it answered by a frame of type " + answer.type());
    }
    return answer;
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
