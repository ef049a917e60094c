package io.jcompose.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.jcompose.core.Containers.LogPlace;
import io.jcompose.core.Containers.LogQuery;
import io.jcompose.core.Containers.LogReader;
import io.jcompose.core.Containers.LogRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a json-file log with its rotated files, oldest first, and follows it across rotations.
 * Owned by one reader thread; {@link #close} may come from another.
 */
final class JsonLogReader implements LogReader {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int LONGEST_RECORD = 128 << 10;

  private final Path directory;
  private final LogQuery query;
  private final LogFollowers followers;
  private final BooleanSupplier running;
  private final LogLines lines;
  private final Deque<Placed> tail = new ArrayDeque<>();
  private boolean tailRead;
  private boolean past;
  private volatile boolean closed;

  /**
   * @param running false when no more records will come
   */
  JsonLogReader(Path log, LogQuery query, LogFollowers followers, BooleanSupplier running) {
    this.directory = java.util.Objects.requireNonNull(log.getParent());
    this.query = query;
    this.followers = followers;
    this.running = running;
    this.lines = new LogLines(log);
    if (query.from() != null) {
      lines.seek(query.from());
    }
    if (query.follow()) {
      followers.enter(directory);
    }
  }

  @Override
  public LogPlace place() {
    return tail.isEmpty() ? lines.place() : tail.getFirst().start;
  }

  @Override
  public @Nullable LogRecord next() {
    if (query.tail() >= 0 && !tailRead) {
      readTail();
    }
    if (!tail.isEmpty()) {
      return tail.removeFirst().record;
    }
    while (!closed) {
      long seen = followers.generation();
      boolean more = query.follow() && running.getAsBoolean();
      LogRecord record = nextMatching();
      if (record != null) {
        return record;
      }
      if (!more || past || lines.isPast()) {
        return null;
      }
      followers.await(seen);
    }
    return null;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (query.follow()) {
        followers.leave(directory);
        followers.wake();
      }
      lines.close();
    }
  }

  private void readTail() {
    tailRead = true;
    if (query.tail() > 0) {
      lines.seekTail(query.tail());
    } else {
      lines.seekEnd();
    }
    LogPlace start = lines.place();
    for (var record = nextMatching(); record != null; record = nextMatching()) {
      tail.add(new Placed(start, record));
      if (tail.size() > query.tail()) {
        tail.removeFirst();
      }
      start = lines.place();
    }
  }

  private @Nullable LogRecord nextMatching() {
    while (!closed && !past) {
      byte[] line = lines.next();
      if (line == null) {
        return null;
      }
      LogRecord record = parse(line);
      if (record == null || (query.since() != null && record.time().isBefore(query.since()))) {
        continue;
      }
      if (query.until() != null && !record.time().isBefore(query.until())) {
        // Records are in the order of their times: none that follows can be wanted.
        past = true;
        return null;
      }
      return record;
    }
    return null;
  }

  /** The time of the last record in a whole file, or the beginning of time. */
  static String lastTime(Path file) throws IOException {
    long end = Files.size(file);
    long start = Math.max(0, end - LONGEST_RECORD);
    byte[] last = new byte[(int) (end - start)];
    try (SeekableByteChannel in = Files.newByteChannel(file)) {
      in.position(start);
      ByteBuffer buffer = ByteBuffer.wrap(last);
      while (buffer.hasRemaining() && in.read(buffer) > 0) {}
    }
    int from = last.length - 1;
    while (from > 0 && last[from - 1] != '\n') {
      from--;
    }
    LogRecord record = parse(Arrays.copyOfRange(last, Math.max(0, from), last.length));
    return record == null ? "0001-01-01T00:00:00Z" : record.time().toString();
  }

  /** Null for a line that a power cut damaged. */
  private static @Nullable LogRecord parse(byte[] line) {
    String text = "";
    String stream = "stdout";
    String time = "";
    try (JsonParser parser = JSON.createParser(line)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "log" -> text = parser.getText();
          case "stream" -> stream = parser.getText();
          case "time" -> time = parser.getText();
          default -> parser.skipChildren();
        }
      }
      return new LogRecord(Instant.parse(time), stream, text);
    } catch (com.fasterxml.jackson.core.JacksonException | DateTimeParseException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read a log record", e);
    }
  }

  /** A record and where it begins. */
  private record Placed(LogPlace start, LogRecord record) {}
}
