package io.jcompose.scheduler;

import io.jcompose.compose.Project;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Events;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Progress;
import io.jcompose.core.Volumes;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The projects of this engine. */
@SuppressWarnings("DoNotCallSuggester") // the signatures come first
public final class Projects implements AutoCloseable {

  public Projects(
      Vertx vertx,
      Path projectsDir,
      Containers containers,
      Networks networks,
      Volumes volumes,
      Images images,
      Events events) {}

  public void resume() {
    throw soon();
  }

  public void up(Project project, UpOptions options, Progress progress) {
    throw soon();
  }

  public void down(String project, DownOptions options, Progress progress) {
    throw soon();
  }

  public void start(String project, List<String> services, Progress progress) {
    throw soon();
  }

  public void stop(
      String project, List<String> services, @Nullable Duration timeout, Progress progress) {
    throw soon();
  }

  public void restart(
      String project,
      List<String> services,
      @Nullable Duration timeout,
      boolean noDeps,
      Progress progress) {
    throw soon();
  }

  public void kill(String project, List<String> services, String signal, Progress progress) {
    throw soon();
  }

  public void pause(String project, List<String> services, Progress progress) {
    throw soon();
  }

  public void unpause(String project, List<String> services, Progress progress) {
    throw soon();
  }

  public void remove(
      String project, List<String> services, boolean stop, boolean volumes, Progress progress) {
    throw soon();
  }

  public void pull(
      Project project,
      List<String> services,
      String policy,
      boolean includeDependencies,
      boolean ignoreFailures,
      Progress progress) {
    throw soon();
  }

  public String run(Project project, RunOptions options, Progress progress) {
    throw soon();
  }

  public List<ContainerView> containers(String project, List<String> services, boolean all) {
    throw soon();
  }

  public List<ProjectView> list(boolean all) {
    throw soon();
  }

  @Override
  public void close() {}

  private static JcomposeException soon() {
    return new JcomposeException.NotSupported("projects are not carried out yet");
  }
}
