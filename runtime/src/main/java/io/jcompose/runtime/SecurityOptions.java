package io.jcompose.runtime;

import io.jcompose.core.JcomposeException;
import java.util.List;
import java.util.Optional;

/**
 * A container's {@code security_opt} list, read as Docker reads it: {@code key=value} or {@code
 * key:value}. Immutable.
 *
 * @param seccomp {@code unconfined}, a profile as JSON, or empty for the default one
 * @param systemPaths false shows masked and read-only paths as they are
 */
record SecurityOptions(boolean noNewPrivileges, Optional<String> seccomp, boolean systemPaths) {
  private static final int SHOWN = 60;
  static final String UNCONFINED = "unconfined";

  /**
   * Reads the options.
   *
   * @throws JcomposeException.InvalidArgument for what Docker refuses too
   * @throws JcomposeException.NotSupported for confinement that this engine cannot give
   */
  static SecurityOptions parse(List<String> options) {
    boolean noNewPrivileges = false;
    String seccomp = "";
    boolean systemPaths = true;
    for (String option : options) {
      if (option.equals("no-new-privileges")) {
        noNewPrivileges = true;
        continue;
      }
      if (option.equals("disable")) { // of labels, in Docker's oldest form
        continue;
      }
      int cut = option.indexOf('=') >= 0 ? option.indexOf('=') : option.indexOf(':');
      if (cut < 0) {
        throw invalid(1, option);
      }
      String value = option.substring(cut + 1);
      switch (option.substring(0, cut)) {
        case "no-new-privileges" -> noNewPrivileges = truth(value, option);
        case "seccomp" -> seccomp = value.equals("builtin") ? "" : value;
        case "systempaths" -> systemPaths = !isUnconfined(value, option);
        case "label" -> {} // as dockerd without --selinux-enabled
        case "apparmor" -> checkAppArmor(value);
        default -> throw invalid(2, option);
      }
    }
    return new SecurityOptions(
        noNewPrivileges, seccomp.isEmpty() ? Optional.empty() : Optional.of(seccomp), systemPaths);
  }

  private static boolean truth(String value, String option) {
    return switch (value) { // Go's strconv.ParseBool
      case "1", "t", "T", "TRUE", "true", "True" -> true;
      case "0", "f", "F", "FALSE", "false", "False" -> false;
      default -> throw invalid(2, option);
    };
  }

  private static boolean isUnconfined(String value, String option) {
    if (!value.equals(UNCONFINED)) {
      throw invalid(2, option);
    }
    return true;
  }

  /** As in Docker, a profile has no effect on a machine without AppArmor. */
  private static void checkAppArmor(String profile) {
    if (!profile.equals(UNCONFINED) && !profile.isEmpty() && AppArmor.ENABLED) {
      throw new JcomposeException.NotSupported(
          "security_opt \"apparmor="
              + profile
              + "\": AppArmor profiles are not applied yet; use apparmor=unconfined");
    }
  }

  private static JcomposeException.InvalidArgument invalid(int kind, String option) {
    String shown = option.length() > SHOWN ? option.substring(0, SHOWN) + "…" : option;
    return new JcomposeException.InvalidArgument(
        "invalid --security-opt " + kind + ": \"" + shown + "\"");
  }

  /** Whether the machine enforces AppArmor profiles. */
  private static final class AppArmor {
    static final boolean ENABLED = isEnabled();

    private static boolean isEnabled() {
      try {
        return java.nio.file.Files.readString(
                java.nio.file.Path.of("/sys/module/apparmor/parameters/enabled"))
            .startsWith("Y");
      } catch (java.io.IOException e) {
        return false;
      }
    }
  }
}
