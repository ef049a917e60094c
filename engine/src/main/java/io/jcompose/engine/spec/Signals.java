package io.jcompose.engine.spec;

import io.jcompose.core.JcomposeException;
import java.util.List;
import java.util.Locale;

/** Signal names of man 7 signal, as on all architectures but alpha, mips and sparc. */
public final class Signals {
  public static final int KILL = 9;
  static final int TERM = 15;

  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");
  private static final int REALTIME_FIRST = 34;
  private static final int REALTIME_LAST = 64;

  private Signals() {}

  /**
   * The number of {@code SIGTERM}, {@code term}, {@code RTMIN+3} or {@code 15}; throws
   * InvalidArgument ({@code Invalid signal: X}).
   */
  public static int parse(String text) {
    String name = text.strip().toUpperCase(Locale.ROOT);
    if (name.startsWith("SIG")) {
      name = name.substring(3);
    }
    int index = NAMES.indexOf(name);
    int number = index >= 0 ? index + 1 : name.startsWith("RT") ? realtime(name) : decimal(name);
    if (number < 1 || number > REALTIME_LAST) {
      throw new JcomposeException.InvalidArgument("invalid signal: " + text);
    }
    return number;
  }

  private static int realtime(String name) {
    if (name.equals("RTMIN")) {
      return REALTIME_FIRST;
    }
    if (name.equals("RTMAX")) {
      return REALTIME_LAST;
    }
    if (name.startsWith("RTMIN+")) {
      return REALTIME_FIRST + decimal(name.substring(6));
    }
    return name.startsWith("RTMAX-") ? REALTIME_LAST - decimal(name.substring(6)) : -1;
  }

  private static int decimal(String text) {
    if (text.isEmpty() || text.length() > 3 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -REALTIME_LAST;
    }
    return Integer.parseInt(text);
  }
}
