package io.jcompose.scheduler.resume;

import io.jcompose.core.ContainerView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.command.CommandRunner;
import io.jcompose.scheduler.queue.CommandQueue.Manner;
import io.jcompose.scheduler.store.ProjectStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the engine does with its projects when it starts: brings all back at the same time, each by
 * itself. Those during which an engine ended come one after the other, so that it is known which
 * one does it; and one that did it again is left alone until a person sees to it. What a person
 * ends meanwhile stays so, and the rest comes back all the same. Thread-safe.
 */
public final class Startup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Startup.class);

  /** So many commands may end a project's coming back before it is left to them. */
  private static final int MOST_TRIES = 100;

  private final CommandRunner runner;
  private final ProjectStore store;
  private final ResumeAttempts attempts;
  private final ResumeCommand resume;
  private final Set<String> leftAlone = new ConcurrentSkipListSet<>();

  /** Those that are not back yet, each with what was ended of it meanwhile. */
  private final Map<String, List<DownOptions>> expected = new ConcurrentHashMap<>();

  private boolean begun; // guarded by this

  public Startup(
      CommandRunner runner, ProjectStore store, ResumeAttempts attempts, ResumeCommand resume) {
    this.runner = runner;
    this.store = store;
    this.attempts = attempts;
    this.resume = resume;
  }

  /** From now on it is known what is to come back; called before anybody can give a command. */
  public synchronized void expect() {
    if (!begun) {
      begun = true;
      names().forEach(project -> expected.put(project, new CopyOnWriteArrayList<>()));
    }
  }

  /** A person ends containers of a project: what of it is not back yet stays away. */
  public void ended(String project, DownOptions options) {
    expected.computeIfPresent(
        project,
        (name, ended) -> {
          ended.add(options);
          return ended;
        });
  }

  /** Whether containers of the project that do not run may be about to come back. */
  public boolean isExpected(String project) {
    return expected.containsKey(project)
        || (leftAlone.contains(project) && attempts.failed(project) >= ResumeAttempts.MOST);
  }

  /** Blocks until all projects are back. A project that fails is logged. */
  public void run() {
    expect();
    List<String> suspects = new ArrayList<>();
    List<Thread> all = new ArrayList<>();
    for (String project : new TreeSet<>(expected.keySet())) {
      int failed = attempts.failed(project);
      if (failed >= ResumeAttempts.MOST) {
        leftAlone.add(project);
        expected.remove(project);
        LOG.error("{}", leftAlone(project));
      } else if (failed > 0) {
        suspects.add(project);
      } else {
        all.add(begin(project));
      }
    }
    try {
      await(all, suspects);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Begins the suspects one after the other, and waits for all. */
  private void await(List<Thread> all, List<String> suspects) throws InterruptedException {
    for (String project : suspects) {
      Thread one = begin(project);
      boolean ignored = one.join(ResumeAttempts.AT_ONCE);
      all.add(one);
    }
    for (Thread one : all) {
      one.join();
    }
  }

  /** What a person should know, as sentences. */
  public List<String> warnings() {
    return leftAlone.stream()
        .filter(project -> attempts.failed(project) >= ResumeAttempts.MOST)
        .map(Startup::leftAlone)
        .toList();
  }

  @Override
  public void close() {
    attempts.endAll();
  }

  private Set<String> names() {
    Set<String> names = new TreeSet<>();
    try {
      names.addAll(store.names());
    } catch (RuntimeException e) {
      LOG.error("what only the projects' files tell of is not brought back", e);
    }
    for (ContainerView container : runner.ports().containers().list(Map.of())) {
      names.add(container.labels().getOrDefault(Labels.PROJECT, ""));
    }
    return names;
  }

  private Thread begin(String project) {
    return Thread.ofVirtual().name("resume-" + project).start(() -> resume(project));
  }

  private void resume(String project) {
    List<DownOptions> ended = expected.getOrDefault(project, List.of());
    try {
      boolean settled = false;
      for (int tries = 0; !settled && tries < MOST_TRIES; tries++) {
        settled = isSettled(project, ended);
      }
    } finally {
      expected.remove(project);
    }
  }

  /** False when a command ended it, after which what that one did not mean still comes back. */
  private boolean isSettled(String project, List<DownOptions> ended) {
    try {
      runner.inTurn(
          project,
          "the engine's start",
          Manner.PATIENT,
          Progress.NONE,
          context -> resume.back(project, ended, context, (id, left) -> later(project, id, left)));
      return true;
    } catch (JcomposeException.Cancelled e) {
      LOG.info("bringing project {} back was interrupted: {}", project, e.getMessage());
      return ended.isEmpty() || Thread.currentThread().isInterrupted();
    } catch (RuntimeException e) {
      LOG.error("failed to bring project {} back", project, e);
      return true;
    }
  }

  private void later(String project, String id, Duration left) {
    Void ignored =
        runner
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
        + " was not brought back: the engine ended more than once while it tried; look at its file and"
        + " the engine's log, then give it a command, as `up`";
  }
}
