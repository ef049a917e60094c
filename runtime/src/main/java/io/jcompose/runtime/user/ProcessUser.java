package io.jcompose.runtime.user;

import java.util.List;

/**
 * A user by numbers. Immutable.
 *
 * @param groups all of them, the first one too
 */
public record ProcessUser(int uid, int gid, List<Integer> groups, String home) {
  /** The one that needs no files. */
  public static final ProcessUser ROOT = new ProcessUser(0, 0, List.of(0), "/");

  public ProcessUser {
    groups = List.copyOf(groups);
  }
}
