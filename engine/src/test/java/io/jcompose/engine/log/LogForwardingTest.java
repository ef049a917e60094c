package io.jcompose.engine.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec.Logging;
import io.jcompose.core.Containers.LogRecord;
import io.jcompose.engine.TestSpec;
import io.jcompose.engine.record.ContainerRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LogForwardingTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00.123456Z");
  @TempDir Path directory;
  private volatile boolean running = true;

  @Test
  void formatsAsDockersDriver() {
    LogRecord error = new LogRecord(NOON, "stderr", "broken\n");
    LogRecord info = new LogRecord(NOON, "stdout", "fine\n");
    assertThat(message(Map.of("syslog-facility", "local0"), error))
        .matches("<131>[A-Z][a-z]{2} [ \\d]\\d [\\d:]{8} web\\[\\d+]: broken\n");
    assertThat(message(Map.of("syslog-address", "udp://h:1"), info))
        .matches("<30>[A-Z][a-z]{2} [ \\d]\\d [\\d:]{8} here web\\[\\d+]: fine\n");
    assertThat(message(Map.of("syslog-format", "rfc5424"), info))
        .matches("<30>1 2026-01-0\\d?T?.*(Z|[+-]\\d\\d:\\d\\d) here web \\d+ web - fine\n");
    assertThat(message(Map.of("syslog-format", "rfc5424micro"), info)).contains(".123456");
  }

  @Test
  void losesNothingWhileNobodyReceives() throws Exception {
    Path log = directory.resolve("c-json.log");
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    write(log, 0, 3);
    LogFollowers followers = new LogFollowers();
    try (LogForwarding forwarding = new LogForwarding(followers)) {
      forwarding.begin(record(port), List.of(), log, () -> running);
      write(log, 3, 5); // all of it while the receiver is down
      try (ServerSocket server = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
          Socket client = server.accept()) {
        assertThat(lines(client, 5)).containsExactlyElementsOf(numbers(0, 5));
        write(log, 5, 8);
        assertThat(lines(client, 3)).containsExactlyElementsOf(numbers(5, 8));
        running = false;
        followers.wake();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
      }
    }
    running = true;
    Files.move(log, directory.resolve("c-json.log.1")); // rotated meanwhile
    write(log, 8, 10);
    try (LogForwarding next = new LogForwarding(followers);
        ServerSocket server = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      next.begin(record(port), List.of(), log, () -> running);
      try (Socket client = server.accept()) {
        assertThat(lines(client, 2)).containsExactlyElementsOf(numbers(8, 10));
        running = false;
        followers.wake();
      }
    }
  }

  /** The next run begins after the last look at the log and before the thread is gone. */
  @Test
  void aRunThatBeginsWhileTheLastOnesThreadEndsIsSentToo() throws Exception {
    Path log = directory.resolve("c-json.log");
    write(log, 0, 2);
    AtomicBoolean began = new AtomicBoolean();
    BooleanSupplier more =
        () -> {
          if (isAskedByReader() || !began.compareAndSet(false, true)) {
            return false;
          }
          try {
            write(log, 2, 4);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return true;
        };
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        LogForwarding forwarding = new LogForwarding(new LogFollowers())) {
      forwarding.begin(record(server.getLocalPort()), List.of(), log, more);
      for (int from : List.of(0, 2)) {
        try (Socket client = server.accept()) {
          assertThat(lines(client, 2)).containsExactlyElementsOf(numbers(from, from + 2));
        }
      }
    }
  }

  private static boolean isAskedByReader() {
    return StackWalker.getInstance()
        .walk(frames -> frames.anyMatch(f -> f.getClassName().endsWith("JsonLogReader")));
  }

  private ContainerRecord record(int port) {
    TestSpec spec = new TestSpec("web", "busybox");
    spec.logging =
        new Logging("syslog", Map.of("syslog-address", "tcp://127.0.0.1:" + port, "tag", "web"));
    return ContainerRecord.created(
        "0123456789abcdef", spec.build(), "sha256:77", List.of("x"), Map.of(), List.of());
  }

  private static List<String> lines(Socket client, int count) throws IOException {
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8), 1);
    List<String> found = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String line = in.readLine();
      found.add(line.substring(line.lastIndexOf(' ') + 1));
    }
    return found;
  }

  private static List<String> numbers(int from, int to) {
    List<String> all = new ArrayList<>();
    for (int i = from; i < to; i++) {
      all.add("line" + i);
    }
    return all;
  }

  /** Two records share each time. */
  private static void write(Path log, int from, int to) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append("{\"log\":\"line")
          .append(i)
          .append("\\n\",\"stream\":\"stdout\",\"time\":\"")
          .append(NOON.plusSeconds(i / 2))
          .append("\"}\n");
    }
    Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static String message(Map<String, String> options, LogRecord record) {
    return Syslog.message(Syslog.settings(options, "web", "here"), record);
  }
}
