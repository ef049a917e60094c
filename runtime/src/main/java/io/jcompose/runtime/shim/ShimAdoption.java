package io.jcompose.runtime.shim;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.Rollback;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first words with the shim of a task that another engine process started. A shim that is
 * silent (stopped, or waiting for a disk that hangs) can be asked again: the connection of the
 * attempt before is then one that was closed.
 *
 * @param meta what an older shim keeps for the engine; empty else
 * @param started the payload of STARTED
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ShimAdoption(ShimConnection connection, byte[] meta, ByteBuffer started) {
  private static final Logger LOG = LoggerFactory.getLogger(ShimAdoption.class);
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final int STARTED_BYTES = 2 * Integer.BYTES + Long.BYTES;

  /**
   * Empty when no shim lives, which only its socket proves: it is gone, or refuses.
   *
   * @throws JcomposeException.Timeout when there is one, but it did not answer within two seconds,
   *     or did not say what was asked
   */
  public static Optional<ShimAdoption> of(String id, Path runDir) {
    try (Rollback rollback = new Rollback()) {
      Optional<ShimConnection> connection = connect(runDir);
      if (connection.isEmpty()) {
        return Optional.empty();
      }
      rollback.push("connection to the shim of " + id, connection.get()::close);
      ShimAdoption adopted = greet(connection.get());
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

  private static ShimAdoption greet(ShimConnection connection) throws IOException {
    ByteBuffer kept = ask(connection, Frames.META, Frames.META_IS).data();
    byte[] meta = new byte[kept.remaining()];
    kept.get(meta);
    connection.trim();
    ShimConnection.Frame started = ask(connection, Frames.WATCH, Frames.STARTED);
    if (started.data().remaining() < STARTED_BYTES) {
      throw new IOException("it answered with " + started.data().remaining() + " bytes only");
    }
    return new ShimAdoption(connection, meta, started.data());
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
}
