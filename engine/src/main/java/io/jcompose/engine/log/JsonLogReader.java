package io.jcompose.engine.log;

import com.fasterxml.jackson.core.JacksonException;
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
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a json-file log with its rotated files, oldest first, and follows it across rotations.
 * Holds two records at a time, however many are asked for. Owned by one reader thread; {@link
 * #close} may come from another.
 */
public final class JsonLogReader implements LogReader {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int LONGEST_RECORD = 128 << 10;

  /** How often a tail is counted anew when its beginning was rotated away meanwhile. */
  private static final int TAIL_TRIES = 3;

  /** How long a follower waits for the rest of a cut line. */
  private static final Duration REST_LIMIT = Duration.ofMillis(200);

  private final Path directory;
  private final LogQuery query;
  private final LogFollowers followers;
  private final BooleanSupplier running;
  private final RotatedLog lines;
  private final LongLine line = new LongLine();
  private @Nullable Placed ahead;
  private boolean follows; // from the moment on when the beginning is found
  private boolean begun;
  private boolean past;
  private volatile boolean closed;

  /**
   * @param running false when no more records will come
   */
  public JsonLogReader(Path log, LogQuery query, LogFollowers followers, BooleanSupplier running) {
    this.directory = Objects.requireNonNull(log.getParent());
    this.query = query;
    this.followers = followers;
    this.running = running;
    this.lines = new RotatedLog(log);
    if (query.from() != null) {
      lines.seek(query.from());
    }
    if (query.follow()) {
      followers.enter(directory);
    }
  }

  @Override
  public LogPlace place() {
    return ahead == null ? lines.place() : ahead.start;
  }

  @Override
  public @Nullable LogRecord next() {
    if (!begun) {
      begun = true;
      if (query.tail() >= 0) {
        seekTail(query.tail());
      }
      follows = query.follow();
    }
    return piece();
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

  /**
   * To the beginning of the last lines: they are counted first and then passed over, for so many as
   * a person may ask for cannot be kept.
   */
  private void seekTail(int count) {
    if (count == 0) {
      lines.seekEnd();
      return;
    }
    for (int tries = 0; tries < TAIL_TRIES; tries++) {
      lines.seekTail(query.until() == null ? count : Long.MAX_VALUE);
      RotatedLog.Mark start = lines.mark();
      long more = count() - count;
      past = false;
      if (lines.seek(start)) {
        skip(more);
        return;
      }
    }
    // It is rotated faster than it can be counted: the rest is all there is.
  }

  private long count() {
    long count = 0;
    for (var record = piece(); record != null; record = piece()) {
      count += record.continues() ? 0 : 1;
    }
    return count;
  }

  private void skip(long count) {
    long left = count;
    while (left > 0) {
      LogRecord record = piece();
      if (record == null) {
        return;
      }
      left -= record.continues() ? 0 : 1;
    }
  }

  /** The next record, which says whether its line goes on. */
  private @Nullable LogRecord piece() {
    LogRecord record = take();
    if (record == null || !line.mayContinue(record)) {
      return record;
    }
    ahead = rest();
    return ahead != null && line.continues(record, ahead.record) ? record.continued() : record;
  }

  private @Nullable LogRecord take() {
    Placed first = ahead;
    if (first != null) {
      ahead = null;
      return first.record;
    }
    while (!closed) {
      long seen = followers.generation();
      boolean more = follows && running.getAsBoolean();
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

  /** The record after a piece of a line, if it comes soon. */
  private @Nullable Placed rest() {
    long limit = System.nanoTime() + REST_LIMIT.toNanos();
    while (true) {
      long seen = followers.generation();
      boolean more = follows && running.getAsBoolean();
      LogPlace start = lines.place();
      LogRecord record = nextMatching();
      if (record != null) {
        return new Placed(start, record);
      }
      long left = limit - System.nanoTime();
      if (closed || !more || left <= 0) {
        return null;
      }
      followers.await(seen, left);
    }
  }

  private @Nullable LogRecord nextMatching() {
    while (!closed && !past) {
      byte[] text = lines.next();
      if (text == null) {
        return null;
      }
      LogRecord record = parse(text);
      if (record == null || (query.since() != null && record.time().isBefore(query.since()))) {
        continue;
      }
      if (query.until() != null && !record.time().isBefore(query.until())) {
        // Where the clock was set back, earlier ones follow; but not from now on.
        past = follows && !Instant.now().isBefore(query.until());
        continue;
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
    Map<String, String> details = Map.of();
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
          case "attrs" -> details = details(parser);
          default -> parser.skipChildren();
        }
      }
      return new LogRecord(Instant.parse(time), stream, text, false, details);
    } catch (JacksonException | DateTimeParseException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read a log record", e);
    }
  }

  /** The texts of the object that the parser is at; other values are passed over. */
  private static Map<String, String> details(JsonParser parser) throws IOException {
    Map<String, String> details = new HashMap<>();
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return details;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (parser.nextToken() == JsonToken.VALUE_STRING) {
        details.put(name, parser.getText());
      } else {
        parser.skipChildren();
      }
    }
    return details;
  }

  /** A record and where it begins, or before it. */
  private record Placed(LogPlace start, LogRecord record) {}
}
