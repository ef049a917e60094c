package io.jcompose.api.container;

import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.api.request.Selection;
import io.jcompose.api.text.HumanText;
import io.jcompose.core.Activity;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.ProcessView;
import io.jcompose.scheduler.Labels;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code top}: the processes of a project's containers, in Compose's table of {@code ps -ef}. */
public final class TopCommand {
  private static final List<String> TITLES =
      List.of("SERVICE", "#", "UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD");
  private static final int LEAST_WIDTH = 4;
  private static final int PADDING = 2;

  /** One container gives as many at most. */
  public static final int MOST_ROWS = 10_000;

  static final int MOST_CHARACTERS = 4 << 20;

  private final Containers containers;
  private final Activity activity;
  private final ProjectSource source;
  private final Clock clock;

  TopCommand(Containers containers, Activity activity, ProjectSource source, Clock clock) {
    this.containers = containers;
    this.activity = activity;
    this.source = source;
    this.clock = clock;
  }

  String render(CommandRequest request) {
    Selection selection = selection(request);
    List<List<String>> rows = new ArrayList<>();
    long left = 0;
    long room = MOST_CHARACTERS;
    for (ContainerView view : selection.running(containers)) {
      try {
        for (ProcessView process : activity.processes(view.id())) {
          room -= process.command().length();
          if (rows.size() < MOST_ROWS && room >= 0) {
            rows.add(row(view, process));
          } else {
            left++;
          }
        }
      } catch (JcomposeException.Conflict | JcomposeException.NotFound e) {
        // it has ended in between
      }
    }
    String rest = left == 0 ? "" : "and " + left + " more\n";
    return rows.isEmpty() ? rest : table(rows) + rest;
  }

  /** Docker's takes options of ps behind a container: they are told apart from misspelt names. */
  private Selection selection(CommandRequest request) {
    List<String> words = request.arguments();
    if (words.stream().anyMatch(word -> word.startsWith("-"))) {
      throw new JcomposeException.InvalidArgument(advice(words));
    }
    try {
      return source.select(request, words);
    } catch (JcomposeException.NotFound e) {
      throw words.size() == 2 ? ProjectSource.advising(e, words, advice(words)) : e;
    }
  }

  static String advice(List<String> words) {
    String name = words.getFirst();
    String options = String.join(" ", words.subList(1, words.size()));
    return "top takes no options of ps (%s): run `jcompose exec %s ps %s`, or on the engine's host `ps -p` with the PIDs that `jcompose top %s` shows"
        .formatted(options, name, options, name);
  }

  private List<String> row(ContainerView view, ProcessView process) {
    List<String> row = new ArrayList<>();
    row.add(Listings.service(view));
    row.add(view.labels().getOrDefault(Labels.CONTAINER_NUMBER, ""));
    row.addAll(columns(process, clock));
    return row;
  }

  /** A process as {@code ps -ef} prints it: UID, PID, PPID, C, STIME, TTY, TIME and CMD. */
  public static List<String> columns(ProcessView process, Clock clock) {
    return List.of(
        process.user(),
        String.valueOf(process.pid()),
        String.valueOf(process.parentPid()),
        String.valueOf(share(process, clock.instant())),
        started(process.startedAt(), clock.instant(), clock.getZone()),
        process.terminal(),
        time(process.cpuTime()),
        HumanText.visible(process.command()));
  }

  /** Processor time over life time, in whole percent. */
  static long share(ProcessView process, Instant now) {
    long lived = Duration.between(process.startedAt(), now).toMillis();
    return lived <= 0 ? 0 : Math.min(99, process.cpuTime().toMillis() * 100 / lived);
  }

  /** The hour within a day, then the date, as ps prints STIME. */
  static String started(Instant at, Instant now, ZoneId zone) {
    boolean today = at.atZone(zone).toLocalDate().equals(now.atZone(zone).toLocalDate());
    return DateTimeFormatter.ofPattern(today ? "HH:mm" : "MMMdd", Locale.ROOT)
        .format(at.atZone(zone));
  }

  static String time(Duration used) {
    String clock =
        String.format(
            Locale.ROOT,
            "%02d:%02d:%02d",
            used.toHoursPart(),
            used.toMinutesPart(),
            used.toSecondsPart());
    return used.toDays() == 0 ? clock : used.toDays() + "-" + clock;
  }

  private static String table(List<List<String>> rows) {
    List<List<String>> all = new ArrayList<>();
    all.add(TITLES);
    all.addAll(rows);
    int last = TITLES.size() - 1;
    int[] widths = new int[last];
    for (int column = 0; column < last; column++) {
      int at = column;
      int longest = all.stream().mapToInt(row -> row.get(at).length()).max().orElse(0);
      widths[column] = Math.max(LEAST_WIDTH, longest + PADDING);
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : all) {
      for (int column = 0; column < last; column++) {
        String cell = row.get(column);
        text.append(cell).append(" ".repeat(widths[column] - cell.length()));
      }
      text.append(row.get(last)).append('\n');
    }
    return text.toString();
  }
}
