package io.jcompose.api.log;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.Moments;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.api.request.Selection;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Events;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Projects;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code logs}: what containers wrote, in order of time; with {@code follow} as it comes, until the
 * containers end or the client goes.
 */
public final class LogsCommand {

  private final Projects projects;
  private final Containers containers;
  private final ProjectSource source;
  private final Events events;
  private final Moments moments;

  public LogsCommand(
      Projects projects, Containers containers, ProjectSource source, Events events, Clock clock) {
    this.projects = projects;
    this.containers = containers;
    this.source = source;
    this.events = events;
    this.moments = new Moments(clock);
  }

  public void answer(Exchange exchange, CommandRequest request) throws IOException {
    Selection selection = source.select(request, request.arguments());
    Containers.LogQuery query = query(request);
    List<ContainerView> views = select(request, selection);
    boolean prefix = !request.has("no-log-prefix") && !selection.isSingle(request);
    LogLines lines =
        new LogLines(
            request.is("colour"), prefix, request.has("timestamps"), request.has("details"));
    views.forEach(view -> lines.register(LogNames.displayName(selection.project(), view.name())));
    if (query.follow()) {
      new FollowedLogs(
              () -> select(request, selection),
              projects,
              containers,
              events,
              request,
              selection,
              query,
              lines)
          .answer(exchange, views);
    } else {
      print(exchange, request, selection, query, views, lines);
    }
  }

  private void print(
      Exchange exchange,
      CommandRequest request,
      Selection selection,
      Containers.LogQuery query,
      List<ContainerView> views,
      LogLines lines)
      throws IOException {
    Set<Containers.LogReader> readers = ConcurrentHashMap.newKeySet();
    FrameOutput output =
        new FrameOutput(
            exchange.stream(
                200, FrameOutput.TYPE, () -> readers.forEach(Containers.LogReader::close)));
    try {
      boolean single = selection.isSingle(request);
      new LogMerge(containers)
          .merge(
              selection.project(),
              view -> query,
              views,
              readers,
              line ->
                  output.write(
                      LogLines.stream(single, line.line()),
                      lines.render(line.name(), line.line())));
      output.control(Map.of("exitCode", 0));
    } catch (JcomposeException e) {
      output.control(ApiError.members(e));
    }
  }

  private Containers.LogQuery query(CommandRequest request) {
    String tail = request.text("tail");
    return new Containers.LogQuery(
        tail.isEmpty() || tail.equals("all") ? -1 : request.number("tail", -1),
        moments.parse("since", request.text("since")),
        moments.parse("until", request.text("until")),
        request.has("follow"));
  }

  private List<ContainerView> select(CommandRequest request, Selection selection) {
    String index = request.text("index");
    return selection.ofServices(containers).stream()
        .filter(view -> index.isEmpty() || index.equals(view.labels().get(Labels.CONTAINER_NUMBER)))
        .toList();
  }
}
