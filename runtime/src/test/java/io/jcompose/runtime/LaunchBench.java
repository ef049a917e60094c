package io.jcompose.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;

/**
 * Measures starts by hand: {@code scripts/test-host java -cp … io.jcompose.runtime.LaunchBench}.
 */
final class LaunchBench {
  private LaunchBench() {}

  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 100;
    try (TestHost host = new TestHost()) {
      long[] nanos = new long[rounds];
      long[] warm = new long[rounds];
      long[] exec = new long[rounds];
      for (int i = 0; i < rounds; i++) {
        nanos[i] = one(host, false, exec, i);
        warm[i] = one(host, true, exec, i);
      }
      report("start, idle 30 ms before", nanos);
      report("start, warm() 10 ms before", warm);
      report("exec true to its exit code", exec);
      for (int round = 0; round < 5; round++) {
        many(host, 50);
      }
    }
  }

  private static long one(TestHost host, boolean warm, long[] exec, int i) throws Exception {
    var run = host.run("sleep", "1000");
    TaskSpec spec = run.spec();
    Thread.sleep(30);
    if (warm) {
      host.runtime().warm();
      Thread.sleep(10);
    }
    long from = System.nanoTime();
    run.task = host.runtime().start(spec, (ended, exit) -> run.ends.add(exit));
    long took = System.nanoTime() - from;
    from = System.nanoTime();
    TaskRuntimeIT.exec(run.task, "", "true");
    exec[i] = System.nanoTime() - from;
    run.task.killAll();
    run.awaitEnd();
    return took;
  }

  private static void many(TestHost host, int count) throws Exception {
    List<TestHost.Run> runs = new ArrayList<>();
    List<TaskSpec> specs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      var run = host.run("sleep", "1000");
      runs.add(run);
      specs.add(run.spec());
    }
    long from = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < count; i++) {
        var run = runs.get(i);
        TaskSpec spec = specs.get(i);
        threads.submit(
            () -> run.task = host.runtime().start(spec, (ended, exit) -> run.ends.add(exit)));
      }
    }
    long up = System.nanoTime() - from;
    if (System.getProperty("hold") != null) {
      Thread.sleep(Long.parseLong(System.getProperty("hold")));
    }
    from = System.nanoTime();
    runs.forEach(run -> run.task.killAll());
    for (var run : runs) {
      run.awaitEnd();
    }
    System.out.printf(
        "%d at once: up %.0f ms, down %.0f ms%n",
        count, up / 1e6, (System.nanoTime() - from) / 1e6);
  }

  private static void report(String what, long[] nanos) {
    Arrays.sort(nanos);
    System.out.printf(
        "%s: min %.2f median %.2f p90 %.2f ms%n",
        what, nanos[0] / 1e6, nanos[nanos.length / 2] / 1e6, nanos[nanos.length * 9 / 10] / 1e6);
  }
}
