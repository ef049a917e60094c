package io.jcompose.runtime.shim;

import io.jcompose.core.file.StateFile;
import io.jcompose.runtime.TaskExit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The file in a bundle by which a shim says how its task ended; lines of {@code key=value}. */
public final class ExitRecord {
  private static final String FILE = "exit";
  private static final int ROOM = 4096; // shim.h, RECORD_MAX

  private ExitRecord() {}

  /** The record's place in a bundle. */
  public static Path in(Path bundleDir) {
    return bundleDir.resolve(FILE);
  }

  /**
   * Removes the record of the run before, and takes the room of the next one: at its end the disk
   * may be full. Without room now it is tried again then.
   */
  public static void prepare(Path bundleDir) throws IOException {
    Path record = in(bundleDir);
    Files.deleteIfExists(record);
    Path room = record.resolveSibling(FILE + ".tmp");
    try {
      Files.write(room, new byte[ROOM]);
    } catch (IOException e) {
      Files.deleteIfExists(room);
    }
  }

  /** Reads the record; one that is damaged counts as missing, for the end is then unknown. */
  public static Optional<TaskExit> read(Path bundleDir) {
    return StateFile.load(
        in(bundleDir),
        bytes -> parse(new String(bytes, StandardCharsets.US_ASCII)),
        "how the container ended is not known");
  }

  /** What a shim says of the end. */
  static TaskExit parse(String text) {
    Map<String, String> values = values(text);
    boolean oom = value(values, "oom").equals("1");
    return new TaskExit(
        Integer.parseInt(value(values, "code")),
        Integer.parseInt(value(values, "signal")),
        oom,
        oom ? number(values, "oom_peak", "memory.peak", "memory.max_usage_in_bytes") : 0,
        oom ? number(values, "oom_limit", "memory.max", "memory.limit_in_bytes") : 0,
        values.getOrDefault("lost", "0").equals("1"),
        instant(value(values, "started")),
        instant(value(values, "ended")));
  }

  /** Those of lines, and the first line of each file that is shown. */
  private static Map<String, String> values(String text) {
    Map<String, String> values = new HashMap<>();
    String file = "";
    for (String line : text.lines().toList()) {
      int equals = line.indexOf('=');
      if (line.startsWith("file=")) {
        file = line.substring(equals + 1);
      } else if (equals > 0) {
        values.put(line.substring(0, equals), line.substring(equals + 1));
      } else {
        values.putIfAbsent(file, line);
      }
    }
    return values;
  }

  /** The first of these that there is: older shims had words of their own; 0 for no number. */
  private static long number(Map<String, String> values, String... names) {
    for (String name : names) {
      String value = values.getOrDefault(name, "");
      if (value.matches("\\d{1,19}")) {
        return Long.parseUnsignedLong(value);
      }
    }
    return 0;
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
  public static TaskExit lost(Instant startedAt) {
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
