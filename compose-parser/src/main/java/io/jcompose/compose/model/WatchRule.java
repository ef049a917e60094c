package io.jcompose.compose.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** One entry of {@code develop.watch}. */
public record WatchRule(
    String path,
    Action action,
    String target,
    @Nullable Hook exec,
    List<String> include,
    List<String> ignore,
    boolean initialSync) {
  public WatchRule {
    include = List.copyOf(include);
    ignore = List.copyOf(ignore);
  }

  /** What a change does. */
  public enum Action {
    REBUILD,
    RESTART,
    SYNC,
    SYNC_RESTART,
    SYNC_EXEC
  }
}
