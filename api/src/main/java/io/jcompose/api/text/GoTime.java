package io.jcompose.api.text;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Points in time as Docker's lists print them, with Go's {@code time.Time}, in the host's zone. */
public final class GoTime {
  private static final DateTimeFormatter STRING =
      new DateTimeFormatterBuilder()
          .appendPattern("yyyy-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .appendPattern(" xx zzz")
          .toFormatter(Locale.US); // the root locale calls CET GMT+01:00
  private static final DateTimeFormatter RFC_3339 =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssXXX", Locale.US);

  private GoTime() {}

  /** {@code 2006-01-02 15:04:05 +0000 UTC}, as of containers and images; N/A without a time. */
  public static String seconds(@Nullable Instant at, ZoneId zone) {
    return at == null ? "N/A" : nanos(at.truncatedTo(ChronoUnit.SECONDS), zone);
  }

  /** {@code 2006-01-02 15:04:05.123456789 +0000 UTC}, as of networks. */
  public static String nanos(Instant at, ZoneId zone) {
    return STRING.format(at.atZone(zone));
  }

  /** {@code 2006-01-02T15:04:05Z}, as of volumes and of the steps of an image. */
  public static String rfc3339(@Nullable Instant at, ZoneId zone) {
    return at == null ? "N/A" : RFC_3339.format(at.atZone(zone));
  }
}
