package io.jcompose.compose.tree;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Numbers and scalars as Go reads and prints them. */
public final class GoText {
  private static final BigInteger UINT64_MAX =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private GoText() {}

  /** fmt's {@code %v} of a float64. */
  public static String number(double value) {
    return number(value, -4, 6);
  }

  /** encoding/json's float. */
  static String jsonNumber(double value) {
    return number(value, -7, 21);
  }

  private static String number(double value, int lowest, int highest) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = exact.precision() - exact.scale() - 1;
    if (exponent >= lowest && exponent < highest) {
      return exact.toPlainString();
    }
    String digits = exact.unscaledValue().abs().toString();
    StringBuilder out = new StringBuilder(value < 0 ? "-" : "").append(digits.charAt(0));
    if (digits.length() > 1) {
      out.append('.').append(digits, 1, digits.length());
    }
    out.append('e').append(exponent < 0 ? '-' : '+');
    int size = Math.abs(exponent);
    return out.append(size < 10 ? "0" : "").append(size).toString();
  }

  /** A plain YAML scalar as go-yaml v3 types it; dates stay text. */
  public static @Nullable Object plainScalar(String text) {
    if (text.isEmpty()) {
      return null;
    }
    char first = text.charAt(0);
    switch (text) {
      case "~", "null", "Null", "NULL" -> {
        return null;
      }
      case "true", "True", "TRUE" -> {
        return true;
      }
      case "false", "False", "FALSE" -> {
        return false;
      }
      case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF" -> {
        return Double.POSITIVE_INFINITY;
      }
      case "-.inf", "-.Inf", "-.INF" -> {
        return Double.NEGATIVE_INFINITY;
      }
      case ".nan", ".NaN", ".NAN" -> {
        return Double.NaN;
      }
      default -> {}
    }
    if (first > '9' || (first < '0' && first != '-' && first != '+' && first != '.')) {
      return text;
    }
    String digits = text.replace("_", "");
    Object whole = integer(digits);
    if (whole != null) {
      return whole;
    }
    double value = isFloat(digits) ? Double.parseDouble(digits) : Double.NaN;
    return Double.isFinite(value) ? (Object) value : text; // Go reads none that is out of range
  }

  /** strconv.ParseInt with base 0, then ParseUint; null when it is neither. */
  public static @Nullable Object integer(String text) {
    int start = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
    if (start == text.length()) {
      return null;
    }
    int radix = 10;
    int from = start;
    if (text.charAt(start) == '0' && text.length() > start + 1) {
      char mark = Character.toLowerCase(text.charAt(start + 1));
      radix = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 8;
      from = start + (mark == 'x' || mark == 'o' || mark == 'b' ? 2 : 1);
    }
    if (from == text.length() || text.length() - from > 64) {
      return null;
    }
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) > 'z' || Character.digit(text.charAt(i), radix) < 0) {
        return null;
      }
    }
    BigInteger value = new BigInteger(text.substring(from), radix);
    value = text.charAt(0) == '-' ? value.negate() : value;
    if (value.bitLength() < 64) {
      return value.longValue();
    }
    return value.signum() > 0 && value.compareTo(UINT64_MAX) <= 0 ? value : null;
  }

  private static boolean isFloat(String text) {
    int i = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
    int digits = 0;
    boolean dot = false;
    for (; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= '0' && c <= '9') {
        digits++;
      } else if (c == '.' && !dot) {
        dot = true;
      } else {
        break;
      }
    }
    if (digits == 0 || i == text.length()) {
      return digits > 0;
    }
    if (text.charAt(i) != 'e' && text.charAt(i) != 'E') {
      return false;
    }
    i++;
    if (i < text.length() && (text.charAt(i) == '-' || text.charAt(i) == '+')) {
      i++;
    }
    int power = i;
    while (i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
      i++;
    }
    return i == text.length() && i > power;
  }
}
