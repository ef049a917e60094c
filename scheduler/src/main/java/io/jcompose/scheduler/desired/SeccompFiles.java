package io.jcompose.scheduler.desired;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.ForeignFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import jnr.constants.platform.Errno;

/**
 * Seccomp profiles that a service names by their file ({@code security_opt:
 * [seccomp=profile.json]}): as in Docker Compose, the container is given the content.
 */
final class SeccompFiles {
  private static final String PREFIX = "seccomp";
  private static final int MAX_BYTES = 1 << 20;

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
      return PREFIX + "=" + new String(ForeignFile.content(file, MAX_BYTES), UTF_8);
    } catch (KernelException e) {
      if (e.is(Errno.EFBIG)) {
        throw new JcomposeException.InvalidArgument(
            "seccomp profile " + file + " is larger than 1 MiB", e);
      }
      throw new JcomposeException.InvalidArgument(
          "opening seccomp profile (" + file + ") failed: " + reason(e), e);
    }
  }

  /** A FIFO would be waited for, and a device such as /dev/zero has no end. */
  private static String reason(KernelException e) {
    return e.is(Errno.ENXIO) || e.is(Errno.EISDIR)
        ? "it is no regular file"
        : String.valueOf(e.getMessage());
  }
}
