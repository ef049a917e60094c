package io.jcompose.runtime.security;

import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.Selinux;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A container's {@code security_opt} list, read as Docker reads it: {@code key=value} or {@code
 * key:value}. Immutable.
 *
 * @param seccomp {@code unconfined}, a profile as JSON, or empty for the default one
 * @param appArmor a profile's name, {@code unconfined}, or empty for the default one
 * @param labels what is asked of {@link Selinux}, such as {@code type:x}
 * @param systemPaths false shows masked and read-only paths as they are
 */
public record SecurityOptions(
    boolean noNewPrivileges,
    Optional<String> seccomp,
    boolean systemPaths,
    String appArmor,
    List<String> labels) {
  private static final int SHOWN = 60;
  static final String UNCONFINED = "unconfined";

  /**
   * Reads the options.
   *
   * @throws JcomposeException.InvalidArgument for what Docker refuses too
   */
  public static SecurityOptions parse(List<String> options) {
    String appArmor = "";
    List<String> labels = new ArrayList<>();
    boolean noNewPrivileges = false;
    String seccomp = "";
    boolean systemPaths = true;
    for (String option : options) {
      if (option.equals("no-new-privileges")) {
        noNewPrivileges = true;
        continue;
      }
      if (option.equals("disable")) { // of labels, in Docker's oldest form
        labels.add(option);
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
        case "label" -> labels.add(value);
        case "apparmor" -> appArmor = value;
        default -> throw invalid(2, option);
      }
    }
    return new SecurityOptions(
        noNewPrivileges,
        seccomp.isEmpty() ? Optional.empty() : Optional.of(seccomp),
        systemPaths,
        appArmor,
        labels);
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

  private static JcomposeException.InvalidArgument invalid(int kind, String option) {
    String shown = option.length() > SHOWN ? option.substring(0, SHOWN) + "…" : option;
    return new JcomposeException.InvalidArgument(
        "invalid --security-opt " + kind + ": \"" + shown + "\"");
  }

  public SecurityOptions {
    labels = List.copyOf(labels);
  }
}
