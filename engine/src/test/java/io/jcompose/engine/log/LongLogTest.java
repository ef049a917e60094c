package io.jcompose.engine.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Containers.LogPlace;
import io.jcompose.core.Containers.LogQuery;
import io.jcompose.core.Containers.LogRecord;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lines longer than a record, and logs longer than the memory. */
@Timeout(60)
class LongLogTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final int PIECE = 16 << 10;

  @TempDir private Path directory;
  private final LogFollowers followers = new LogFollowers();
  private Path log;
  private int second;
  private volatile boolean running;

  @BeforeEach
  void name() {
    log = directory.resolve("c-json.log");
  }

  @Test
  void thePiecesOfALineAreOne() throws IOException {
    line("first");
    line("a".repeat(40_000));
    line("b".repeat(PIECE)); // its newline is a record of its own
    line("ä".repeat(PIECE));
    line("next");
    assertThat(lengths(LogQuery.ALL)).containsExactly(6, 40_001, PIECE + 1, PIECE + 1, 5);
  }

  @Test
  void aTailCountsLinesAndNotTheirPieces() throws IOException {
    line("first");
    line("a".repeat(40_000));
    rotate();
    line("b".repeat(50_000));
    line("c".repeat(PIECE));
    line("last");
    assertThat(lengths(tail(1))).containsExactly(5);
    assertThat(lengths(tail(2))).containsExactly(PIECE + 1, 5);
    assertThat(lengths(tail(3))).containsExactly(50_001, PIECE + 1, 5);
    assertThat(lengths(tail(4))).containsExactly(40_001, 50_001, PIECE + 1, 5);
    assertThat(lengths(tail(5))).containsExactly(6, 40_001, 50_001, PIECE + 1, 5);
    assertThat(lengths(tail(6))).hasSize(5);
  }

  @Test
  void aLineMayBeCutByARotation() throws IOException {
    line("first");
    piece("a".repeat(PIECE), "stdout");
    rotate();
    piece("a".repeat(10) + "\\n", "stdout");
    assertThat(lengths(LogQuery.ALL)).containsExactly(6, PIECE + 11);
    assertThat(lengths(tail(1))).containsExactly(PIECE + 11);
  }

  /** Each of three runs ended without a newline. */
  @Test
  void theUnfinishedLinesOfSeveralRunsAreSeveral() throws IOException {
    for (int run = 0; run < 3; run++) {
      piece("hello", "stdout");
      piece("x".repeat(PIECE), "stdout");
      second++;
    }
    assertThat(lengths(LogQuery.ALL)).containsExactly(5, PIECE, 5, PIECE, 5, PIECE);
  }

  @Test
  void aLineWithoutEndIsBrokenAfterAMebibyte() throws IOException {
    line("z".repeat(3 << 20));
    assertThat(lengths(LogQuery.ALL)).containsExactly(1 << 20, 1 << 20, 1 << 20, 1);
  }

  @Test
  void oneWhoFollowsGetsTheRestOfALineThatComesSoon() throws Exception {
    running = true;
    piece("a".repeat(PIECE), "stdout");
    CompletableFuture<List<Integer>> read =
        CompletableFuture.supplyAsync(() -> lengths(new LogQuery(-1, null, null, true)));
    piece("end\\n", "stdout");
    running = false;
    followers.wake();
    assertThat(read.get(30, TimeUnit.SECONDS)).containsExactly(PIECE + 4);
  }

  @Test
  void thePlaceBehindALineIsBehindAllItsPieces() throws IOException {
    line("a".repeat(40_000));
    line("next");
    LogPlace place;
    try (JsonLogReader reader = reader(LogQuery.ALL)) {
      LogRecord record = reader.next();
      while (record != null && record.continues()) {
        record = reader.next();
      }
      place = reader.place();
    }
    assertThat(lengths(LogQuery.ALL.from(place))).containsExactly(5);
  }

  @Test
  void aTailOfWhatWasBeforeIsOfWhatWasBefore() throws IOException {
    for (int i = 0; i < 9; i++) {
      line("x".repeat(i));
    }
    LogQuery query = new LogQuery(2, START.plusSeconds(1), START.plusSeconds(6), false);
    assertThat(lengths(query)).containsExactly(5, 6);
  }

  @Test
  void whereTheClockWasSetBackNothingBeforeUntilIsMissing() throws IOException {
    line("a");
    second = 100;
    line("bb");
    second = 2;
    line("ccc");
    LogQuery query = new LogQuery(-1, null, START.plusSeconds(50), false);
    assertThat(lengths(query)).containsExactly(2, 4);
  }

  /** As XFS leaves the end of a file after a power cut. */
  @Test
  void whatIsNoRecordIsPassedOverHoweverLongItIs() throws IOException {
    line("a");
    Files.write(log, new byte[5 << 20], StandardOpenOption.APPEND);
    Files.writeString(log, "\n", StandardOpenOption.APPEND);
    line("bb");
    assertThat(lengths(LogQuery.ALL)).containsExactly(2, 3);
  }

  /** In a process with an engine's memory: what is asked for is far more. */
  @Test
  void memoryIsBoundedWhateverIsAskedFor() throws Exception {
    try (BufferedWriter out = Files.newBufferedWriter(log)) {
      for (int i = 0; i < 400_000; i++) {
        out.write(record(i + "\\n", "stdout", START.plusNanos(i)));
      }
    }
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx24m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                LongLogTest.class.getName(),
                log.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said.strip()).isEqualTo("300000 300000 100 readers");
    assertThat(process.waitFor()).isZero();
  }

  /** Reads the log given, and tells how many lines it had. */
  public static void main(String... arguments) {
    Path log = Path.of(arguments[0]);
    LogFollowers followers = new LogFollowers();
    for (Instant until : new Instant[] {null, START.plusSeconds(9)}) {
      LogQuery query = new LogQuery(300_000, null, until, false);
      try (JsonLogReader reader = new JsonLogReader(log, query, followers, () -> false)) {
        int lines = 0;
        while (reader.next() != null) {
          lines++;
        }
        System.out.print(lines + " ");
      }
    }
    List<JsonLogReader> merged = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      merged.add(new JsonLogReader(log, LogQuery.ALL, followers, () -> false));
      merged.getLast().next();
    }
    merged.forEach(JsonLogReader::close);
    System.out.println(merged.size() + " readers");
  }

  private JsonLogReader reader(LogQuery query) {
    return new JsonLogReader(log, query, followers, () -> running);
  }

  /** How many characters each line has, its pieces put together. */
  private List<Integer> lengths(LogQuery query) {
    List<Integer> lengths = new ArrayList<>();
    int length = 0;
    try (JsonLogReader reader = reader(query)) {
      for (LogRecord record = reader.next(); record != null; record = reader.next()) {
        length += record.text().length();
        if (!record.continues()) {
          lengths.add(length);
          length = 0;
        }
      }
    }
    assertThat(length).isZero();
    return lengths;
  }

  private static LogQuery tail(int count) {
    return new LogQuery(count, null, null, false);
  }

  /** As the shim writes a line: in pieces of 16 KiB, all with the time of the first. */
  private void line(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int from = 0;
    for (; from + PIECE <= bytes.length; from += PIECE) {
      piece(new String(bytes, from, PIECE, StandardCharsets.UTF_8), "stdout");
    }
    String rest = new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
    piece(rest + "\\n", "stdout");
    second++;
  }

  private void piece(String text, String stream) throws IOException {
    Files.writeString(
        log,
        record(text, stream, START.plusSeconds(second)),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private static String record(String text, String stream, Instant time) {
    return "{\"log\":\"%s\",\"stream\":\"%s\",\"time\":\"%s\"}\n".formatted(text, stream, time);
  }

  private void rotate() throws IOException {
    Files.move(log, log.resolveSibling(log.getFileName() + ".1"));
  }
}
