package io.jcompose.api.docker.container;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.Activity;
import io.jcompose.core.ContainerStats;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /containers/{id}/stats}: counters of one container, once, or every second until the
 * client leaves. Of what the engine does not count there is 0.
 */
public final class ContainerStatistics {
  private static final String NEVER = "0001-01-01T00:00:00Z";
  private static final long SECOND = 1000;
  private static final long NANOS_A_TICK = 10_000_000;
  private static final List<String> BLOCK_MEMBERS =
      List.of(
          "io_service_bytes_recursive",
          "io_serviced_recursive",
          "io_queue_recursive",
          "io_service_time_recursive",
          "io_wait_time_recursive",
          "io_merged_recursive",
          "io_time_recursive",
          "sectors_recursive");

  private final Containers containers;
  private final Activity activity;

  public ContainerStatistics(ApiPorts ports) {
    this.containers = ports.containers();
    this.activity = ports.activity();
  }

  public void addTo(Routes routes) {
    routes.get("/containers/{id}/stats", this::answer);
  }

  /** The counters of a moment, and the processors' own. */
  private record Sample(ContainerStats stats, long systemNanos) {}

  private void answer(Call call) throws IOException {
    ContainerView view = ContainerRoutes.find(containers, call.name("id"));
    CountDownLatch left = new CountDownLatch(1);
    try {
      if (call.is("stream", true)) {
        stream(call, view, left);
        return;
      }
      Sample first = sample(view.id());
      boolean once = call.is("one-shot") || first == null;
      if (!once && left.await(SECOND, TimeUnit.MILLISECONDS)) {
        return;
      }
      call.json(once ? object(view, null, first) : object(view, first, sample(view.id())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stream(Call call, ContainerView view, CountDownLatch left)
      throws IOException, InterruptedException {
    OutputStream output = call.exchange().stream(200, Call.JSON, left::countDown);
    Sample last = null;
    do {
      Sample now = sample(view.id());
      output.write(JsonText.line(object(view, last, now)));
      last = now;
    } while (!left.await(SECOND, TimeUnit.MILLISECONDS) && containers.find(view.id()).isPresent());
  }

  private @Nullable Sample sample(String id) {
    try {
      return new Sample(activity.stats(id), systemNanos());
    } catch (JcomposeException.Conflict | JcomposeException.NotFound e) {
      return null; // it does not run
    }
  }

  /** The time of all processors since the boot, of man 5 proc: user to softirq. */
  private static long systemNanos() {
    try {
      String[] words = Files.readString(Path.of("/proc/stat")).split("\n", 2)[0].split(" +");
      long ticks = 0;
      for (int i = 1; i < Math.min(8, words.length); i++) {
        ticks += Long.parseLong(words[i]);
      }
      return ticks * NANOS_A_TICK;
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  private static Map<String, Object> object(
      ContainerView view, @Nullable Sample before, @Nullable Sample now) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("name", "/" + view.name());
    object.put("id", view.id());
    object.put("read", now == null ? NEVER : now.stats.at().toString());
    object.put("preread", before == null ? NEVER : before.stats.at().toString());
    object.put("pids_stats", now == null ? Map.of() : tasks(view, now));
    object.put("blkio_stats", block(now));
    object.put("num_procs", 0);
    object.put("storage_stats", Map.of());
    object.put("cpu_stats", processor(now));
    object.put("precpu_stats", processor(before));
    object.put("memory_stats", memory(now));
    if (now != null && !view.spec().networking().mode().equals("host")) {
      object.put("networks", Map.of("eth0", network(now.stats)));
    }
    return object;
  }

  private static Map<String, Object> tasks(ContainerView view, Sample now) {
    Map<String, Object> tasks = new LinkedHashMap<>();
    tasks.put("current", now.stats.tasks());
    long limit = view.spec().resources().pidsLimit();
    if (limit > 0) {
      tasks.put("limit", limit);
    }
    return tasks;
  }

  private static Map<String, Object> block(@Nullable Sample now) {
    Map<String, Object> block = new LinkedHashMap<>();
    BLOCK_MEMBERS.forEach(name -> block.put(name, now == null ? null : List.of()));
    if (now != null) {
      List<Object> bytes = new ArrayList<>();
      bytes.add(transfer("read", now.stats.blockReadBytes()));
      bytes.add(transfer("write", now.stats.blockWrittenBytes()));
      block.put(BLOCK_MEMBERS.getFirst(), bytes);
    }
    return block;
  }

  private static Map<String, Object> transfer(String way, long bytes) {
    Map<String, Object> transfer = new LinkedHashMap<>();
    transfer.put("major", 0);
    transfer.put("minor", 0);
    transfer.put("op", way);
    transfer.put("value", bytes);
    return transfer;
  }

  private static Map<String, Object> processor(@Nullable Sample sample) {
    Map<String, Object> usage = new LinkedHashMap<>();
    usage.put("total_usage", sample == null ? 0 : sample.stats.cpuNanos());
    usage.put("usage_in_kernelmode", 0);
    usage.put("usage_in_usermode", 0);
    Map<String, Object> throttling = new LinkedHashMap<>();
    for (String name : List.of("periods", "throttled_periods", "throttled_time")) {
      throttling.put(name, 0);
    }
    Map<String, Object> processor = new LinkedHashMap<>();
    processor.put("cpu_usage", usage);
    if (sample != null) {
      processor.put("system_cpu_usage", sample.systemNanos);
      processor.put("online_cpus", Runtime.getRuntime().availableProcessors());
    }
    processor.put("throttling_data", throttling);
    return processor;
  }

  /** The engine counts without the pages that the kernel gives up first, so there are none here. */
  private static Map<String, Object> memory(@Nullable Sample now) {
    Map<String, Object> memory = new LinkedHashMap<>();
    if (now != null) {
      memory.put("usage", now.stats.memoryBytes());
      memory.put("stats", Map.of("inactive_file", 0));
      memory.put("limit", now.stats.memoryLimitBytes());
    }
    return memory;
  }

  private static Map<String, Object> network(ContainerStats stats) {
    Map<String, Object> network = new LinkedHashMap<>();
    network.put("rx_bytes", stats.networkReceivedBytes());
    List.of("rx_packets", "rx_errors", "rx_dropped").forEach(name -> network.put(name, 0));
    network.put("tx_bytes", stats.networkSentBytes());
    List.of("tx_packets", "tx_errors", "tx_dropped").forEach(name -> network.put(name, 0));
    return network;
  }
}
