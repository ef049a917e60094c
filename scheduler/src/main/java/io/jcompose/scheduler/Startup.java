package io.jcompose.scheduler;

import io.jcompose.core.ContainerView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.Turn.Manner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the engine does with its projects when it starts: brings all back at the same time, each by
 * itself. Those during which an engine ended come one after the other, so that it is known which
 * one does it; and one that did it twice is left alone until a person sees to it. Thread-safe.
 */
final class Startup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

  /** What ends an engine does so in seconds; health checks may take minutes. */
  private static final Duration HEAD_START = Duration.ofSeconds(10);

  private final Turns turns;
  private final ProjectStore store;
  private final Attempts attempts;
  private final Resuming resuming;
  private final Set<String> leftAlone = new ConcurrentSkipListSet<>();

  Startup(Turns turns, ProjectStore store, Attempts attempts, Resuming resuming) {
    this.turns = turns;
    this.store = store;
    this.attempts = attempts;
    this.resuming = resuming;
  }

  /** Blocks until all projects are back. A project that fails is logged. */
  void run() {
    List<String> suspects = new ArrayList<>();
    List<Thread> all = new ArrayList<>();
    for (String project : names()) {
      int failed = attempts.failed(project);
      if (failed >= Attempts.MOST) {
        leftAlone.add(project);
        LOG.error("{}", leftAlone(project));
      } else if (failed > 0) {
        suspects.add(project);
      } else {
        all.add(begin(project));
      }
    }
    try {
      for (String project : suspects) {
        Thread one = begin(project);
        boolean ignored = one.join(HEAD_START);
        all.add(one);
      }
      for (Thread one : all) {
        one.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a person should know, as sentences. */
  List<String> warnings() {
    return leftAlone.stream()
        .filter(project -> attempts.failed(project) >= Attempts.MOST)
        .map(Startup::leftAlone)
        .toList();
  }

  @Override
  public void close() {
    attempts.endAll();
  }

  private Set<String> names() {
    Set<String> names = new TreeSet<>(store.names());
    for (ContainerView container : turns.ports().containers().list(Map.of())) {
      names.add(container.labels().getOrDefault(Labels.PROJECT, ""));
    }
    return names;
  }

  private Thread begin(String project) {
    return Thread.ofVirtual().name("resume-" + project).start(() -> resume(project));
  }

  private void resume(String project) {
    try {
      turns.inTurn(
          project,
          "resume",
          Manner.PATIENT,
          Progress.NONE,
          work -> resuming.back(project, work, (id, left) -> later(project, id, left)));
    } catch (JcomposeException.Cancelled e) {
      LOG.info("project {} is not brought back: {}", project, e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("failed to bring project {} back", project, e);
    }
  }

  private void later(String project, String id, Duration left) {
    Void ignored =
        turns
            .verticles()
            .with(
                project,
                verticle -> {
                  verticle.restartLater(id, left);
                  return null;
                });
  }

  private static String leftAlone(String project) {
    return "project "
        + project
        + " was not brought back: the engine ended twice while it tried; look at its file and the"
        + " engine's log, then give it a command, as `up`";
  }
}
