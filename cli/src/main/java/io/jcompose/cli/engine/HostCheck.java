package io.jcompose.cli.engine;

import io.jcompose.cli.terminal.CommandFailure;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says in one sentence what a host lacks for an engine, instead of the call that failed by it.
 * Pure.
 */
final class HostCheck {
  private static final Pattern UID = Pattern.compile("(?m)^Uid:\\s+\\d+\\s+(\\d+)\\s");
  private static final Pattern EFFECTIVE = Pattern.compile("(?m)^CapEff:\\s+([0-9a-f]+)$");

  /** By bit, linux/capability.h. */
  private static final Map<Integer, String> NEEDED =
      new TreeMap<>(Map.of(12, "CAP_NET_ADMIN", 21, "CAP_SYS_ADMIN"));

  /** What the kernel says where it was built without something, or a module is missing. */
  private static final List<String> MISSING =
      List.of("EOPNOTSUPP", "EPROTONOSUPPORT", "EAFNOSUPPORT", "ENODEV", "ENOSYS", "ENOPROTOOPT");

  private HostCheck() {}

  /**
   * Refuses a process that may not do what an engine does.
   *
   * @param status text of proc_pid_status(5)
   */
  static void requireRights(String status) {
    Matcher uid = UID.matcher(status);
    if (!uid.find() || !uid.group(1).equals("0")) {
      throw new CommandFailure(
          "the engine needs root, for namespaces, mounts and the firewall: run `jcompose engine` as"
              + " root, or use sudo",
          1);
    }
    Matcher effective = EFFECTIVE.matcher(status);
    long has = effective.find() ? Long.parseUnsignedLong(effective.group(1), 16) : -1;
    List<String> lacks =
        NEEDED.entrySet().stream()
            .filter(entry -> (has >> entry.getKey() & 1) == 0)
            .map(Map.Entry::getValue)
            .toList();
    if (!lacks.isEmpty()) {
      throw new CommandFailure(
          "the engine cannot start: root has not "
              + String.join(" and ", lacks)
              + " here, as in a container: run the container privileged (--privileged), or the engine"
              + " on the host",
          1);
    }
  }

  /** An error that nobody foresaw, with what is likely behind it. */
  static String explain(Throwable error) {
    String message = Objects.toString(error.getMessage(), error.toString());
    Throwable cause = error.getCause();
    if (cause != null && cause.getMessage() != null && !message.contains(cause.getMessage())) {
      message += ": " + cause.getMessage();
    }
    if (message.contains("EPERM") || message.contains("EACCES")) {
      return message
          + ": root may not do that here, as in a container or under a security module: run the"
          + " container privileged (--privileged), or the engine on the host";
    }
    if (MISSING.stream().anyMatch(message::contains)) {
      return message
          + ": the kernel lacks what this needs: load the modules overlay, bridge, veth and"
          + " nf_tables (`modprobe`), or use a kernel that has them";
    }
    return message + "; with \"log-level\": \"debug\" in engine.json the log has the whole error";
  }
}
