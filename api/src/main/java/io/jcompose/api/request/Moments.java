package io.jcompose.api.request;

import io.jcompose.core.JcomposeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * Points in time as {@code --since} and {@code --until} take them: a Unix time, a date with or
 * without time and zone, or a duration before now ({@code 42m}).
 */
public record Moments(Clock clock) {

  /**
   * Null for an empty text.
   *
   * @throws JcomposeException.InvalidArgument for anything else
   */
  @Nullable
  public Instant parse(String option, String text) {
    if (text.isEmpty()) {
      return null;
    }
    try {
      if (text.matches("\\d+(\\.\\d+)?")) {
        return Instant.ofEpochMilli((long) (Double.parseDouble(text) * 1000));
      }
      if (text.matches("(\\d+(\\.\\d+)?[hms])+")) {
        return clock.instant().minus(Duration.parse("PT" + text));
      }
      return text.endsWith("Z") || text.matches(".*T.*[+-]\\d\\d:\\d\\d")
          ? OffsetDateTime.parse(text).toInstant()
          : local(text);
    } catch (DateTimeParseException e) {
      throw new JcomposeException.InvalidArgument(
          "invalid value for --" + option + ": \"" + text + "\" is not a time or a duration");
    }
  }

  private Instant local(String text) {
    String whole = text.contains("T") ? text : text + "T00:00:00";
    return LocalDateTime.parse(whole).atZone(clock.getZone()).toInstant();
  }
}
