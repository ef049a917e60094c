package io.jcompose.runtime.task;

import io.jcompose.core.ProcessView;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads processes from /proc as {@code ps -ef} on the host shows them. What a container can make
 * large is cut: a command after {@value #COMMAND_BYTES} bytes, and all commands but their programs'
 * names after {@value #COMMANDS_BYTES}; the list after {@value #MOST} processes. Stateless.
 */
final class ProcessTable {
  static final int MOST = 10_000;
  static final int COMMAND_BYTES = 4096;
  static final int COMMANDS_BYTES = 1 << 20;
  private static final int FILE_BYTES = 1 << 20;
  private static final int TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux
  private static final int LONGEST_NAME = 8;

  private final Path proc;
  private final Path passwd;

  ProcessTable(Path proc, Path passwd) {
    this.proc = proc;
    this.passwd = passwd;
  }

  /** Those of the processes that still live. */
  List<ProcessView> read(List<Long> pids) {
    Map<String, String> users = users();
    Instant boot = bootTime();
    List<ProcessView> found = new ArrayList<>();
    int room = COMMANDS_BYTES;
    for (long pid : pids.subList(0, Math.min(MOST, pids.size()))) {
      Optional<ProcessView> view = read(pid, users, boot, Math.min(room, COMMAND_BYTES));
      view.ifPresent(found::add);
      room -= view.map(each -> each.command().length()).orElse(0);
    }
    return found;
  }

  private Optional<ProcessView> read(long pid, Map<String, String> users, Instant boot, int room) {
    try {
      Path directory = proc.resolve(Long.toString(pid));
      String stat = text(directory.resolve("stat"));
      int open = stat.indexOf('(');
      int close = stat.lastIndexOf(')');
      String[] fields = stat.substring(close + 2).split(" "); // field 3 of man 5 proc is fields[0]
      String uid = "0";
      for (String line : text(directory.resolve("status")).split("\n")) {
        if (line.startsWith("Uid:")) {
          uid = line.split("\\s+")[2];
        }
      }
      String command = text(directory.resolve("cmdline"), room).replace('\0', ' ').strip();
      return Optional.of(
          new ProcessView(
              users.getOrDefault(uid, uid),
              pid,
              Long.parseLong(fields[1]),
              boot.plus(ticks(fields[19])),
              terminal(Integer.parseInt(fields[4])),
              ticks(fields[11]).plus(ticks(fields[12])),
              command.isEmpty() ? "[" + stat.substring(open + 1, close) + "]" : command));
    } catch (IOException e) {
      return Optional.empty(); // it has ended
    }
  }

  private static Duration ticks(String text) {
    return Duration.ofMillis(Long.parseLong(text) * 1000 / TICKS_PER_SECOND);
  }

  /** Names by Documentation/admin-guide/devices.txt. */
  static String terminal(int device) {
    int major = (device >>> 8) & 0xfff;
    int minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
    if (major >= 136 && major <= 143) {
      return "pts/" + (minor + (major - 136) * 256);
    }
    return major == 4 ? "tty" + minor : "?";
  }

  private Map<String, String> users() {
    Map<String, String> names = new HashMap<>();
    try {
      for (String line : text(passwd).split("\n")) {
        String[] fields = line.split(":");
        if (fields.length > 2) {
          String name = fields[0];
          boolean fits = name.length() <= LONGEST_NAME;
          names.putIfAbsent(fields[2], fits ? name : name.substring(0, LONGEST_NAME - 1) + "+");
        }
      }
    } catch (IOException e) {
      return names; // numbers say it too
    }
    return names;
  }

  private Instant bootTime() {
    try {
      for (String line : text(proc.resolve("stat")).split("\n")) {
        if (line.startsWith("btime ")) {
          return Instant.ofEpochSecond(Long.parseLong(line.substring(6).strip()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read " + proc.resolve("stat"), e);
    }
    return Instant.EPOCH;
  }

  private static String text(Path file) throws IOException {
    return text(file, FILE_BYTES);
  }

  /** A file's beginning; nothing where there is no room. */
  private static String text(Path file, int mostBytes) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(Math.max(0, mostBytes)), StandardCharsets.UTF_8);
    }
  }
}
