package io.jcompose.engine.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** How long a process has been there, by a clock that nobody can set (man 5 proc). */
final class ProcessAge {
  /** Of a second: USER_HZ, which is 100 wherever Java runs. */
  private static final long TICK_MILLIS = 10;

  /** The place of starttime behind the name, which may hold spaces and parentheses. */
  private static final int STARTTIME = 19;

  private ProcessAge() {}

  /** Zero for a process that is gone. */
  static Duration of(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      long begun = Long.parseLong(fields[STARTTIME]) * TICK_MILLIS;
      String uptime = Files.readString(Path.of("/proc/uptime"));
      long now = (long) (Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))) * 1000);
      return Duration.ofMillis(Math.max(0, now - begun));
    } catch (IOException e) {
      return Duration.ZERO;
    }
  }
}
