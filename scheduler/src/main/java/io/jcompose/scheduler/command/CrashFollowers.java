package io.jcompose.scheduler.command;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.Target;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.NamespaceRefs;
import io.jcompose.scheduler.execute.CommandContext;
import io.jcompose.scheduler.queue.CommandQueue.Manner;
import io.jcompose.scheduler.store.ProjectStore;
import io.jcompose.scheduler.store.ProjectStore.Stored;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restarts those services that want to follow the crash of one that they depend on, and those that
 * share a namespace with it, for its start made a new one. What crashes while a project's restart
 * waits for its turn is taken along, so that at most one a project waits. Guarded by itself.
 */
public final class CrashFollowers {
  private static final Logger LOG = LoggerFactory.getLogger(CrashFollowers.class);

  private final CommandRunner runner;
  private final ProjectStore store;
  private final ServiceCommands commands;
  private final Map<String, Set<String>> crashed = new HashMap<>();

  public CrashFollowers(CommandRunner runner, ProjectStore store, ServiceCommands commands) {
    this.runner = runner;
    this.store = store;
    this.commands = commands;
  }

  /** A policy has started a container of the service again; blocks while others follow. */
  public void startedAgain(String project, String service) {
    if (followers(project, Set.of(service)).isEmpty()) {
      return;
    }
    Set<String> mine = joined(project, service);
    if (mine == null) {
      return;
    }
    try {
      runner.inTurn(
          project,
          "restart",
          Manner.STEADY,
          Progress.NONE,
          context -> follow(project, mine, context));
    } catch (JcomposeException.Cancelled e) {
      LOG.info("project {} does not follow: {}", project, e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("failed to restart what follows in project {}", project, e);
    } finally {
      close(project, mine);
    }
  }

  private void follow(String project, Set<String> services, CommandContext context) {
    close(project, services);
    List<String> followers = followers(project, services);
    if (!followers.isEmpty()) {
      LOG.info("{} of project {} was started again; {} follow", services, project, followers);
      commands.restart(Target.of(project, followers), null, true, context);
    }
  }

  /** Those that the caller has to see to, growing until they are closed; null if another does. */
  private synchronized @Nullable Set<String> joined(String project, String service) {
    Set<String> open = crashed.get(project);
    if (open != null) {
      open.add(service);
      return null;
    }
    Set<String> mine = new LinkedHashSet<>(Set.of(service));
    crashed.put(project, mine);
    return mine;
  }

  private synchronized void close(String project, Set<String> mine) {
    crashed.computeIfPresent(project, (key, open) -> sameObject(open, mine) ? null : open);
  }

  /** Two with the same services are not the same. */
  @SuppressWarnings("ReferenceEquality")
  private static boolean sameObject(Set<String> one, Set<String> other) {
    return one == other;
  }

  private List<String> followers(String project, Set<String> services) {
    Desired desired =
        project.isEmpty() ? null : store.load(project).map(Stored::desired).orElse(null);
    if (desired == null) {
      return List.of();
    }
    Set<String> following = desired.graph().withFollowers(services);
    return desired.services().values().stream()
        .filter(service -> !services.contains(service.name()))
        .filter(
            service ->
                (following.contains(service.name()) && service.followsCrashes())
                    || NamespaceRefs.services(service.template()).stream()
                        .anyMatch(services::contains))
        .map(Desired.Service::name)
        .toList();
  }
}
