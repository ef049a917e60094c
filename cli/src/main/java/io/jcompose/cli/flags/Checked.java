package io.jcompose.cli.flags;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Single values that docker's command line itself looks at; each throws as Flags wants. */
final class Checked {
  private static final Set<String> LIMITS =
      Set.of(
          "core",
          "cpu",
          "data",
          "fsize",
          "locks",
          "memlock",
          "msgqueue",
          "nice",
          "nofile",
          "nproc",
          "rss",
          "rtprio",
          "rttime",
          "sigpending",
          "stack");

  private static final Set<String> SETTINGS =
      Set.of(
          "kernel.msgmax",
          "kernel.msgmnb",
          "kernel.msgmni",
          "kernel.sem",
          "kernel.shmall",
          "kernel.shmmax",
          "kernel.shmmni",
          "kernel.shm_rmid_forced");

  private static final Pattern ADDRESS =
      Pattern.compile(
          "(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private static final Pattern DOMAIN =
      Pattern.compile("\\.|[a-zA-Z0-9]([\\w-]{0,61}\\w)?(\\.[a-zA-Z0-9]([\\w-]{0,61}\\w)?)*\\.?");

  private Checked() {}

  static String address(String text) {
    if (!ADDRESS.matcher(text.strip()).matches()) {
      throw new IllegalArgumentException("IP address is not correctly formatted: " + text);
    }
    return text.strip();
  }

  static String domain(String text) {
    if (!DOMAIN.matcher(text.strip()).matches()) {
      throw new IllegalArgumentException(text + " is not a valid domain");
    }
    return text.strip();
  }

  /** {@code host:ip} of that, or of {@code host=ip}. */
  static String extraHost(String text) {
    int cut = text.indexOf('=') >= 0 ? text.indexOf('=') : text.indexOf(':');
    if (cut < 1) {
      throw new IllegalArgumentException("bad format for add-host: \"" + text + "\"");
    }
    String address = text.substring(cut + 1);
    if (address.startsWith("[") && address.endsWith("]")) {
      address = address.substring(1, address.length() - 1);
    }
    if (!address.equals("host-gateway") && !ADDRESS.matcher(address).matches()) {
      throw new IllegalArgumentException("invalid IP address in add-host: \"" + address + "\"");
    }
    return text.substring(0, cut) + ":" + address;
  }

  static String link(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("empty string specified for links");
    }
    if (text.split(":", -1).length > 2) {
      throw new IllegalArgumentException("bad format for links: " + text);
    }
    return text;
  }

  static String setting(String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    boolean known =
        SETTINGS.contains(name) || name.startsWith("net.") || name.startsWith("fs.mqueue.");
    if (equals < 0 || !known) {
      throw new IllegalArgumentException("sysctl '" + text + "' is not allowed");
    }
    return text;
  }

  /** A stream that the caller wants, in small letters. */
  static String stream(String text) {
    String stream = text.toLowerCase(Locale.ROOT);
    if (!Set.of("stdin", "stdout", "stderr").contains(stream)) {
      throw new IllegalArgumentException("valid streams are STDIN, STDOUT and STDERR");
    }
    return stream;
  }

  /** {@code nofile=SOFT[:HARD]}. */
  static Map<String, Object> limit(String text) {
    int equals = text.indexOf('=');
    if (equals < 0) {
      throw new IllegalArgumentException("invalid ulimit argument: " + text);
    }
    String name = text.substring(0, equals);
    if (!LIMITS.contains(name)) {
      throw new IllegalArgumentException("invalid ulimit type: " + name);
    }
    List<String> values = List.of(text.substring(equals + 1).split(":", -1));
    if (values.size() > 2) {
      throw new IllegalArgumentException(
          "too many limit value arguments - "
              + text.substring(equals + 1)
              + ", can only have up to two, `soft[:hard]`");
    }
    long soft = Quantity.whole(values.getFirst());
    long hard = Quantity.whole(values.getLast());
    if (hard != -1 && soft == -1) {
      throw new IllegalArgumentException(
          "ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: "
              + hard);
    }
    if (hard != -1 && soft > hard) {
      throw new IllegalArgumentException(
          "ulimit soft limit must be less than or equal to hard limit: " + soft + " > " + hard);
    }
    Map<String, Object> limit = new LinkedHashMap<>();
    limit.put("Name", name);
    limit.put("Hard", hard);
    limit.put("Soft", soft);
    return limit;
  }

  /** {@code on-failure:3}. */
  static Map<String, Object> restart(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    if (colon == 0) {
      throw InvalidFlag.conflict("invalid restart policy format: no policy provided before colon");
    }
    String count = colon < 0 ? "" : text.substring(colon + 1);
    if (!count.matches("|[+-]?\\d{1,9}")) {
      throw InvalidFlag.conflict(
          "invalid restart policy format: maximum retry count must be an integer");
    }
    Map<String, Object> policy = new LinkedHashMap<>();
    policy.put("Name", name);
    policy.put("MaximumRetryCount", count.isEmpty() ? 0 : Integer.parseInt(count));
    return policy;
  }
}
