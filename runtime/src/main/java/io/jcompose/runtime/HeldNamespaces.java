package io.jcompose.runtime;

import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.plan.CloneFlags;
import io.jcompose.runtime.plan.Step;
import io.jcompose.runtime.plan.TaskPlan;
import io.jcompose.runtime.shim.Failure;
import io.jcompose.runtime.shim.Frames;
import io.jcompose.runtime.shim.ShimConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
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
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final ShimConnection holder;
  private final HeldProcess process;
  private final UserNamespace users;

  private HeldNamespaces(ShimConnection holder, HeldProcess process, IdMap ids) {
    this.holder = holder;
    this.process = process;
    this.users = new UserNamespace(process.namespace("user").toString(), ids);
  }

  /**
   * @param in the user namespace; the host's for a new one with these ids
   */
  static HeldNamespaces make(
      ShimConnection connection, UserNamespace in, IdMap ids, boolean network) {
    try {
      int own = (in.isHost() ? CloneFlags.NEWUSER : 0) | (network ? CloneFlags.NEWNET : 0);
      TaskPlan plan = new TaskPlan().add(new Step.Hold(in.path(), own));
      byte[] bytes = plan.encode();
      connection.send(Frames.NAMESPACES, 0, bytes, 0, bytes.length);
      ShimConnection.Frame answer = connection.within(LIMIT, connection::read);
      HeldProcess process =
          HeldProcess.open(pidIn(answer, plan)).orElseThrow(HeldNamespaces::ended);
      try {
        checkOrMap(process, in, ids);
        return new HeldNamespaces(connection, process, ids);
      } catch (IOException | RuntimeException e) {
        process.close();
        throw e;
      }
    } catch (IOException e) {
      connection.close();
      throw new JcomposeException.Internal(
          "failed to map the ids " + ids + " in a user namespace: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** Either fails for another process that has the number of a holder that ended early. */
  private static void checkOrMap(HeldProcess process, UserNamespace in, IdMap ids)
      throws IOException {
    if (in.isHost()) {
      // Written from the namespace above, which may give any ids: man 7 user_namespaces.
      Files.writeString(process.path().resolve("uid_map"), IdMap.text(ids.users()));
      Files.writeString(process.path().resolve("gid_map"), IdMap.text(ids.groups()));
    } else if (!Files.isSameFile(process.namespace("user"), Path.of(in.path()))) {
      throw ended();
    }
  }

  private static JcomposeException ended() {
    return new JcomposeException.Internal("failed to make a user namespace: the shim ended");
  }

  private static long pidIn(ShimConnection.@Nullable Frame frame, TaskPlan plan) {
    if (frame == null) {
      throw ended();
    }
    if (frame.type() == Frames.FAILED) {
      throw new JcomposeException.Unavailable(
          "failed to make a user namespace: "
              + Failure.decode(frame.data(), plan).toException("").getMessage()
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
    return process.namespace("net");
  }

  @Override
  public void close() {
    process.close();
    holder.close();
  }
}
