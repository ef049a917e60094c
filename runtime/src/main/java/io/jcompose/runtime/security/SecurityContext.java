package io.jcompose.runtime.security;

import io.jcompose.core.JcomposeException;

/**
 * A label of SELinux, {@code user:role:type[:level]}. Immutable.
 *
 * @param level such as {@code s0:c1,c2}; empty where the policy has no levels
 */
public record SecurityContext(String user, String role, String type, String level) {
  /** What the kernel takes as an option of a file system, with its NUL. */
  private static final int LIMIT = 255;

  /**
   * @throws JcomposeException.InvalidArgument for what is none
   */
  public static SecurityContext parse(String text) {
    String[] parts = text.split(":", 4);
    if (parts.length < 3) {
      throw new JcomposeException.InvalidArgument("invalid SELinux label \"" + text + "\"");
    }
    return new SecurityContext(parts[0], parts[1], parts[2], parts.length == 4 ? parts[3] : "");
  }

  public SecurityContext withUser(String other) {
    return new SecurityContext(other, role, type, level);
  }

  public SecurityContext withRole(String other) {
    return new SecurityContext(user, other, type, level);
  }

  public SecurityContext withType(String other) {
    return new SecurityContext(user, role, other, level);
  }

  public SecurityContext withLevel(String other) {
    return new SecurityContext(user, role, type, other);
  }

  /**
   * The kernel's form.
   *
   * @throws JcomposeException.InvalidArgument for one that the kernel cannot take
   */
  public String text() {
    String text = user + ":" + role + ":" + type + (level.isEmpty() ? "" : ":" + level);
    if (text.length() > LIMIT || text.chars().anyMatch(c -> c <= ' ' || c > '~' || c == '"')) {
      throw new JcomposeException.InvalidArgument("invalid SELinux label \"" + text + "\"");
    }
    return text;
  }
}
