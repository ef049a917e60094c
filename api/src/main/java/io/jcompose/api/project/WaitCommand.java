package io.jcompose.api.project;

import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.api.request.Selection;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.Projects;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * {@code wait}: tells each end of the services' running containers; its exit code is the last
 * one's. With {@code --down-project} the first end takes the project down. Of containers that were
 * named themselves it tells the exit codes alone, as {@code docker wait}.
 */
public final class WaitCommand {
  private static final String NOBODY = "";

  private final Projects projects;
  private final Containers containers;
  private final ProjectSource source;

  private record End(String id, int code) {}

  public WaitCommand(Projects projects, Containers containers, ProjectSource source) {
    this.projects = projects;
    this.containers = containers;
    this.source = source;
  }

  public void answer(Exchange exchange, CommandRequest request) throws IOException {
    Selection selection = source.select(request, request.arguments());
    String project = selection.project();
    boolean single = selection.target() == null; // then it answers as `docker wait`
    List<ContainerView> views =
        single ? selection.views(containers, true) : selection.running(containers);
    if (views.isEmpty()) {
      throw new JcomposeException.NotFound("no containers for project \"" + project + "\"");
    }
    BlockingQueue<End> ends = new LinkedBlockingQueue<>();
    FrameOutput output =
        new FrameOutput(exchange.stream(200, FrameOutput.TYPE, () -> ends.add(new End(NOBODY, 0))));
    ProgressLines lines = new ProgressLines(output::control);
    List<Thread> waiters =
        views.stream()
            .map(view -> Thread.ofVirtual().name("wait").start(() -> await(view.id(), ends)))
            .toList();
    try {
      tell(project, request, views.size(), ends, lines, single);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      waiters.forEach(Thread::interrupt); // some wait for containers that run for ever
    }
  }

  private void tell(
      String project,
      CommandRequest request,
      int count,
      BlockingQueue<End> ends,
      ProgressLines lines,
      boolean single)
      throws InterruptedException {
    int code = 0;
    for (int told = 0; told < count; told++) {
      End end = ends.take();
      if (end.id.equals(NOBODY)) { // the client left
        return;
      }
      code = end.code;
      String known = "container \"" + end.id + "\" exited with status code " + end.code;
      lines.send(Map.of("stdout", single ? String.valueOf(end.code) : known));
      if (request.has("down-project") && !project.isEmpty()) {
        projects.down(project, wholeDown(request), lines);
        break;
      }
    }
    lines.send(Map.of("exitCode", single ? 0 : code));
  }

  private DownOptions wholeDown(CommandRequest request) {
    return new DownOptions(List.of(), false, List.of(), false, null, source.target(request).file());
  }

  /** A container that is removed meanwhile has ended too. */
  private void await(String id, BlockingQueue<End> ends) {
    try {
      ends.add(new End(id, containers.await(id)));
    } catch (JcomposeException.NotFound e) {
      ends.add(new End(id, 0));
    } catch (JcomposeException.Cancelled e) {
      // nobody waits any more
    }
  }
}
