package io.jcompose.cli.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Who started this engine and starts it again.
 *
 * @param text {@code systemd}, {@code a command} or {@code hand}
 * @param hasJournal standard error goes to the journal (systemd.exec(5), JOURNAL_STREAM)
 */
record Supervisor(String text, boolean hasJournal) {
  static final String SYSTEMD = "systemd";

  /**
   * A process of a service may start an engine by a command, too: only its main one is the unit.
   */
  static Supervisor find(boolean background, Map<String, String> env) {
    boolean ofPid1 =
        ProcessHandle.current()
            .parent()
            .map(ProcessHandle::pid)
            .filter(pid -> pid == 1)
            .isPresent();
    if (background || !ofPid1 || !env.containsKey("INVOCATION_ID")) {
      return new Supervisor(background ? "a command" : "hand", false);
    }
    return new Supervisor(SYSTEMD, isJournal(env.getOrDefault("JOURNAL_STREAM", "")));
  }

  private static boolean isJournal(String stream) {
    try {
      Map<String, Object> error = Files.readAttributes(Path.of("/proc/self/fd/2"), "unix:dev,ino");
      return stream.equals(error.get("dev") + ":" + error.get("ino"));
    } catch (IOException e) {
      return false;
    }
  }
}
