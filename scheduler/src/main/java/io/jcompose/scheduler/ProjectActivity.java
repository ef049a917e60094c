package io.jcompose.scheduler;

import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.resume.Startup;
import io.jcompose.scheduler.watch.ProjectVerticles;

/**
 * What is under way in the projects, for those who only look on. One object an engine; thread-safe.
 */
public final class ProjectActivity {
  private final Startup startup;
  private final ProjectVerticles verticles;

  ProjectActivity(Startup startup, ProjectVerticles verticles) {
    this.startup = startup;
    this.verticles = verticles;
  }

  /**
   * Whether the project's containers, networks and volumes may be wanted though they are not used:
   * by a command on it, or because it is to come back after a start of the engine.
   *
   * @param project empty for containers of none
   */
  public boolean isAtWork(String project) {
    return startup.isExpected(project) || verticles.isUsed(project);
  }

  /**
   * Calls back when it is known of all ends of the project's containers that were told so far
   * whether a policy starts them again: those that it does are {@code RESTARTING} then.
   *
   * @param then must not block; called on any thread
   */
  public void afterEvents(String project, Runnable then) {
    verticles.afterEvents(project, then);
  }

  /** Whether a {@code restart} of the project is under way. */
  public boolean isRestarting(String project) {
    return verticles.isUsed(project)
        && verticles.with(project, verticle -> verticle.queue().has("restart"));
  }

  /**
   * Blocks while commands are under way by which containers of the project may start.
   *
   * @throws JcomposeException.Cancelled when the thread is interrupted
   */
  public void awaitStarts(String project) {
    if (!verticles.isUsed(project)) {
      return;
    }
    Void ignored =
        verticles.with(
            project,
            verticle -> {
              try {
                verticle.queue().awaitNoStarts();
                return null;
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new JcomposeException.Cancelled("interrupted");
              }
            });
  }
}
