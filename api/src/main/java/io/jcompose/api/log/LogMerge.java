package io.jcompose.api.log;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Function;

/** Several logs as one, in the order of time. Reads on its caller's thread. */
final class LogMerge {
  private final Containers containers;

  LogMerge(Containers containers) {
    this.containers = containers;
  }

  /** Takes what is shown, a piece of a line each. */
  interface Shown {
    void take(LogFact.Line line) throws IOException;
  }

  /** Shows what several logs have, in the order of time; returns where each ended, by id. */
  Map<String, Containers.LogPlace> merge(
      String project,
      Function<ContainerView, Containers.LogQuery> query,
      List<ContainerView> views,
      Set<Containers.LogReader> readers,
      Shown shown)
      throws IOException {
    Map<String, Containers.LogPlace> ends = new LinkedHashMap<>();
    PriorityQueue<Head> heads = new PriorityQueue<>(Comparator.comparing(Head::time));
    try {
      for (ContainerView view : views) {
        Containers.LogReader reader = containers.logs(view.id(), query.apply(view));
        readers.add(reader);
        offer(heads, ends, view.id(), LogNames.displayName(project, view.name()), reader);
      }
      for (Head head = heads.poll(); head != null; head = heads.poll()) {
        shown.take(head.line);
        for (Containers.LogRecord piece = head.line.line(); piece.continues(); ) {
          piece = Objects.requireNonNull(head.reader.next(), "the rest of a line");
          shown.take(
              new LogFact.Line(head.line.id(), head.line.name(), piece, head.reader.place()));
        }
        offer(heads, ends, head.line.id(), head.line.name(), head.reader);
      }
      return ends;
    } finally {
      readers.forEach(Containers.LogReader::close);
    }
  }

  private static void offer(
      PriorityQueue<Head> heads,
      Map<String, Containers.LogPlace> ends,
      String id,
      String name,
      Containers.LogReader reader) {
    Containers.LogRecord line = reader.next();
    Containers.LogPlace place = reader.place();
    if (line != null) {
      heads.add(new Head(new LogFact.Line(id, name, line, place), reader));
    } else {
      ends.put(id, place);
    }
  }

  private record Head(LogFact.Line line, Containers.LogReader reader) {
    Instant time() {
      return line.line().time();
    }
  }
}
