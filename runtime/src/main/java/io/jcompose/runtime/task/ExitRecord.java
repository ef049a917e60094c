package io.jcompose.runtime.task;

import io.jcompose.core.file.StateFile;
import io.jcompose.runtime.TaskExit;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The file in a bundle by which a shim says how its task ended; lines of {@code key=value}. */
public final class ExitRecord {
  private static final String FILE = "exit";

  private ExitRecord() {}

  /** The record's place in a bundle. */
  public static Path in(Path bundleDir) {
    return bundleDir.resolve(FILE);
  }

  /** Reads the record; one that is damaged counts as missing, for the end is then unknown. */
  public static Optional<TaskExit> read(Path bundleDir) {
    return StateFile.load(
        in(bundleDir),
        bytes -> parse(new String(bytes, StandardCharsets.US_ASCII)),
        "how the container ended is not known");
  }

  static TaskExit parse(String text) {
    Map<String, String> values = new HashMap<>();
    text.lines()
        .forEach(
            line -> {
              int equals = line.indexOf('=');
              if (equals > 0) {
                values.put(line.substring(0, equals), line.substring(equals + 1));
              }
            });
    return new TaskExit(
        Integer.parseInt(value(values, "code")),
        Integer.parseInt(value(values, "signal")),
        value(values, "oom").equals("1"),
        Long.parseUnsignedLong(values.getOrDefault("oom_peak", "0")),
        Long.parseUnsignedLong(values.getOrDefault("oom_limit", "0")),
        values.getOrDefault("lost", "0").equals("1"),
        instant(value(values, "started")),
        instant(value(values, "ended")));
  }

  private static String value(Map<String, String> values, String key) {
    String value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key);
    }
    return value;
  }

  private static Instant instant(String text) {
    int dot = text.indexOf('.');
    return Instant.ofEpochSecond(
        Long.parseLong(text.substring(0, dot)), Long.parseLong(text.substring(dot + 1)));
  }

  /** An end of which nothing is known. */
  static TaskExit lost(Instant startedAt) {
    return new TaskExit(255, 0, false, 0, 0, true, startedAt, Instant.now());
  }

  /** Says that a task's end is not known, because its shim was killed. */
  public static TaskExit writeLost(Path bundleDir, String id, Instant startedAt) {
    TaskExit exit = lost(startedAt);
    String text =
        "version=1\nid="
            + id
            + "\npid=0\ncode=255\nsignal=0\noom=0\nlost=1\nstarted="
            + text(startedAt)
            + "\nended="
            + text(exit.at())
            + "\n";
    StateFile.write(in(bundleDir), text.getBytes(StandardCharsets.US_ASCII));
    return exit;
  }

  private static String text(Instant instant) {
    return String.format("%d.%09d", instant.getEpochSecond(), instant.getNano());
  }
}
