package io.jcompose.runtime;

import io.jcompose.runtime.security.SecurityContext;

/**
 * What SELinux knows a container by. Immutable.
 *
 * @param process of its programs; empty leaves them the engine's own
 * @param files of what it finds in file systems of its own; empty leaves it to the policy
 */
public record TaskLabels(String process, String files) {
  public static final TaskLabels NONE = new TaskLabels("", "");

  // Counts where a record is read from a file.
  public TaskLabels {
    checked(process);
    checked(files);
  }

  private static void checked(String label) {
    if (!label.isEmpty()) {
      SecurityContext.parse(label);
    }
  }

  /** The files' label without categories, for what several containers use; may be empty. */
  String sharedFiles() {
    if (files.isEmpty()) {
      return "";
    }
    SecurityContext own = SecurityContext.parse(files);
    return own.level().isEmpty() ? files : own.withLevel("s0").text();
  }
}
