package io.jcompose.runtime;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.StreamSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Bytes through shims: all of them, in order, whatever they are. */
class StreamIT {
  private static final int BLOCK = 100_000; // no multiple of any buffer
  private static final int BLOCKS = 300;

  @Test
  void movesEachByteThroughAnExec() throws Exception {
    try (TestHost host = new TestHost()) {
      var run = host.run("sleep", "1000").start();
      try (StreamSession session =
          run.task.exec(new ExecSpec(List.of("cat"), List.of(), "", "", false, true, false))) {
        assertThat(echo(session)).isEqualTo(sent());
        assertThat(session.exitCode()).isZero();
      }
      run.task.killAll();
      run.awaitEnd();
    }
  }

  @Test
  void carriesMuchThroughExec() throws Exception {
    try (TestHost host = new TestHost()) {
      var run = host.run("sleep", "1000").start();
      long[] count = {0};
      try (var session =
          run.task.exec(
              new ExecSpec(
                  List.of("head", "-c", "100000000", "/dev/zero"),
                  List.of(),
                  "",
                  "",
                  false,
                  false,
                  false))) {
        session.pump((stream, buffer, offset, length) -> count[0] += length);
        assertThat(session.exitCode()).isZero();
      }
      assertThat(count[0]).isEqualTo(100_000_000);
      String text = "0123456789abcdef".repeat(60_000);
      try (var session =
          run.task.exec(new ExecSpec(List.of("cat"), List.of(), "", "", false, true, false))) {
        Thread writer =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try (var in = session.stdin()) {
                        in.write(text.getBytes(StandardCharsets.US_ASCII));
                      } catch (IOException e) {
                        throw new UncheckedIOException(e);
                      }
                    });
        assertThat(TaskRuntimeIT.drain(session)).isEqualTo(text);
        writer.join();
      }
      run.task.killAll();
      run.awaitEnd();
    }
  }

  @Test
  void writesLogsOfAnyLengthAndRotates() throws Exception {
    try (TestHost host = new TestHost()) {
      var big = host.run("sh", "-c", "head -c 40000 /dev/zero | tr '\\0' x; echo; printf tail");
      assertThat(big.output()).isEqualTo("x".repeat(40000) + "\ntail");
      List<String> lines = Files.readAllLines(big.log());
      assertThat(lines).hasSize(4);
      assertThat(lines.get(0))
          .startsWith("{\"log\":\"xxx")
          .doesNotContain("\\n")
          .contains("\",\"stream\":\"stdout\",\"time\":\"20");
      var rotated = host.run("seq", "10000");
      rotated.logMaxBytes = 100_000;
      rotated.logMaxFiles = 3;
      rotated.start().awaitEnd();
      assertThat(rotated.log()).exists();
      List<Path> before = LogFiles.newestFirst(rotated.log());
      assertThat(before).hasSize(2);
      assertThat(Files.readAllLines(before.get(1)).getLast()).contains("\"log\":\"");
      assertThat(Files.mismatch(before.get(0), before.get(1))).isNotNegative();
      assertThat(Files.size(rotated.log())).isLessThan(100_200);
    }
  }

  @Test
  void runsMoreProgramsThanItHasPlacesForOneAfterAnother() throws Exception {
    try (TestHost host = new TestHost()) {
      var run = host.run("sleep", "1000").start();
      List<CompletableFuture<String>> all = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        CompletableFuture<String> one = new CompletableFuture<>();
        all.add(one);
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    one.complete(TaskRuntimeIT.exec(run.task, "", "echo", "x"));
                  } catch (IOException | RuntimeException e) {
                    one.completeExceptionally(e);
                  }
                });
      }
      assertThat(all).allSatisfy(one -> assertThat(one.get(60, SECONDS)).isEqualTo("x\n[0]"));
      run.task.killAll();
      run.awaitEnd();
    }
  }

  @Test
  void movesEachByteThroughAnAttach() throws Exception {
    try (TestHost host = new TestHost()) {
      var run = host.run("cat");
      run.process = ProcessSpec.DEFAULT.withStdinOpen(true);
      run.task = host.runtime().start(run.spec(), (task, exit) -> run.ends.add(exit), 1);
      try (StreamSession session = run.task.attach(true)) {
        assertThat(echo(session)).isEqualTo(sent());
      }
      assertThat(run.awaitEnd().code()).isZero();
    }
  }

  /** Each in its own session: none of it in another's, which is beside it in the shim's memory. */
  @Test
  void twoExecsWithBothStreamsBusyKeepTheirBytesApart() throws Exception {
    try (TestHost host = new TestHost()) {
      var run = host.run("sleep", "1000").start();
      String busy = "yes out | head -c 8000000 & yes err | head -c 8000000 >&2; wait";
      var both = new ExecSpec(List.of("sh", "-c", busy), List.of(), "", "", false, false, false);
      var cat =
          new ExecSpec(List.of("sh", "-c", "read x; cat"), List.of(), "", "", false, true, false);
      byte[] fed = "Z".repeat(4_000_000).getBytes(StandardCharsets.US_ASCII);
      try (StreamSession fedOne = run.task.exec(cat);
          StreamSession first = run.task.exec(both);
          StreamSession second = run.task.exec(both)) {
        Thread feeder = Thread.ofVirtual().start(() -> feed(fedOne, fed));
        CompletableFuture<String> other = CompletableFuture.supplyAsync(() -> kinds(second));
        assertThat(kinds(first)).isEqualTo("1:\\notu=8000000 2:\\ner=8000000");
        assertThat(other.get(120, SECONDS)).isEqualTo("1:\\notu=8000000 2:\\ner=8000000");
        assertThat(kinds(fedOne)).isEqualTo("1:Z=4000000 2:=0"); // which waited in its buffer
        feeder.join();
      }
      run.task.killAll();
      run.awaitEnd();
    }
  }

  private static void feed(StreamSession session, byte[] bytes) {
    try (var in = session.stdin()) {
      in.write('\n');
      in.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Which bytes came on each stream, and how many; slowly, so that they wait in the shim. */
  private static String kinds(StreamSession session) {
    long[] count = new long[3];
    List<BitSet> kinds = List.of(new BitSet(), new BitSet(), new BitSet());
    try {
      session.pump(
          (stream, buffer, offset, length) -> {
            count[stream] += length;
            for (int i = offset; i < offset + length; i++) {
              kinds.get(stream).set(buffer[i]);
            }
            LockSupport.parkNanos(200_000);
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "1:%s=%d 2:%s=%d".formatted(text(kinds.get(1)), count[1], text(kinds.get(2)), count[2]);
  }

  private static String text(BitSet kinds) {
    StringBuilder text = new StringBuilder();
    kinds.stream().forEach(c -> text.append(c == '\n' ? "\\n" : String.valueOf((char) c)));
    return text.toString();
  }

  @Test
  void outputOfAnExecWaitsForASlowClientAndIsNotLost() throws Exception {
    try (TestHost host = new TestHost()) {
      var run = host.run("sleep", "1000").start();
      var seq = new ExecSpec(List.of("seq", "300000"), List.of(), "", "", false, false, false);
      try (StreamSession session = run.task.exec(seq)) {
        String other = TaskRuntimeIT.exec(run.task, "", "echo", "meanwhile");
        assertThat(other).isEqualTo("meanwhile\n[0]");
        assertThat(TaskRuntimeIT.drain(session)).endsWith("\n299999\n300000\n").hasSize(1988895);
        assertThat(session.exitCode()).isZero();
      }
      run.task.killAll();
      run.awaitEnd();
    }
  }

  private static long sent() {
    CRC32C sum = new CRC32C();
    Random random = new Random(1);
    byte[] block = new byte[BLOCK];
    for (int i = 0; i < BLOCKS; i++) {
      random.nextBytes(block);
      sum.update(block);
    }
    return sum.getValue();
  }

  /** Sends random blocks, and gives the sum of what comes back. */
  private static long echo(StreamSession session) throws Exception {
    var writer =
        CompletableFuture.runAsync(
            () -> {
              Random random = new Random(1);
              byte[] block = new byte[BLOCK];
              try (var stdin = session.stdin()) {
                for (int i = 0; i < BLOCKS; i++) {
                  random.nextBytes(block);
                  stdin.write(block);
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            command -> Thread.ofVirtual().start(command));
    CRC32C sum = new CRC32C();
    session.pump((stream, buffer, offset, length) -> sum.update(buffer, offset, length));
    writer.get();
    return sum.getValue();
  }
}
