package io.jcompose.api.log;

import io.jcompose.core.ContainerView;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Brings the end of a container's run and the end of its log together, which are told in any order:
 * the run's end is shown after its last line. Owned by its request's thread.
 */
public final class RunEnds {
  private final Instant began;
  private final Map<String, LogFact.Exited> untold = new HashMap<>();
  private final Map<String, Instant> heard = new HashMap<>();

  /**
   * @param began ends from then on are told
   */
  public RunEnds(Instant began) {
    this.began = began;
  }

  /** A run ended; returned when its log has been read. */
  public Optional<LogFact.Exited> exited(LogFact.Exited end, boolean isFollowed) {
    heard.put(end.id(), end.at());
    if (!isFollowed) {
      return Optional.of(end);
    }
    untold.put(end.id(), end);
    return Optional.empty();
  }

  /** A log was read to its end; returns the run's end when that was told before. */
  public Optional<LogFact.Exited> logEnded(String id) {
    return Optional.ofNullable(untold.remove(id));
  }

  /** A container runs again, with a log that may not have ended between. */
  public Optional<LogFact.Exited> started(String id) {
    return Optional.ofNullable(untold.remove(id));
  }

  /**
   * Whether all is told of what has ended: else it is not known yet what of it starts again.
   *
   * @param views what there is
   */
  public boolean areTold(List<ContainerView> views) {
    return untold.isEmpty() && views.stream().allMatch(this::isHeard);
  }

  private boolean isHeard(ContainerView view) {
    Instant ended = view.finishedAt();
    return view.isRunning()
        || ended == null
        || ended.isBefore(began)
        || ended.equals(heard.get(view.id()));
  }
}
