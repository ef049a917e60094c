package io.jcompose.runtime;

import io.jcompose.core.IdMap;

/**
 * The user namespace that a task lives in. Immutable.
 *
 * @param path such as that of a {@link HeldProcess}; it must lead there until {@link
 *     TaskRuntime#start} has returned
 * @param ids its map, with a user and a group 0
 */
public record UserNamespace(String path, IdMap ids) {
  /** The host's own. */
  public static final UserNamespace HOST = new UserNamespace("", IdMap.HOST);

  /** The one that another task's process lives in, which stays the caller's. */
  public static UserNamespace ofProcess(HeldProcess process) {
    IdMap ids = IdMap.ofProcess(process.path());
    return ids.isHost() ? HOST : new UserNamespace(process.namespace("user").toString(), ids);
  }

  public boolean isHost() {
    return path.isEmpty();
  }
}
