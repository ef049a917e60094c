package io.jcompose.runtime;

import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.shim.Failure;
import io.jcompose.runtime.shim.Frames;
import io.jcompose.runtime.shim.ShimConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A user namespace, and maybe a new network namespace that it owns, held by a small process of the
 * shim's until this is closed. A task that was started in them, or an open descriptor, keeps them
 * from then on. Owned by its maker.
 */
public final class HeldNamespaces implements AutoCloseable {
  private static final int WITH_NETWORK = 1;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final ShimConnection holder;
  private final Path process;
  private final UserNamespace users;

  private HeldNamespaces(ShimConnection holder, long pid, IdMap ids) {
    this.holder = holder;
    this.process = Path.of("/proc/" + pid);
    this.users = new UserNamespace(process + "/ns/user", ids);
  }

  /**
   * @param in the user namespace; the host's for a new one with these ids
   */
  static HeldNamespaces make(
      ShimConnection connection, UserNamespace in, IdMap ids, boolean network) {
    try {
      byte[] path = (in.path() + "\0").getBytes(StandardCharsets.US_ASCII);
      connection.send(Frames.NAMESPACES, network ? WITH_NETWORK : 0, path, 0, path.length);
      HeldNamespaces held =
          new HeldNamespaces(connection, pidIn(connection.within(LIMIT, connection::read)), ids);
      if (in.isHost()) {
        // Written from the namespace above, which may give any ids: man 7 user_namespaces.
        Files.writeString(held.process.resolve("uid_map"), IdMap.text(ids.users()));
        Files.writeString(held.process.resolve("gid_map"), IdMap.text(ids.groups()));
      }
      return held;
    } catch (IOException e) {
      connection.close();
      throw new JcomposeException.Internal(
          "failed to map the ids " + ids + " in a user namespace: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private static long pidIn(ShimConnection.@Nullable Frame frame) {
    if (frame == null) {
      throw new JcomposeException.Internal("failed to make a user namespace: the shim ended");
    }
    if (frame.type() == Frames.FAILED) {
      throw new JcomposeException.Unavailable(
          "failed to make a user namespace: "
              + Failure.decode(frame.data()).toException("").getMessage()
              + "; see /proc/sys/user/max_user_namespaces");
    }
    ByteBuffer data = frame.data();
    return Integer.toUnsignedLong(data.getInt(data.position()));
  }

  /** For a task's specification. */
  public UserNamespace users() {
    return users;
  }

  /** The network namespace, whose owner is the user namespace; empty of all but a loopback. */
  public Path network() {
    return process.resolve("ns/net");
  }

  @Override
  public void close() {
    holder.close();
  }
}
