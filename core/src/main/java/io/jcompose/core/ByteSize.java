package io.jcompose.core;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes as people write them: {@code 512}, {@code 64m}, {@code 1.5GB}; binary units,
 * case-insensitive (go-units RAMInBytes).
 */
public final class ByteSize {
  private static final Pattern TEXT =
      Pattern.compile("(\\d+(?:\\.\\d+)?) ?([kmgtp]?)(?:i?b)?", Pattern.CASE_INSENSITIVE);
  private static final String UNITS = "kmgtp";

  private ByteSize() {}

  /** The size in bytes; throws InvalidArgument ({@code invalid size: 'x'}). */
  public static long parse(String text) {
    Matcher match = TEXT.matcher(text.strip());
    // A number of a million digits would keep BigDecimal busy for minutes.
    if (text.length() > 64 || !match.matches()) {
      throw new JcomposeException.InvalidArgument("invalid size: '" + text + "'");
    }
    String unit = match.group(2).toLowerCase(Locale.ROOT);
    int power = unit.isEmpty() ? 0 : UNITS.indexOf(unit) + 1;
    BigDecimal bytes =
        new BigDecimal(match.group(1)).multiply(BigDecimal.valueOf(1L << (10 * power)));
    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new JcomposeException.InvalidArgument("invalid size: '" + text + "' is too large");
    }
    return bytes.longValue();
  }
}
