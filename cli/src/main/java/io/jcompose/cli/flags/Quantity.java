package io.jcompose.cli.flags;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads numbers, sizes and durations as Go's libraries do for docker. Each throws {@link
 * IllegalArgumentException} in their words.
 */
final class Quantity {
  private static final String UNITS = "bkmgtp";
  private static final Pattern PART =
      Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");
  private static final Pattern DECIMAL = Pattern.compile("\\d+(\\.\\d*)?|\\.\\d+");

  private Quantity() {}

  static long whole(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "strconv.ParseInt: parsing \"" + text + "\": invalid syntax", e);
    }
  }

  /** {@code 64m}, {@code 1.5GiB}: by powers of 1024. */
  static long bytes(String text) {
    int end = text.length();
    while (end > 0 && "0123456789. ".indexOf(text.charAt(end - 1)) < 0) {
      end--;
    }
    String number = text.substring(0, end).strip();
    String suffix = text.substring(end).toLowerCase(Locale.ROOT);
    if (!DECIMAL.matcher(number).matches()) {
      throw new IllegalArgumentException("invalid size: '" + text + "'");
    }
    int power = suffix.isEmpty() ? 0 : UNITS.indexOf(suffix.charAt(0));
    boolean known =
        suffix.length() <= 1
            || (power > 0 && (suffix.substring(1).equals("b") || suffix.substring(1).equals("ib")));
    if (power < 0 || !known) {
      throw new IllegalArgumentException("invalid suffix: '" + suffix + "'");
    }
    return new BigDecimal(number).multiply(BigDecimal.valueOf(1L << (10 * power))).longValue();
  }

  /** {@code 1h2m3.5s}. */
  static long nanos(String text) {
    String rest = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
    long sign = text.startsWith("-") ? -1 : 1;
    if (rest.equals("0")) {
      return 0;
    }
    Matcher part = PART.matcher(rest);
    BigDecimal sum = BigDecimal.ZERO;
    int at = 0;
    while (part.find() && part.start() == at) {
      sum =
          sum.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit(part.group(2)))));
      at = part.end();
    }
    if (rest.isEmpty() || at < rest.length()) {
      String why =
          DECIMAL.matcher(rest).matches() ? "missing unit in duration" : "invalid duration";
      throw new IllegalArgumentException("time: " + why + " \"" + text + "\"");
    }
    return sign * sum.longValue();
  }

  private static long unit(String unit) {
    return switch (unit) {
      case "h" -> 3_600_000_000_000L;
      case "m" -> 60_000_000_000L;
      case "s" -> 1_000_000_000L;
      case "ms" -> 1_000_000L;
      case "ns" -> 1L;
      default -> 1_000L;
    };
  }

  /**
   * {@code 1.5} or {@code 3/2}.
   *
   * @return that many of {@code parts}
   */
  static long rational(String text, long parts) {
    String[] both = text.split("/", -1);
    boolean fits = both.length <= 2;
    for (String one : both) {
      fits &= one.matches("-?(\\d{1,12}(\\.\\d{0,20})?|\\.\\d{1,20})");
    }
    BigDecimal below = fits && both.length == 2 ? new BigDecimal(both[1]) : BigDecimal.ONE;
    if (!fits || below.signum() == 0) {
      throw new IllegalArgumentException("failed to parse " + text + " as a rational number");
    }
    BigDecimal whole = new BigDecimal(both[0]).multiply(BigDecimal.valueOf(parts));
    BigInteger[] divided = divided(whole, below);
    if (divided[1].signum() != 0) {
      throw new IllegalArgumentException("value is too precise");
    }
    return divided[0].longValue();
  }

  private static BigInteger[] divided(BigDecimal above, BigDecimal below) {
    int scale = Math.max(Math.max(above.scale(), below.scale()), 0);
    return above
        .movePointRight(scale)
        .toBigInteger()
        .divideAndRemainder(below.movePointRight(scale).toBigInteger());
  }
}
