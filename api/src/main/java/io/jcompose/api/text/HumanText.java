package io.jcompose.api.text;

import io.jcompose.core.ContainerView;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Ages, states, ports and sizes in Docker's words (docker/go-units and moby's State.String). */
public final class HumanText {
  /** Those of ASCII, and those that some terminals take for an escape and its letter in one. */
  private static final Pattern CONTROL = Pattern.compile("\\p{Cc}");

  private HumanText() {}

  /** A text as Go's strconv.Quote writes it: nothing in it can act on a terminal. */
  public static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int named = "\u0007\b\f\n\r\t\u000b\\\"".indexOf(c);
      if (named >= 0) {
        quoted.append('\\').append("abfnrtv\\\"".charAt(named));
      } else if (Character.isISOControl(c)) {
        quoted.append(String.format(Locale.ROOT, c < 0x80 ? "\\x%02x" : "\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  /** A text with a question mark for each control character, as ps(1) prints commands. */
  public static String visible(String text) {
    return CONTROL.matcher(text).replaceAll("?");
  }

  /** A command line as Docker lists it: arguments with spaces in single quotes. */
  public static String command(List<String> words) {
    StringBuilder joined = new StringBuilder();
    for (int i = 0; i < words.size(); i++) {
      boolean quoted = i > 0 && words.get(i).contains(" ");
      joined.append(i == 0 ? "" : " ");
      joined.append(quoted ? "'" + words.get(i) + "'" : words.get(i));
    }
    return joined.toString();
  }

  /** {@code About a minute}, {@code 3 hours}. */
  public static String duration(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    long hours = (seconds + 1800) / 3600;
    if (seconds < 1) {
      return "Less than a second";
    }
    if (seconds < 60) {
      return seconds == 1 ? "1 second" : seconds + " seconds";
    }
    if (seconds < 3600) {
      return seconds < 120 ? "About a minute" : seconds / 60 + " minutes";
    }
    if (hours < 48) {
      return hours == 1 ? "About an hour" : hours + " hours";
    }
    if (hours < 24 * 14) {
      return hours / 24 + " days";
    }
    if (hours < 24 * 60) {
      return hours / 24 / 7 + " weeks";
    }
    return hours < 24 * 730 ? hours / 24 / 30 + " months" : hours / 24 / 365 + " years";
  }

  /** {@code Up 3 seconds (healthy)}. */
  public static String status(ContainerView view, Instant now) {
    Instant began = Objects.requireNonNullElse(view.startedAt(), now);
    Instant ended = Objects.requireNonNullElse(view.finishedAt(), now);
    String up = "Up " + duration(Duration.between(began, now));
    String ago = duration(Duration.between(ended, now)) + " ago";
    return switch (view.state()) {
      case CREATED -> "Created";
      case RUNNING -> up + health(view);
      case PAUSED -> up + " (Paused)";
      case RESTARTING -> "Restarting (" + view.exitCode() + ") " + ago;
      case EXITED -> "Exited (" + view.exitCode() + ") " + ago;
      case REMOVING -> "Removal In Progress";
      case DEAD -> "Dead";
    };
  }

  /** {@code 12.3MB}, decimal units, four digits at most. */
  public static String size(long bytes) {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    int digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return unit == 0
        ? bytes + "B"
        : String.format(Locale.ROOT, "%." + digits + "f%s", value, units[unit]);
  }

  /** {@code 1.95MiB}: four digits, as docker prints memory (go-units BytesSize). */
  public static String binarySize(long bytes) {
    return scaled(bytes, 1024, 4, "B", "KiB", "MiB", "GiB", "TiB", "PiB");
  }

  /** {@code 1.2kB}: three digits, as docker prints traffic (go-units HumanSizeWithPrecision). */
  public static String shortSize(long bytes) {
    return scaled(bytes, 1000, 3, "B", "kB", "MB", "GB", "TB", "PB");
  }

  private static String scaled(long bytes, int base, int digits, String... units) {
    double value = bytes;
    int unit = 0;
    while (value >= base && unit < units.length - 1) {
      value /= base;
      unit++;
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(digits));
    return (rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString())
        + units[unit];
  }

  private static String health(ContainerView view) {
    return switch (view.health()) {
      case NONE -> "";
      case STARTING -> " (health: starting)";
      case HEALTHY -> " (healthy)";
      case UNHEALTHY -> " (unhealthy)";
    };
  }

  /** Labels as docker lists them: {@code a=1,b=2}, sorted. */
  public static String pairs(Map<String, String> labels) {
    return labels.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(label -> label.getKey() + "=" + label.getValue())
        .collect(Collectors.joining(","));
  }
}
