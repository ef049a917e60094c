package io.jcompose.api.request;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.time.GoDuration;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Points in time as {@code --since}, {@code --until} and filters take them: a Unix time, a date
 * with or without time and zone, or a duration before now ({@code 42m}, {@code 1.5h}, {@code
 * -10s}).
 */
public record Moments(Clock clock) {
  private static final Pattern UNIX = Pattern.compile("\\d{1,18}(\\.\\d{0,9})?");
  private static final Pattern DATE =
      Pattern.compile(
          "(?<date>\\d{4}-\\d\\d-\\d\\d)"
              + "(T(?<hour>\\d\\d)(:(?<minute>\\d\\d)(:(?<second>\\d\\d(\\.\\d{1,9})?))?)?)?"
              + "(?<zone>Z|[+-]\\d\\d:\\d\\d)?");

  /**
   * Null for an empty text.
   *
   * @throws JcomposeException.InvalidArgument for what is neither a time nor a duration
   */
  @Nullable
  public Instant parse(String option, String text) {
    if (text.isEmpty()) {
      return null;
    }
    try {
      if (UNIX.matcher(text).matches()) {
        return unix(text);
      }
      Optional<Instant> past = GoDuration.parse(text).map(ago -> clock.instant().minus(ago));
      return past.isPresent() ? past.get() : dated(text);
    } catch (DateTimeException | ArithmeticException e) {
      throw new JcomposeException.InvalidArgument(
          "invalid value for --" + option + ": \"" + text + "\" is not a time or a duration");
    }
  }

  private static Instant unix(String text) {
    BigDecimal seconds = new BigDecimal(text + (text.contains(".") ? "0" : ""));
    long whole = seconds.longValue();
    return Instant.ofEpochSecond(
        whole, seconds.subtract(BigDecimal.valueOf(whole)).movePointRight(9).longValue());
  }

  private Instant dated(String text) {
    Matcher parts = DATE.matcher(text);
    if (!parts.matches()) {
      throw new DateTimeException(text);
    }
    LocalDateTime local =
        LocalDateTime.parse(
            parts.group("date")
                + "T"
                + orZero(parts.group("hour"))
                + ":"
                + orZero(parts.group("minute"))
                + ":"
                + orZero(parts.group("second")));
    String zone = parts.group("zone");
    return local.atZone(zone == null ? clock.getZone() : ZoneId.of(zone)).toInstant();
  }

  private static String orZero(@Nullable String part) {
    return part == null ? "00" : part;
  }
}
