package io.jcompose.runtime.task;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The end of a process that another one traces: its parent hears of it only when the tracer has
 * waited for it or lets it go (man 2 ptrace), which a tracer in a joined pid namespace need never
 * do. Stateless.
 */
final class TracedEnd {
  private static final String SHIM = "jcompose-shim\n"; // main.c

  private TracedEnd() {}

  /** The shim that waits in vain for its main process; empty when that lives, or nobody has it. */
  static Optional<ProcessHandle> waitingShim(ProcessHandle main) {
    Optional<ProcessHandle> parent = main.parent();
    return isKept(text(main, "status")) && main.isAlive()
        ? parent.filter(TracedEnd::isShim)
        : Optional.empty();
  }

  /**
   * @param status as in {@code /proc/PID/status}
   */
  static boolean isKept(String status) {
    return status.contains("\nState:\tZ") && !status.contains("\nTracerPid:\t0\n");
  }

  /** One that is lost leaves its main process to init. */
  private static boolean isShim(ProcessHandle process) {
    return text(process, "comm").equals(SHIM);
  }

  /** Empty for one that is gone. */
  private static String text(ProcessHandle process, String file) {
    try {
      Path path = Path.of("/proc", Long.toString(process.pid()), file);
      return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
