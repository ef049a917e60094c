package io.jcompose.engine.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Why a killed process is still there, as far as /proc shows. Stateless. */
final class StuckProcess {
  private StuckProcess() {}

  /**
   * A part of a sentence.
   *
   * @param pid of a container's first process, whose parent is its shim
   */
  static String why(long pid) {
    Optional<Long> shim =
        ProcessHandle.of(pid).flatMap(ProcessHandle::parent).map(ProcessHandle::pid);
    return shim.filter(StuckProcess::isStopped)
        .map(
            parent ->
                "its jcompose-shim was stopped by a signal: `kill -CONT "
                    + parent
                    + "` lets it go on")
        .orElse("a process of it hangs in the kernel");
  }

  /** As man 5 proc has it: the state comes after the name, which may hold anything. */
  private static boolean isStopped(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
      return stat.substring(stat.lastIndexOf(')') + 1).strip().matches("(?s)[Tt].*");
    } catch (IOException e) {
      return false; // it is gone
    }
  }
}
