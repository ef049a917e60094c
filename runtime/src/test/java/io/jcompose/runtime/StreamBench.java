package io.jcompose.runtime;

import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.StreamSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures streams by hand, beside a pipe of the shell's: {@code scripts/test-host java -cp …
 * io.jcompose.runtime.StreamBench}.
 */
final class StreamBench {
  private static final int MEGABYTES = 1024;

  private StreamBench() {}

  public static void main(String[] args) throws Exception {
    try (TestHost host = new TestHost()) {
      var run = host.run("sleep", "1000").start();
      for (int round = 0; round < 3; round++) {
        report("sh: dd | cat", pipe());
        report("exec dd", out(run.task));
        report("exec -i cat, both ways", through(run.task));
      }
      run.task.killAll();
      run.awaitEnd();
    }
  }

  private static void report(String what, long nanos) {
    System.out.printf("%s: %.0f MB/s%n", what, MEGABYTES * 1e9 / nanos);
  }

  private static long pipe() throws Exception {
    long from = System.nanoTime();
    String line =
        "dd if=/dev/zero bs=64k count=" + MEGABYTES * 16 + " status=none | cat | cat >/dev/null";
    new ProcessBuilder("sh", "-c", line).start().waitFor();
    return System.nanoTime() - from;
  }

  private static long out(Task task) throws IOException {
    long from = System.nanoTime();
    AtomicLong bytes = new AtomicLong();
    var dd = List.of("dd", "if=/dev/zero", "bs=64k", "count=" + MEGABYTES * 16);
    try (StreamSession session =
        task.exec(new ExecSpec(dd, List.of(), "", "", false, false, false))) {
      session.pump((stream, buffer, offset, length) -> bytes.addAndGet(stream == 1 ? length : 0));
    }
    check(bytes.get());
    return System.nanoTime() - from;
  }

  private static long through(Task task) throws Exception {
    long from = System.nanoTime();
    AtomicLong bytes = new AtomicLong();
    var cat = new ExecSpec(List.of("cat"), List.of(), "", "", false, true, false);
    try (StreamSession session = task.exec(cat)) {
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    byte[] block = new byte[1 << 20];
                    try (var stdin = session.stdin()) {
                      for (int i = 0; i < MEGABYTES; i++) {
                        stdin.write(block);
                      }
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  });
      session.pump((stream, buffer, offset, length) -> bytes.addAndGet(length));
      writer.join();
    }
    check(bytes.get());
    return System.nanoTime() - from;
  }

  private static void check(long bytes) {
    if (bytes != MEGABYTES * 1048576L) {
      throw new IllegalStateException("lost " + (MEGABYTES * 1048576L - bytes) + " bytes");
    }
  }
}
