package io.jcompose.build.dockerfile;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go's time.ParseDuration reads them: {@code 1h30m}, {@code 1.5s}, {@code 0}. */
final class GoDuration {
  private static final Pattern PART =
      Pattern.compile("([0-9]{1,19})?(?:\\.([0-9]{0,19}))?(ns|us|µs|μs|ms|s|m|h)");
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
          "h", 3_600_000_000_000L);

  private GoDuration() {}

  /** Throws IllegalArgumentException for what is none, or longer than 292 years. */
  static Duration parse(String text) {
    boolean negative = text.startsWith("-");
    String rest = negative || text.startsWith("+") ? text.substring(1) : text;
    if (rest.equals("0")) {
      return Duration.ZERO;
    }
    Matcher part = PART.matcher(rest);
    BigDecimal nanos = BigDecimal.ZERO;
    int at = 0;
    while (at < rest.length()
        && text.length() <= MAX_TEXT
        && part.region(at, rest.length()).lookingAt()) {
      nanos = nanos.add(nanos(part));
      at = part.end();
    }
    if (at == 0 || at < rest.length() || nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException("invalid duration \"" + text + "\"");
    }
    return Duration.ofNanos(negative ? -nanos.longValue() : nanos.longValue());
  }

  private static BigDecimal nanos(Matcher part) {
    String whole = part.group(1) == null ? "" : part.group(1);
    String fraction = part.group(2) == null ? "" : part.group(2);
    if (whole.isEmpty() && fraction.isEmpty()) {
      throw new IllegalArgumentException("invalid duration: a unit without a number");
    }
    BigDecimal number = new BigDecimal("0" + whole + "." + fraction + "0");
    return number.multiply(BigDecimal.valueOf(NANOS.getOrDefault(part.group(3), 1L)));
  }
}
