package io.jcompose.runtime;

import java.util.List;

/** Paths of the kernel that a container finds empty, and those it may not write. Immutable. */
public record PathRules(List<String> masked, List<String> readOnly) {
  private static final PathRules DEFAULT = new PathRules(RootfsPlan.MASKED, RootfsPlan.READ_ONLY);
  private static final PathRules NONE = new PathRules(List.of(), List.of());

  /** Those of a container with these settings. */
  public static PathRules of(boolean privileged, List<String> securityOptions) {
    boolean free = privileged || !SecurityOptions.parse(securityOptions).systemPaths();
    return free ? NONE : DEFAULT;
  }
}
