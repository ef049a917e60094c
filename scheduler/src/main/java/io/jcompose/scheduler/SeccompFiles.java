package io.jcompose.scheduler;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Seccomp profiles that a service names by their file ({@code security_opt:
 * [seccomp=profile.json]}): as in Docker Compose, the container is given the content.
 */
final class SeccompFiles {
  private static final String PREFIX = "seccomp";
  private static final long MAX_BYTES = 1 << 20;

  private SeccompFiles() {}

  /** The options with the content of profiles in the place of their paths. */
  static List<String> read(List<String> options, Path workingDir) {
    return options.stream().map(option -> read(option, workingDir)).toList();
  }

  private static String read(String option, Path workingDir) {
    if (!option.startsWith(PREFIX + "=") && !option.startsWith(PREFIX + ":")) {
      return option;
    }
    String value = option.substring(PREFIX.length() + 1);
    if (Set.of("unconfined", "builtin").contains(value) || value.startsWith("{")) {
      return option;
    }
    Path file = workingDir.resolve(value);
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) { // one like /dev/zero has no end
        throw new JcomposeException.InvalidArgument(
            "opening seccomp profile (" + file + ") failed: it is no regular file");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new JcomposeException.InvalidArgument(
            "seccomp profile " + file + " is larger than 1 MiB");
      }
      return PREFIX + "=" + Files.readString(file);
    } catch (IOException e) {
      throw new JcomposeException.InvalidArgument(
          "opening seccomp profile (" + file + ") failed: " + e, e);
    }
  }
}
