package io.jcompose.runtime.security;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Sets of Linux capabilities as bit masks; man 7 capabilities. */
public final class Capabilities {
  private static final List<String> NAMES =
      List.of(
          ("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP"
                  + " LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK"
                  + " IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN"
                  + " SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE"
                  + " AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND"
                  + " AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE")
              .split(" "));
  static final long ALL = (1L << NAMES.size()) - 1;

  /** What Docker leaves to a container. */
  public static final long DEFAULT =
      maskOf(
          "CHOWN",
          "DAC_OVERRIDE",
          "FSETID",
          "FOWNER",
          "MKNOD",
          "NET_RAW",
          "SETGID",
          "SETUID",
          "SETFCAP",
          "SETPCAP",
          "NET_BIND_SERVICE",
          "SYS_CHROOT",
          "KILL",
          "AUDIT_WRITE");

  private Capabilities() {}

  /** What a container may have, by its options, of what this process itself may hand on. */
  public static long resolve(List<String> add, List<String> drop, boolean privileged) {
    return resolve(add, drop, privileged, Own.SET);
  }

  /**
   * The default set with additions and removals, each a name with or without CAP_, or ALL; as
   * moby's TweakCapabilities.
   *
   * @param available what the machine has
   */
  public static long resolve(
      List<String> add, List<String> drop, boolean privileged, long available) {
    if (privileged) {
      return ALL & available;
    }
    long added = maskOf("CapAdd", add, available);
    long dropped = maskOf("CapDrop", drop, ALL);
    if (add.stream().anyMatch(Capabilities::isAll)) {
      return ALL & available & ~dropped;
    }
    if (drop.stream().anyMatch(Capabilities::isAll)) {
      return added;
    }
    return (DEFAULT & available & ~dropped) | added;
  }

  private static long maskOf(String option, List<String> names, long available) {
    long mask = 0;
    for (String name : names) {
      if (isAll(name)) {
        continue;
      }
      String full = name.toUpperCase(Locale.ROOT);
      full = full.startsWith("CAP_") ? full : "CAP_" + full;
      if (!isKnown(full)) {
        throw new JcomposeException.InvalidArgument(
            "invalid " + option + ": unknown capability: \"" + full + "\"");
      }
      if ((bit(full) & available) == 0) {
        throw new JcomposeException.InvalidArgument(
            "invalid "
                + option
                + ": capability not supported by your kernel or not available in the current"
                + " environment: \""
                + full
                + "\"");
      }
      mask |= bit(full);
    }
    return mask;
  }

  /** What this process has and its children can have: man 5 proc, CapPrm and CapBnd. */
  private static final class Own {
    static final long SET = read();

    private static long read() {
      long set = ALL;
      try {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
          if (line.startsWith("CapPrm:") || line.startsWith("CapBnd:")) {
            set &= Long.parseUnsignedLong(line.substring(7).strip(), 16);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException("failed to read the own capabilities", e);
      }
      return set;
    }
  }

  /** The number of the kernel's last one; 63, which none has, where it does not say. */
  public static int last() {
    return Last.NUMBER;
  }

  private static final class Last {
    static final int NUMBER = read();

    private static int read() {
      try {
        return Integer.parseInt(
            Files.readAllLines(Path.of("/proc/sys/kernel/cap_last_cap")).getFirst().strip());
      } catch (IOException | NumberFormatException e) {
        return Long.SIZE - 1;
      }
    }
  }

  /** True for a name with or without CAP_ that this version knows. */
  static boolean isKnown(String name) {
    return NAMES.contains(name.startsWith("CAP_") ? name.substring(4) : name);
  }

  /** Those of a mask, as {@code CAP_CHOWN}. */
  public static List<String> names(long mask) {
    return NAMES.stream().map("CAP_"::concat).filter(name -> has(mask, name)).toList();
  }

  /** True when the mask has the capability, given as {@code CAP_SYS_ADMIN}. */
  static boolean has(long mask, String name) {
    return (mask & bit(name)) != 0;
  }

  private static boolean isAll(String name) {
    return name.equalsIgnoreCase("ALL");
  }

  private static long bit(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    int index = NAMES.indexOf(upper.startsWith("CAP_") ? upper.substring(4) : upper);
    if (index < 0) {
      throw new JcomposeException.InvalidArgument("invalid capability: \"" + name + "\"");
    }
    return 1L << index;
  }

  private static long maskOf(String... names) {
    long mask = 0;
    for (String name : names) {
      mask |= bit(name);
    }
    return mask;
  }
}
