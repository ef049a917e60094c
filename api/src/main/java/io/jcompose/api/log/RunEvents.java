package io.jcompose.api.log;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Projects;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * Tells a request's feeds what happens to the containers that it is about: starts, ends,
 * replacements. An end is told only when the project has seen to it, so that one which a policy
 * follows up is never taken for the last. Closing it ends the telling. Thread-safe.
 */
public final class RunEvents implements AutoCloseable {
  private final Projects projects;
  private final Containers containers;
  private final LogFeeds feeds;
  private final BiPredicate<String, Map<String, String>> wanted;
  private final Events.Subscription subscription;
  private Thread settling = Thread.ofVirtual().unstarted(() -> {}); // by the request's thread

  /**
   * @param wanted whether the request is about a container, by its name and labels
   */
  public RunEvents(
      Projects projects,
      Containers containers,
      Events events,
      LogFeeds feeds,
      BiPredicate<String, Map<String, String>> wanted) {
    this.projects = projects;
    this.containers = containers;
    this.feeds = feeds;
    this.wanted = wanted;
    this.subscription = events.subscribe(this::listen);
  }

  /** Tells {@link LogFact.Settled} when no command is under way that may start any of a project. */
  public void settle(String project) {
    settling = Thread.ofVirtual().name("settle").start(() -> awaitStarts(project));
  }

  private void awaitStarts(String project) {
    try {
      projects.activity().awaitStarts(project);
      projects.activity().afterEvents(project, () -> feeds.tell(new LogFact.Settled()));
    } catch (JcomposeException.Cancelled e) {
      // nobody wants to know any more
    }
  }

  private void listen(EngineEvent event) {
    switch (event) {
      case EngineEvent.ContainerStarted e -> {
        if (wanted.test(e.name(), e.labels())) {
          feeds.tell(new LogFact.Started(e.id()));
        }
      }
      case EngineEvent.ContainerExited e -> {
        if (wanted.test(e.name(), e.labels())) {
          String project = e.labels().getOrDefault(Labels.PROJECT, "");
          projects.activity().afterEvents(project, () -> feeds.tell(exited(e)));
        }
      }
      case EngineEvent.ContainerCreated e -> {
        if (e.labels().containsKey(Labels.REPLACE) && wanted.test(e.name(), e.labels())) {
          feeds.tell(new LogFact.Replaced(e.labels()));
        }
      }
      case EngineEvent.ContainerRemoved e -> changed(e.name(), e.labels());
      case EngineEvent.ContainerActed e -> {
        if (e.action().equals("stop")) {
          changed(e.name(), e.labels());
        }
      }
      case EngineEvent.HealthChanged e -> {}
      case EngineEvent.ObjectChanged e -> {}
    }
  }

  private void changed(String name, Map<String, String> labels) {
    if (wanted.test(name, labels)) {
      feeds.tell(new LogFact.Changed());
    }
  }

  private LogFact exited(EngineEvent.ContainerExited event) {
    ContainerView view = containers.find(event.id()).orElse(null);
    boolean again =
        view != null
            && (view.state() == ContainerView.State.RESTARTING
                || view.isRunning()
                || (event.requested()
                    && projects
                        .activity()
                        .isRestarting(event.labels().getOrDefault(Labels.PROJECT, ""))));
    String why = view == null ? "" : view.error();
    return new LogFact.Exited(
        event.id(), event.name(), event.labels(), event.exitCode(), why, again, event.at());
  }

  @Override
  public void close() {
    subscription.close();
    settling.interrupt();
  }
}
