package io.jcompose.engine.launch;

import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.network.Sandbox;
import io.jcompose.runtime.Task;
import io.jcompose.runtime.TaskListener;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Brings a container's process up. {@link Launch} does it on this machine. */
public interface Launching {
  /** Says that a start is likely soon, so that what it must wait for can begin. Does not block. */
  void expect();

  /**
   * Starts the process; on failure nothing of the attempt is left.
   *
   * @param attaches how many sessions will attach right after; no output is lost to them
   * @param beforeTask called with the open sandbox before the process exists, so that a record can
   *     name what a crash would leave
   */
  Launched start(
      ContainerRecord record,
      TaskListener listener,
      Consumer<@Nullable Sandbox> beforeTask,
      int attaches);

  /** Removes the configs and secrets that a container ran with. */
  void removeFiles(String id);

  /** Gives back the volumes that a container ran with. */
  void releaseVolumes(ContainerRecord record);

  /** A started process; {@code sandbox} is null for the host's network or another container's. */
  record Launched(Task task, @Nullable Sandbox sandbox) {}
}
