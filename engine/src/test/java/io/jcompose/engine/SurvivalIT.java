package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.ContainerSpec.Logging;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import io.jcompose.engine.record.RunRecord;
import io.jcompose.runtime.LogFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bad company and bad luck: the engine keeps its word, harms no stranger, and leaves nothing. */
@Timeout(120)
class SurvivalIT {
  private static final int MANY = 100;
  private static final String COUNT =
      "n=0; while :; do echo line $n; n=$((n+1)); [ $((n % 50)) = 0 ] && sleep 0.01; done;";
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @Test
  void endsAForkBombThatIgnoresSignals() {
    TestSpec spec =
        host.spec("bomb")
            .sh("trap '' TERM; exec awk 'BEGIN { for (;;) system(\"sleep 1000 &\") }'");
    spec.resources = pids(150);
    for (String end : List.of("stop", "kill", "remove")) {
      host.start(spec);
      EngineFixture.await("many processes", () -> processes("bomb") > 140);
      end("bomb", end);
      assertThat(host.containers().find("bomb").map(v -> v.state().name()))
          .as(end)
          .isIn(Optional.of("EXITED"), Optional.empty());
      host.containers().remove("bomb", true, true);
      EngineFixture.await("all to go " + host.left(), () -> host.left().isEmpty());
    }
  }

  @Test
  void endsAFrozenContainer() {
    for (String end : List.of("stop", "kill", "remove", "stop at once")) {
      TestSpec spec = host.spec("ice");
      spec.lifecycle =
          new Lifecycle(RestartPolicy.NO, end.contains(" ") ? "SIGKILL" : "", null, false);
      host.start(spec);
      host.containers().pause("ice");
      assertThat(host.view("ice").state()).isEqualTo(State.PAUSED);
      host.reopen(); // which knows nothing of the pause
      end("ice", end);
      host.containers().remove("ice", true, true);
    }
  }

  @Test
  void aPausedContainerIsFoundPausedByTheNextEngine() {
    host.start(host.spec("ice"));
    host.containers().pause("ice");
    host.reopen();
    assertThat(host.view("ice").state()).isEqualTo(State.PAUSED);
    host.containers().unpause("ice");
    assertThat(host.exec("ice", "echo thawed")).isEqualTo("thawed\n");
  }

  /** The pids of a container and its shim belong to somebody else when the engine comes back. */
  @Test
  void harmsNoStrangerWhoHasThePidOfAContainer() throws Exception {
    String id = host.start(host.spec("box"));
    long pid = host.view(id).pid();
    long shim = ProcessHandle.of(pid).orElseThrow().parent().orElseThrow().pid();
    host.shut();
    kill(shim);
    kill(pid);
    Process first = stranger(pid);
    Process second = stranger(shim);
    try {
      host.open();
      assertThat(host.view(id).state()).isEqualTo(State.EXITED);
      assertThat(host.view(id).exitCode()).isEqualTo(255);
      assertThat(host.view(id).error()).isEqualTo(RunRecord.LOST);
      assertThatThrownBy(() -> host.containers().kill(id, "KILL"))
          .isInstanceOf(JcomposeException.Conflict.class);
      host.containers().remove(id, true, true);
      assertThat(ProcessHandle.of(pid)).isPresent();
      assertThat(ProcessHandle.of(shim)).isPresent();
    } finally {
      dismiss(first);
      dismiss(second);
    }
  }

