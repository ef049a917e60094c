package io.jcompose.engine.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Containers.LogPlace;
import io.jcompose.core.Containers.LogQuery;
import io.jcompose.core.Containers.LogRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class JsonLogReaderTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path directory;
  private Path log;
  private volatile boolean running = true;
  private final LogFollowers followers = new LogFollowers();

  @BeforeEach
  void name() {
    log = directory.resolve("c-json.log");
  }

  @Test
  void readsRotatedFilesOldestFirst() throws IOException {
    write(0, 3);
    rotate();
    write(3, 5);
    rotate();
    write(5, 6);
    assertThat(read(LogQuery.ALL)).isEqualTo(numbers(0, 6));
  }

  @Test
  void readsPackedFilesAndFindsItsPlaceWhenOneIsPackedMeanwhile() throws IOException {
    write(0, 1000);
    List<String> seen = new ArrayList<>();
    try (JsonLogReader reader = reader(LogQuery.ALL)) {
      for (int i = 0; i < 10; i++) {
        seen.add(text(reader.next()));
      }
      rotate();
      write(1000, 1010);
      pack(1);
      rotate();
      Files.move(packed(1), packed(2));
      write(1010, 1020);
      drain(reader, seen);
    }
    assertThat(seen).isEqualTo(numbers(0, 1020));
    assertThat(read(LogQuery.ALL)).isEqualTo(numbers(0, 1020));
    assertThat(read(tail(25))).isEqualTo(numbers(995, 1020));
  }

  @Test
  void packedFilesOfOneInodeAreNotTakenForEachOther() throws IOException {
    for (int i = 0; i < 3; i++) {
      write(i * 10, i * 10 + 10);
      Files.move(log, numbered(1));
      PackedLog.write(numbered(1), 77, JsonLogReader.lastTime(numbered(1)), packed(3 - i));
      Files.delete(numbered(1));
    }
    write(30, 40);
    assertThat(read(LogQuery.ALL)).isEqualTo(numbers(0, 40));
    for (int count : List.of(5, 15, 25, 35)) {
      assertThat(read(tail(count))).isEqualTo(numbers(40 - count, 40));
    }
  }

  private Path packed(int number) {
    return log.resolveSibling(log.getFileName() + "." + number + ".gz");
  }

  private void pack(int number) throws IOException {
    Path plain = log.resolveSibling(log.getFileName() + "." + number);
    long inode = ((Number) Files.getAttribute(plain, "unix:ino")).longValue();
    PackedLog.write(plain, inode, JsonLogReader.lastTime(plain), packed(number));
    assertThat(PackedLog.identityOf(packed(number)).inode()).isEqualTo(inode);
    Files.delete(plain);
  }

  @Test
  void readsNothingWhereNothingWasWritten() {
    assertThat(read(LogQuery.ALL)).isEmpty();
    assertThat(read(tail(5))).isEmpty();
  }

  @Test
  void aRotationWhileReadingNeitherRepeatsNorSkips() throws IOException {
    write(0, 2000);
    List<String> seen = new ArrayList<>();
    try (JsonLogReader reader = reader(LogQuery.ALL)) {
      for (int i = 0; i < 100; i++) {
        seen.add(text(reader.next()));
      }
      write(2000, 2010);
      rotate();
      write(2010, 2020);
      rotate();
      write(2020, 2030);
      drain(reader, seen);
    }
    assertThat(seen).isEqualTo(numbers(0, 2030));
  }

  @Test
  void goesOnFromThePlaceBehindALine() throws IOException {
    write(0, 10);
    rotate();
    write(10, 20);
    for (int first : List.of(0, 5)) {
      LogQuery query = first == 0 ? LogQuery.ALL : tail(20 - first);
      for (int count = 1; count <= 20 - first; count++) {
        assertThat(read(LogQuery.ALL.from(placeAfter(query, count))))
            .isEqualTo(numbers(first + count, 20));
      }
    }
    LogPlace end = placeAfter(tail(0), 1);
    assertThat(placeAfter(LogQuery.ALL, 21)).isEqualTo(end);
    Files.writeString(log, "{\"log\":\"unfinished", StandardOpenOption.APPEND);
    assertThat(placeAfter(LogQuery.ALL, 21)).isEqualTo(end);
    assertThat(read(LogQuery.ALL.from(new LogPlace(0, 0)))).isEqualTo(numbers(0, 20));
  }

  private LogPlace placeAfter(LogQuery query, int count) {
    try (JsonLogReader reader = reader(query)) {
      for (int i = 0; i < count; i++) {
        reader.next();
      }
      return reader.place();
    }
  }

  @Test
  void followsAWriterThatRotatesAllTheTime() throws Exception {
    CompletableFuture<List<String>> all =
        CompletableFuture.supplyAsync(() -> read(new LogQuery(-1, null, null, true)));
    for (int i = 0; i < 3000; i++) {
      write(i, i + 1);
      if (i % 500 == 499) {
        rotate();
      }
    }
    running = false;
    followers.wake();
    assertThat(all.get(15, TimeUnit.SECONDS)).isEqualTo(numbers(0, 3000));
  }

  @Test
  void tailReachesIntoRotatedFiles() throws IOException {
    write(0, 5000);
    rotate();
    write(5000, 5003);
    for (int count : List.of(1, 3, 4, 3000, 5003, 9000)) {
      assertThat(read(tail(count))).isEqualTo(numbers(Math.max(0, 5003 - count), 5003));
    }
    assertThat(read(tail(0))).isEmpty();
  }

  @Test
  void followingAfterATailOfNoneGivesOnlyWhatComes() throws Exception {
    write(0, 10);
    try (JsonLogReader reader = reader(new LogQuery(0, null, null, true))) {
      CompletableFuture<LogRecord> next = CompletableFuture.supplyAsync(reader::next);
      // The reader is at the end once it has begun to wait; a line before that would be passed.
      while (!waits("LogFollowers")) {
        Thread.onSpinWait();
      }
      write(10, 11);
      assertThat(text(next.get(10, TimeUnit.SECONDS))).isEqualTo("10");
    }
  }

  @Test
  void followingEndsWhenTheContainerEndsWithTheLastLine() throws Exception {
    write(0, 2);
    CompletableFuture<List<String>> all =
        CompletableFuture.supplyAsync(() -> read(new LogQuery(-1, null, null, true)));
    write(2, 4);
    running = false;
    followers.wake();
    assertThat(all.get(10, TimeUnit.SECONDS)).isEqualTo(numbers(0, 4));
  }

  @Test
  void followsWhereTheKernelHasNothingToWatchWith() throws Exception {
    LogFollowers none =
        new LogFollowers(
            () -> {
              throw new IOException("User limit of inotify instances reached");
            });
    try (JsonLogReader reader =
        new JsonLogReader(log, new LogQuery(-1, null, null, true), none, () -> running)) {
      CompletableFuture<LogRecord> next = CompletableFuture.supplyAsync(reader::next);
      while (!waits("LogFollowers")) {
        Thread.onSpinWait();
      }
      write(0, 1);
      assertThat(text(next.get(15, TimeUnit.SECONDS))).isEqualTo("0");
    }
  }

  @Test
  void closingFromAnotherThreadEndsAFollower() throws Exception {
    JsonLogReader reader = reader(new LogQuery(-1, null, null, true));
    CompletableFuture<LogRecord> next = CompletableFuture.supplyAsync(reader::next);
    reader.close();
    reader.close();
    assertThat(next.get(10, TimeUnit.SECONDS)).isNull();
  }

  @Test
  void givesWhatIsBetweenSinceAndUntil() throws IOException {
    write(0, 10);
    assertThat(read(new LogQuery(-1, START.plusSeconds(3), START.plusSeconds(6), false)))
        .isEqualTo(numbers(3, 6));
    assertThat(read(new LogQuery(2, START.plusSeconds(9), null, false))).isEqualTo(numbers(9, 10));
  }

  @Test
  void followingEndsAtUntil() throws IOException {
    write(0, 10);
    assertThat(read(new LogQuery(-1, null, START.plusSeconds(4), true))).isEqualTo(numbers(0, 4));
  }

  @Test
  void passesOverDamagedLinesAndWaitsForUnfinishedOnes() throws IOException {
    write(0, 1);
    append("{\"log\":\"x\n\0\0\0\n[]\n");
    write(1, 2);
    append(line(2).substring(0, 10));
    try (JsonLogReader reader = reader(LogQuery.ALL)) {
      List<String> seen = drain(reader, new ArrayList<>());
      assertThat(seen).isEqualTo(numbers(0, 2));
      append(line(2).substring(10));
      assertThat(text(reader.next())).isEqualTo("2");
    }
  }

  private static boolean waits(String where) {
    return Thread.getAllStackTraces().values().stream()
        .anyMatch(
            trace ->
                List.of(trace).stream()
                    .anyMatch(
                        f ->
                            f.getClassName().endsWith(where) && f.getMethodName().equals("await")));
  }

  private JsonLogReader reader(LogQuery query) {
    return new JsonLogReader(log, query, followers, () -> running);
  }

  private List<String> read(LogQuery query) {
    try (JsonLogReader reader = reader(query)) {
      return drain(reader, new ArrayList<>());
    }
  }

  private static List<String> drain(JsonLogReader reader, List<String> into) {
    for (LogRecord record = reader.next(); record != null; record = reader.next()) {
      into.add(text(record));
    }
    return into;
  }

  private static String text(LogRecord record) {
    return record.text().strip();
  }

  private static LogQuery tail(int count) {
    return new LogQuery(count, null, null, false);
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }

  private void write(int from, int to) throws IOException {
    StringBuilder lines = new StringBuilder();
    IntStream.range(from, to).forEach(i -> lines.append(line(i)));
    append(lines.toString());
  }

  private static String line(int number) {
    return "{\"log\":\"%d\\n\",\"stream\":\"stdout\",\"time\":\"%s\"}\n"
        .formatted(number, START.plusSeconds(number));
  }

  private void append(String text) throws IOException {
    Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** As the shim does: oldest first, and for a moment there is no first file. */
  private void rotate() throws IOException {
    int last = 1;
    while (Files.exists(numbered(last))) {
      last++;
    }
    for (int i = last; i > 1; i--) {
      Files.move(numbered(i - 1), numbered(i), StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(log, numbered(1), StandardCopyOption.ATOMIC_MOVE);
  }

  private Path numbered(int i) {
    return log.resolveSibling(log.getFileName() + "." + i);
  }
}
