package io.jcompose.api.log;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.Selection;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Events;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Projects;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * One {@code logs --follow}: what there is, then what comes, also of containers that are started or
 * made later, until none runs and none is about to start again. Owned by the request's thread.
 */
final class FollowedLogs {

  private final Supplier<List<ContainerView>> selected;
  private final Projects projects;
  private final Containers containers;
  private final Events events;
  private final CommandRequest request;
  private final Selection selection;
  private final Containers.LogQuery query;
  private final Containers.LogQuery later;
  private final LogLines lines;
  private final LogFeeds feeds;
  private final RunEnds ends;
  private final boolean single;
  private boolean settling;

  FollowedLogs(
      Supplier<List<ContainerView>> selected,
      Projects projects,
      Containers containers,
      Events events,
      CommandRequest request,
      Selection selection,
      Containers.LogQuery query,
      LogLines lines) {
    this.selected = selected;
    this.projects = projects;
    this.containers = containers;
    this.events = events;
    this.request = request;
    this.selection = selection;
    this.query = query;
    this.later = new Containers.LogQuery(-1, query.since(), query.until(), true);
    this.lines = lines;
    this.feeds = new LogFeeds(containers, selection.project());
    this.ends = new RunEnds(Instant.now());
    this.single = selection.isSingle(request);
  }

  /** Runs to the end; the answer is frames. */
  void answer(Exchange exchange, List<ContainerView> views) throws IOException {
    LogPlaces places = LogPlaces.of(request);
    FrameOutput output =
        new FrameOutput(
            exchange.stream(200, FrameOutput.TYPE, () -> feeds.tell(new LogFact.ClientLeft())));
    LogMerge.Shown shown =
        line ->
            places.show(
                output,
                LogLines.stream(single, line.line()),
                lines.render(line.name(), line.line()),
                line.id(),
                line.end());
    try (feeds;
        RunEvents runs = new RunEvents(projects, containers, events, feeds, this::isMeant)) {
      showPast(places, views, shown, output);
      boolean more = !views.isEmpty() && !isPast();
      if (more) {
        views.forEach(view -> feeds.follow(view.id(), later));
      }
      while (more) {
        more = react(feeds.take(), shown, output) && goesOn(runs);
      }
      output.control(Map.of("exitCode", 0));
    } catch (JcomposeException e) {
      output.control(ApiError.members(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void showPast(
      LogPlaces places, List<ContainerView> views, LogMerge.Shown shown, FrameOutput output)
      throws IOException {
    Containers.LogQuery past =
        new Containers.LogQuery(query.tail(), query.since(), query.until(), false);
    Map<String, Containers.LogPlace> read =
        new LogMerge(containers)
            .merge(
                selection.project(),
                view -> places.first(view, past),
                views,
                ConcurrentHashMap.newKeySet(),
                shown);
    for (Map.Entry<String, Containers.LogPlace> end : read.entrySet()) {
      feeds.seen(end.getKey(), end.getValue());
      places.tell(output, end.getKey(), end.getValue());
    }
  }

  private boolean isMeant(String name, Map<String, String> labels) {
    String index = request.text("index");
    return selection.means(name, labels)
        && !selection.leavesOut(name, labels)
        && (index.isEmpty() || index.equals(labels.get(Labels.CONTAINER_NUMBER)));
  }

  /** Returns false at the end. */
  private boolean react(LogFact fact, LogMerge.Shown shown, FrameOutput output) throws IOException {
    switch (fact) {
      case LogFact.Line line -> shown.take(line);
      case LogFact.Started started -> {
        tell(ends.started(started.id()), output);
        feeds.follow(started.id(), later);
      }
      case LogFact.LogEnded ended -> {
        tell(ends.logEnded(ended.id()), output);
        if (isPast()) {
          return feeds.isFollowing();
        }
        if (containers.find(ended.id()).filter(ContainerView::isRunning).isPresent()) {
          feeds.follow(ended.id(), later); // started again before its last log's end was read
        }
      }
      case LogFact.Exited exited ->
          tell(ends.exited(exited, feeds.isFollowing(exited.id())), output);
      case LogFact.Replaced replaced -> {
        String name = LogNames.replacedName(selection.project(), replaced.labels());
        remark(output, name, name + " has been recreated");
      }
      case LogFact.Settled ignored -> {
        if (isOver()) {
          return false;
        }
        settling = false;
        selected.get().stream()
            .filter(ContainerView::isRunning)
            .forEach(view -> feeds.follow(view.id(), later));
      }
      case LogFact.Changed changed -> {}
      case LogFact.WorkEnded ended -> {}
      case LogFact.ClientLeft left -> {
        return false;
      }
    }
    return true;
  }

  /** Whether what is asked for has an end, and that is over. */
  private boolean isPast() {
    Instant until = query.until();
    return until != null && !Instant.now().isBefore(until);
  }

  /** When all has ended, it is asked for whether that will stay so. */
  private boolean goesOn(RunEvents runs) {
    if (!settling && isOver()) {
      settling = true;
      runs.settle(project());
    }
    return true;
  }

  /** Single containers that are followed together are mostly of one project. */
  private String project() {
    return selection.target() != null
        ? selection.project()
        : selected.get().stream()
            .map(view -> view.labels().getOrDefault(Labels.PROJECT, ""))
            .findFirst()
            .orElse("");
  }

  private boolean isOver() {
    if (feeds.isFollowing()) {
      return false;
    }
    List<ContainerView> views = selected.get();
    return ends.areTold(views) && views.stream().noneMatch(FollowedLogs::isAlive);
  }

  private static boolean isAlive(ContainerView view) {
    return view.isRunning() || view.state() == ContainerView.State.RESTARTING;
  }

  private void tell(Optional<LogFact.Exited> known, FrameOutput output) throws IOException {
    if (known.isPresent()) {
      LogFact.Exited end = known.get();
      String name = LogNames.displayName(selection.project(), end.name());
      remark(output, name, LogNames.ended(name, end));
    }
  }

  private void remark(FrameOutput output, String name, String text) throws IOException {
    if (!single) { // `docker logs` has the container's words alone
      output.write(FrameOutput.REMARK, lines.remark(name, text));
    }
  }
}
