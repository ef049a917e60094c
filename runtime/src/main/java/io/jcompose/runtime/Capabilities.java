package io.jcompose.runtime;

import io.jcompose.core.JcomposeException;
import java.util.List;
import java.util.Locale;

/** Sets of Linux capabilities as bit masks; man 7 capabilities. */
final class Capabilities {
  private static final List<String> NAMES =
      List.of(
          ("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE"
                  + " NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE"
                  + " SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE"
                  + " SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE"
                  + " MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF"
                  + " CHECKPOINT_RESTORE")
              .split(" "));
  static final long ALL = (1L << NAMES.size()) - 1;

  /** What Docker leaves to a container. */
  static final long DEFAULT =
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

  /** The default set with additions and removals, each a name with or without CAP_, or ALL. */
  static long resolve(List<String> add, List<String> drop, boolean privileged) {
    if (privileged) {
      return ALL;
    }
    long mask = drop.stream().anyMatch(Capabilities::isAll) ? 0 : DEFAULT;
    if (add.stream().anyMatch(Capabilities::isAll)) {
      mask = ALL;
    }
    for (String name : add) {
      mask |= isAll(name) ? 0 : bit(name);
    }
    for (String name : drop) {
      mask &= isAll(name) ? -1L : ~bit(name);
    }
    return mask;
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
