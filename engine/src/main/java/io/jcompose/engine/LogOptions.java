package io.jcompose.engine;

import io.jcompose.core.ByteSize;
import io.jcompose.core.ContainerSpec.Logging;
import io.jcompose.core.JcomposeException;
import java.util.Set;

/** The options of the json-file log. By default a log is rotated: ten megabytes, three files. */
final class LogOptions {
  private static final Set<String> KNOWN = Set.of("max-size", "max-file");

  private LogOptions() {}

  /** Throws NotSupported or InvalidArgument for a driver or option that cannot be carried out. */
  static void check(Logging logging) {
    if (!Set.of("json-file", "none").contains(logging.driver())) {
      throw new JcomposeException.NotSupported(
          "logging driver \""
              + logging.driver()
              + "\" is not carried out yet; use json-file or none");
    }
    for (String option : logging.options().keySet()) {
      if (!KNOWN.contains(option)) {
        throw new JcomposeException.NotSupported(
            "unknown log opt '" + option + "' for json-file log driver");
      }
    }
    maxBytes(logging, 0);
    maxFiles(logging, 1);
  }

  /** Size at which a file is rotated; {@code -1} is never. */
  static long maxBytes(Logging logging, long byDefault) {
    String text = logging.options().get("max-size");
    return text == null ? byDefault : text.equals("-1") ? 0 : ByteSize.parse(text);
  }

  static int maxFiles(Logging logging, int byDefault) {
    String text = logging.options().get("max-file");
    if (text == null) {
      return byDefault;
    }
    if (!text.matches("[1-9]\\d{0,3}")) {
      throw new JcomposeException.InvalidArgument("max-file must be a positive number: " + text);
    }
    return Integer.parseInt(text);
  }
}
