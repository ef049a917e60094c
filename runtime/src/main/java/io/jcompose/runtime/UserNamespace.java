package io.jcompose.runtime;

import io.jcompose.core.IdMap;

/**
 * The user namespace that a task lives in. Immutable.
 *
 * @param path such as {@code /proc/<pid>/ns/user}; it must lead there until {@link
 *     TaskRuntime#start} has returned
 * @param ids its map, with a user and a group 0
 */
public record UserNamespace(String path, IdMap ids) {
  /** The host's own. */
  public static final UserNamespace HOST = new UserNamespace("", IdMap.HOST);

  /** The one that another task's process lives in. */
  public static UserNamespace ofProcess(long pid) {
    IdMap ids = IdMap.ofProcess(pid);
    return ids.isHost() ? HOST : new UserNamespace("/proc/" + pid + "/ns/user", ids);
  }

  public boolean isHost() {
    return path.isEmpty();
  }
}
