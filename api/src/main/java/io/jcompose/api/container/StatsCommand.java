package io.jcompose.api.container;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.answer.ListFormat;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.api.request.Selection;
import io.jcompose.api.template.Template;
import io.jcompose.api.text.HumanText;
import io.jcompose.api.text.TextTable;
import io.jcompose.core.Activity;
import io.jcompose.core.ContainerStats;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code stats}: what a project's containers use, once or again every second until the client
 * leaves. A reading needs two samples, for the processor's share is a difference.
 */
final class StatsCommand {
  private static final String[] HEADINGS = {
    "CONTAINER ID", "NAME", "CPU %", "MEM USAGE / LIMIT", "MEM %", "NET I/O", "BLOCK I/O", "PIDS"
  };
  private static final ListFormat LIST =
      ListFormat.of(
          "ID",
          10,
          "BlockIO",
          "BLOCK I/O",
          "CPUPerc",
          "CPU %",
          "Container",
          "CONTAINER",
          "ID",
          "CONTAINER ID",
          "MemPerc",
          "MEM %",
          "MemUsage",
          "MEM USAGE / LIMIT",
          "Name",
          "NAME",
          "NetIO",
          "NET I/O",
          "PIDs",
          "PIDS");
  private static final long FIRST_MILLIS = 500;
  private static final long AGAIN_MILLIS = 1000;

  private final Containers containers;
  private final Activity activity;
  private final ProjectSource source;

  StatsCommand(Containers containers, Activity activity, ProjectSource source) {
    this.containers = containers;
    this.activity = activity;
    this.source = source;
  }

  void answer(Exchange exchange, CommandRequest request) throws IOException {
    Selection selection = source.select(request, request.arguments());
    if (ListFormat.isTemplate(request)) {
      Template.ofList(request.text("format")); // what is wrong with it is told before any reading
    }
    CountDownLatch left = new CountDownLatch(1);
    FrameOutput output =
        new FrameOutput(exchange.stream(200, FrameOutput.TYPE, () -> left.countDown()));
    Map<String, ContainerStats> last = new HashMap<>();
    sample(views(request, selection), last);
    try {
      long pause = FIRST_MILLIS;
      boolean again = true;
      while (again && !left.await(pause, TimeUnit.MILLISECONDS)) {
        List<Row> rows = sample(views(request, selection), last);
        output.write(FrameOutput.STDOUT, render(request, rows).getBytes(StandardCharsets.UTF_8));
        pause = AGAIN_MILLIS;
        again = !request.has("no-stream");
      }
      output.control(Map.of("exitCode", 0));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (JcomposeException e) {
      output.control(ApiError.members(e));
    }
  }

  private List<ContainerView> views(CommandRequest request, Selection selection) {
    return request.has("all") ? selection.views(containers, true) : selection.running(containers);
  }

  private List<Row> sample(List<ContainerView> views, Map<String, ContainerStats> last) {
    List<Row> rows = new ArrayList<>();
    for (ContainerView view : views) {
      ContainerStats now = read(view).orElse(null);
      ContainerStats before = now == null ? last.remove(view.id()) : last.put(view.id(), now);
      rows.add(new Row(view, before, now));
    }
    return rows;
  }

  private Optional<ContainerStats> read(ContainerView view) {
    if (!view.isRunning()) {
      return Optional.empty();
    }
    try {
      return Optional.of(activity.stats(view.id()));
    } catch (JcomposeException.Conflict | JcomposeException.NotFound e) {
      return Optional.empty(); // it has ended in between
    }
  }

  private static String render(CommandRequest request, List<Row> rows) {
    StringBuilder text = new StringBuilder();
    boolean live = !request.has("no-stream") && request.is("terminal");
    boolean whole = request.has("no-trunc");
    String format = request.text("format");
    if (!format.isEmpty() && !format.equals("table")) {
      text.append(LIST.formatted(format, rows.stream().map(row -> row.object(whole)).toList()));
    } else {
      TextTable table = new TextTable(10, HEADINGS);
      rows.forEach(row -> table.add(row.cells(whole)));
      text.append(table);
    }
    // Written over what stood there, line by line, so that nothing flickers.
    return live ? "\033[H" + text.toString().replace("\n", "\033[K\n") + "\033[J" : text.toString();
  }

  /**
   * One line.
   *
   * @param now null for a container that does not run
   */
  private record Row(
      ContainerView view, @Nullable ContainerStats before, @Nullable ContainerStats now) {

    String[] cells(boolean whole) {
      return new String[] {
        whole ? view.id() : Ids.brief(view.id()),
        view.name(),
        percent(cpu()),
        memory(),
        percent(memoryShare()),
        pair(
            now == null ? 0 : now.networkReceivedBytes(), now == null ? 0 : now.networkSentBytes()),
        pair(now == null ? 0 : now.blockReadBytes(), now == null ? 0 : now.blockWrittenBytes()),
        String.valueOf(now == null ? 0 : now.tasks())
      };
    }

    /** Docker's members; the kernel's pressure is ours. */
    Map<String, Object> object(boolean whole) {
      String[] cells = cells(whole);
      Map<String, Object> object = new TreeMap<>();
      object.put("BlockIO", cells[6]);
      object.put("CPUPerc", cells[2]);
      object.put("Container", view.id());
      object.put("ID", cells[0]);
      object.put("MemPerc", cells[4]);
      object.put("MemUsage", cells[3]);
      object.put("Name", cells[1]);
      object.put("NetIO", cells[5]);
      object.put("PIDs", cells[7]);
      if (now != null) {
        now.pressure()
            .forEach(
                (resource, pressure) -> {
                  String name =
                      resource.equals("memory") ? "Mem" : resource.toUpperCase(Locale.ROOT);
                  object.put(name + "PressureSome", percent(pressure.some()));
                  object.put(name + "PressureFull", percent(pressure.full()));
                });
      }
      return object;
    }

    private double cpu() {
      if (now == null || before == null) {
        return 0;
      }
      long nanos = Duration.between(before.at(), now.at()).toNanos();
      return nanos <= 0 ? 0 : Math.max(0, now.cpuNanos() - before.cpuNanos()) * 100.0 / nanos;
    }

    private double memoryShare() {
      return now == null || now.memoryLimitBytes() == 0
          ? 0
          : now.memoryBytes() * 100.0 / now.memoryLimitBytes();
    }

    private String memory() {
      return now == null
          ? "0B / 0B"
          : HumanText.binarySize(now.memoryBytes())
              + " / "
              + HumanText.binarySize(now.memoryLimitBytes());
    }

    private static String pair(long in, long out) {
      return HumanText.shortSize(in) + " / " + HumanText.shortSize(out);
    }

    private static String percent(double value) {
      return String.format(Locale.ROOT, "%.2f%%", value);
    }
  }
}