  private static boolean isRotated(Path log) {
    try {
      return !LogFiles.newestFirst(log).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void tellsOfAShimThatWasKilledAndKeepsTheLogWhole() throws Exception {
    TestSpec spec = host.spec("box").sh(COUNT);
    spec.logging = new Logging("json-file", Map.of("max-size", "8k", "max-file", "3"));
    String id = host.create(spec);
    for (int round = 0; round < 6; round++) {
      boolean engineThere = round % 2 == 0;
      host.containers().start(id);
      EngineFixture.await(
          "a rotation", () -> isRotated(host.container(id).resolve(id + "-json.log")));
      long pid = host.view(id).pid();
      long shim = ProcessHandle.of(pid).orElseThrow().parent().orElseThrow().pid();
      if (!engineThere) {
        host.shut();
      }
      kill(shim);
      if (!engineThere) {
        host.open();
      }
      EngineFixture.await("the end", () -> host.view(id).state() == State.EXITED);
      assertThat(host.view(id).exitCode()).isEqualTo(255);
      assertThat(host.view(id).error()).isEqualTo(RunRecord.LOST);
      EngineFixture.await("its process to go", () -> isDead(pid));
      logIsWhole(id);
    }
  }

  private static void logIsWhole(String id) throws IOException {
    int last = -1;
    for (String suffix : List.of(".2", ".1", "")) {
      Path file = host.container(id).resolve(id + "-json.log" + suffix);
      String text = Files.exists(file) ? Files.readString(file) : "";
      for (String line : text.lines().toList()) {
        if (!line.endsWith("Z\"}")) {
          assertThat(text).as("only the last record may be torn").endsWith(line);
          continue;
        }
        int number = Integer.parseInt(line.replaceAll(".*line ([0-9]+).n.*", "$1"));
        assertThat(number == 0 || last < 0 || number == last + 1)
            .as("%s comes after %s in %s", number, last, file)
            .isTrue();
        last = number;
      }
    }
  }

  @Test
  void outlastsAFullDisk() throws Exception {
    try (EngineFixture small = EngineFixture.onDisk(24 << 20)) {
      String id =
          small.start(
              small.spec("talker").sh("sleep 1; " + COUNT.replace("while :", fewer()) + " exit 9"));
      Path ballast = small.root.resolve("ballast");
      fill(ballast);
      TestSpec late = small.spec("late");
      assertThatThrownBy(() -> small.start(late))
          .isInstanceOf(JcomposeException.class)
          .hasMessageContainingAll("o space left on device");
      assertThat(small.containers().find("late")).isEmpty();
      assertThat(small.containers().list(Map.of())).hasSize(1);
      small.reopen();
      assertThat(small.view(id).state()).isEqualTo(State.RUNNING);
      // The talker is not held up: it comes to its end, and its end is known to the next engine.
      small.shut();
      EngineFixture.await("its end", () -> Files.exists(small.container(id).resolve("exit")));
      small.open();
      assertThat(small.view(id).state()).isEqualTo(State.EXITED);
      assertThat(small.view(id).exitCode()).isEqualTo(9);
      Files.delete(ballast);
      small.containers().start(id);
      EngineFixture.await("its log", () -> small.log(id).contains("line 0\n"));
      small.start(late);
    }
  }

  private static String fewer() {
    return "while [ $n -lt 4000 ]";
  }

  @Test
  void manyContainersLeaveNothingInTheEngineEither() throws Exception {
    many(10);
    long files = entries("/proc/self/fd");
    long threads = entries("/proc/self/task");
    many(MANY);
    EngineFixture.await(
        "no more than %d files, %d threads".formatted(files, threads),
        () -> entries("/proc/self/fd") <= files && entries("/proc/self/task") <= threads + 2);
  }

  private static void many(int count) throws Exception {
    List<Thread> starts =
        IntStream.range(0, 4)
            .mapToObj(
                thread ->
                    Thread.ofPlatform()
                        .start(
                            () -> {
                              for (int n = thread; n < count; n += 4) {
                                host.start(host.spec("many" + n));
                              }
                            }))
            .toList();
    for (Thread thread : starts) {
      thread.join();
    }
    assertThat(host.containers().list(Map.of())).hasSize(count).allMatch(v -> v.isRunning());
    host.removeAll();
    EngineFixture.await("all to go", () -> host.left().isEmpty());
  }

  private static void end(String name, String how) {
    switch (how) {
      case "stop", "stop at once" -> host.containers().stop(name, Duration.ofMillis(200), true);
      case "kill" -> host.containers().kill(name, "KILL");
      default -> host.containers().remove(name, true, true);
    }
  }

  private static int processes(String name) {
    return host.engine().activity().processes(name).size();
  }

  private static long entries(String directory) {
    try (Stream<Path> all = Files.list(Path.of(directory))) {
      return all.count();
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }

  private static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    EngineFixture.await(pid + " to die", () -> isDead(pid));
  }

  /** Gone, or waiting for its parent to hear of its end. */
  private static boolean isDead(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
    } catch (IOException e) {
      return true;
    }
  }

  /** A process of nobody's with this pid: the kernel gives the next one after the last. */
  private static Process stranger(long pid) throws Exception {
    EngineFixture.await(pid + " to be free", () -> ProcessHandle.of(pid).isEmpty());
    Path last = Path.of("/proc/sys/kernel/ns_last_pid");
    for (int tries = 0; tries < 200; tries++) {
      Process process =
          new ProcessBuilder(
                  "sh", "-c", "echo " + (pid - 1) + " > " + last + "; sleep 1000 & echo $!; wait")
              .start();
      String got =
          new String(
              process.getInputStream().readNBytes(Long.toString(pid).length()),
              StandardCharsets.US_ASCII);
      if (got.equals(Long.toString(pid))) {
        return process;
      }
      dismiss(process);
    }
    throw new AssertionError("could not get the pid " + pid);
  }

  private static void dismiss(Process process) throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
  }

  /** Fills the disk to its last byte. */
  private static void fill(Path ballast) {
    EngineFixture.shell("cat /dev/zero > " + ballast);
  }

  private static Resources pids(long limit) {
    return Resources.UNLIMITED.withPidsLimit(limit);
  }
}
