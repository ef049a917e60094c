package io.jcompose.engine.log;

import io.jcompose.core.ByteSize;
import io.jcompose.core.ContainerSpec.Logging;
import io.jcompose.core.JcomposeException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * How a container's log is kept, by Docker's log drivers and their options. Every driver but none
 * writes json-file records to the container's folder; syslog and journald are sent from there, so
 * that nothing is lost while nobody receives. By default a log is rotated: ten megabytes and three
 * files for json-file, as Docker's 20 MB, five files, packed, for the others. Immutable.
 *
 * @param maxBytes size at which a file is rotated; 0 is never
 * @param maxFiles files kept, the current one included
 * @param packed rotated files are compressed
 */
public record LogOptions(long maxBytes, int maxFiles, boolean packed) {
  private static final String JSON_FILE = "json-file";
  private static final Set<String> FILE = Set.of("max-size", "max-file", "compress");
  private static final Set<String> CACHE =
      Set.of("cache-max-size", "cache-max-file", "cache-compress");
  private static final Set<String> WRITING = Set.of("mode", "max-buffer-size");
  private static final Set<String> ATTRIBUTES =
      Set.of("labels", "labels-regex", "env", "env-regex", "tag");
  private static final Set<String> SYSLOG =
      Set.of("syslog-address", "syslog-facility", "syslog-format");
  private static final Map<String, List<Set<String>>> DRIVERS =
      Map.of(
          JSON_FILE,
          List.of(FILE, WRITING, ATTRIBUTES),
          "local",
          List.of(FILE, WRITING),
          "none",
          List.of(),
          "journald",
          List.of(CACHE, WRITING, ATTRIBUTES),
          "syslog",
          List.of(CACHE, WRITING, ATTRIBUTES, SYSLOG));

  /** Throws NotSupported or InvalidArgument for a driver or option that cannot be carried out. */
  public static void check(Logging logging) {
    List<Set<String>> known = DRIVERS.get(logging.driver());
    if (known == null) {
      throw new JcomposeException.NotSupported(
          "logging driver \""
              + logging.driver()
              + "\" is not carried out; use json-file, local, journald, syslog or none");
    }
    checkNames(logging, known);
    checkMode(logging);
    for (String option : List.of("labels-regex", "env-regex")) {
      checkPattern(option, logging.options().get(option));
    }
    LogAttributes.checkTag(logging.options().getOrDefault("tag", ""));
    if (logging.driver().equals("syslog")) {
      Syslog.check(logging.options());
    }
    LogOptions options = of(logging);
    boolean rotates = options.maxBytes > 0 && options.maxFiles > 1;
    if (options.packed && !rotates && logging.options().containsKey("compress")) {
      throw new JcomposeException.InvalidArgument(
          "compress cannot be true when max-file is less than 2 or max-size is not set");
    }
  }

  private static void checkNames(Logging logging, List<Set<String>> known) {
    for (String option : logging.options().keySet()) {
      if (known.stream().noneMatch(group -> group.contains(option))) {
        throw new JcomposeException.NotSupported(
            "unknown log opt '" + option + "' for " + logging.driver() + " log driver");
      }
    }
  }

  /** The options with their defaults; throws InvalidArgument. */
  public static LogOptions of(Logging logging) {
    String prefix = Set.of("journald", "syslog").contains(logging.driver()) ? "cache-" : "";
    boolean json = logging.driver().equals(JSON_FILE);
    Map<String, String> given = logging.options();
    String compress = given.getOrDefault(prefix + "compress", json ? "false" : "true");
    if (!Set.of("true", "false").contains(compress)) {
      throw new JcomposeException.InvalidArgument(
          prefix + "compress must be true or false: " + compress);
    }
    return new LogOptions(
        bytes(given.getOrDefault(prefix + "max-size", json ? "10m" : "20m")),
        files(given.getOrDefault(prefix + "max-file", json ? "3" : "5")),
        compress.equals("true"));
  }

  private static long bytes(String text) {
    return text.equals("-1") ? 0 : ByteSize.parse(text);
  }

  private static int files(String text) {
    if (!text.matches("[1-9]\\d{0,3}")) {
      throw new JcomposeException.InvalidArgument("max-file must be a positive number: " + text);
    }
    return Integer.parseInt(text);
  }

  /** Nothing ever waits for the log here, so both modes are one. */
  private static void checkMode(Logging logging) {
    String mode = logging.options().getOrDefault("mode", "blocking");
    if (!Set.of("blocking", "non-blocking").contains(mode)) {
      throw new JcomposeException.InvalidArgument("logger: unknown log mode: " + mode);
    }
    String size = logging.options().get("max-buffer-size");
    if (size != null) {
      long _ = ByteSize.parse(size);
    }
  }

  private static void checkPattern(String option, @Nullable String pattern) {
    try {
      if (pattern != null) {
        Pattern _ = Pattern.compile(pattern);
      }
    } catch (PatternSyntaxException e) {
      throw new JcomposeException.InvalidArgument(
          "invalid " + option + " \"" + pattern + "\": " + e.getDescription());
    }
  }
}
