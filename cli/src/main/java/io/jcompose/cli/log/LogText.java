package io.jcompose.cli.log;

import java.time.Clock;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Lines of the log: {@code 2026-11-28T19:02:07.123+01:00 INFO Runs: …}. What a message or an error
 * says may come from a container, an image or a registry: only a line's beginning tells a new
 * entry, for all that follows is indented, and no control character passes. Pure.
 */
record LogText(Clock clock) {
  /** Of one message; some registries answer with pages. */
  private static final int MOST_CHARACTERS = 8 * 1024;

  private static final int MOST_FRAMES = 40;
  private static final int MOST_CAUSES = 5;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSxxx", Locale.ROOT);

  String line(Level level, String name, String message, @Nullable Throwable error) {
    String start = TIME.format(clock.instant().atZone(clock.getZone()));
    return start + " " + pad(level.name()) + " " + entry(name, message, error);
  }

  /** With the priority of sd-daemon(3) before each line. */
  String journal(Level level, String name, String message, @Nullable Throwable error) {
    String priority =
        switch (level) {
          case ERROR -> "<3>";
          case WARN -> "<4>";
          case INFO -> "<6>";
          case DEBUG, TRACE -> "<7>";
        };
    String entry = entry(name, message, error).stripTrailing();
    return priority + entry.replace("\n", "\n" + priority) + "\n";
  }

  private static String pad(String level) {
    return level.length() == 4 ? level + " " : level;
  }

  private static String entry(String name, String message, @Nullable Throwable error) {
    StringBuilder text = new StringBuilder(name.substring(name.lastIndexOf('.') + 1)).append(": ");
    text.append(safe(message)).append('\n');
    Throwable next = error;
    for (int i = 0; next != null && i < MOST_CAUSES; i++) {
      append(text, i == 0 ? "" : "caused by ", next);
      next = next.getCause();
    }
    return text.toString();
  }

  private static void append(StringBuilder text, String word, Throwable error) {
    text.append("    ").append(word).append(safe(error.toString())).append('\n');
    StackTraceElement[] frames = error.getStackTrace();
    for (int i = 0; i < Math.min(frames.length, MOST_FRAMES); i++) {
      text.append("      at ").append(frames[i]).append('\n');
    }
  }

  private static String safe(String message) {
    StringBuilder text = new StringBuilder();
    int end = Math.min(message.length(), MOST_CHARACTERS);
    for (int i = 0; i < end; i++) {
      char c = message.charAt(i);
      if (c == '\n') {
        text.append("\n    ");
      } else if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
        text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        text.append(c);
      }
    }
    return text.append(end < message.length() ? "…" : "").toString();
  }
}
