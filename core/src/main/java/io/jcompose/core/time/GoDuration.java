package io.jcompose.core.time;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as Go's {@code time} package reads and prints them: {@code 1h30m}, {@code -1.5s},
 * {@code 500ms}. What people type and write is read here and nowhere else.
 */
public final class GoDuration {
  private static final Pattern PART =
      Pattern.compile("([0-9]{0,19})(?:\\.([0-9]{0,19}))?(ns|us|µs|μs|ms|s|m|h|d|w)");
  private static final int MAX_TEXT = 100;
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L,
          "μs", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L,
          "d", 86_400_000_000_000L,
          "w", 604_800_000_000_000L);

  private GoDuration() {}

  /** {@code time.ParseDuration}; empty for what is none, or is longer than 292 years. */
  public static Optional<Duration> parse(String text) {
    return text.indexOf('d') < 0 && text.indexOf('w') < 0 ? parseWithDays(text) : Optional.empty();
  }

  /**
   * As {@link #parse}, with days ({@code d}) and weeks ({@code w}) besides, as Compose has them.
   */
  public static Optional<Duration> parseWithDays(String text) {
    boolean negative = text.startsWith("-");
    String rest = negative || text.startsWith("+") ? text.substring(1) : text;
    if (rest.equals("0")) {
      return Optional.of(Duration.ZERO);
    }
    if (rest.isEmpty() || text.length() > MAX_TEXT) {
      return Optional.empty();
    }
    Matcher part = PART.matcher(rest);
    BigDecimal nanos = BigDecimal.ZERO;
    for (int at = 0; at < rest.length(); at = part.end()) {
      if (!part.region(at, rest.length()).lookingAt() || isUnitAlone(part)) {
        return Optional.empty();
      }
      nanos = nanos.add(nanos(part));
    }
    if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofNanos(negative ? -nanos.longValue() : nanos.longValue()));
  }

  private static boolean isUnitAlone(Matcher part) {
    return part.group(1).isEmpty() && fraction(part).isEmpty();
  }

  private static String fraction(Matcher part) {
    return part.group(2) == null ? "" : part.group(2);
  }

  private static BigDecimal nanos(Matcher part) {
    BigDecimal number = new BigDecimal("0" + part.group(1) + "." + fraction(part) + "0");
    return number.multiply(BigDecimal.valueOf(NANOS.getOrDefault(part.group(3), 1L)));
  }

  /** {@code time.Duration}'s {@code String}: {@code 1m30s}. */
  public static String text(Duration duration) {
    long nanos = duration.toNanos();
    if (nanos == 0) {
      return "0s";
    }
    String sign = nanos < 0 ? "-" : "";
    nanos = Math.abs(nanos);
    if (nanos < 1000) {
      return sign + nanos + "ns";
    }
    if (nanos < 1_000_000) {
      return sign + inUnits(nanos, 1000) + "µs";
    }
    if (nanos < 1_000_000_000) {
      return sign + inUnits(nanos, 1_000_000) + "ms";
    }
    long minutes = nanos / 60_000_000_000L;
    String seconds = inUnits(nanos % 60_000_000_000L, 1_000_000_000) + "s";
    if (minutes == 0) {
      return sign + seconds;
    }
    return sign + (minutes >= 60 ? minutes / 60 + "h" : "") + minutes % 60 + "m" + seconds;
  }

  private static String inUnits(long value, long unit) {
    BigDecimal exact = BigDecimal.valueOf(value).divide(BigDecimal.valueOf(unit));
    return exact.signum() == 0 ? "0" : exact.stripTrailingZeros().toPlainString();
  }
}
