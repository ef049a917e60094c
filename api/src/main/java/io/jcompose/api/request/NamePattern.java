package io.jcompose.api.request;

import io.jcompose.core.JcomposeException;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression, or a pattern of file names, that a caller gave to look for names with. It
 * has a length and may look at a name so often and no more: Java's expressions recurse where they
 * are nested, and go back without an end where they are made for that. Immutable.
 */
public final class NamePattern {
  private static final int LONGEST = 256;
  private static final int MOST_LOOKS = 1_000_000;

  private final String given;
  private final Pattern compiled;

  private NamePattern(String given, String expression) {
    this.given = given;
    if (given.length() > LONGEST) {
      throw refused("it is longer than " + LONGEST + " characters");
    }
    try {
      this.compiled = Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      throw refused(e.getDescription());
    }
  }

  /**
   * A regular expression.
   *
   * @throws JcomposeException.InvalidArgument when it is none, or too long
   */
  public static NamePattern of(String expression) {
    return new NamePattern(expression, expression);
  }

  /**
   * {@code *} for anything but a slash, {@code ?} for one such character, {@code [a-z]} for one of
   * these, {@code [^a-z]} for another; a backslash takes the meaning of what follows.
   *
   * @throws JcomposeException.InvalidArgument when it is none, or too long
   */
  public static NamePattern ofGlob(String glob) {
    StringBuilder expression = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      int end = c == '[' ? glob.indexOf(']', i + 2) : -1;
      if (c == '*' || c == '?') {
        expression.append(c == '*' ? "[^/]*" : "[^/]");
      } else if (end > 0) {
        expression.append(
            "[" + glob.substring(i + 1, end).replaceAll("[\\\\&\\[]", "\\\\$0") + "]");
        i = end;
      } else if (c == '[') {
        expression.append(c); // refused, as what has no end
      } else {
        i += c == '\\' && i + 1 < glob.length() ? 1 : 0;
        expression.append(Pattern.quote(glob.substring(i, i + 1)));
      }
    }
    return new NamePattern(glob, expression.toString());
  }

  /** True when it is found somewhere in the text. */
  public boolean isIn(String text) {
    return counted(() -> compiled.matcher(new Counted(text)).find());
  }

  /** True when it is the whole text. */
  public boolean matches(String text) {
    return counted(() -> compiled.matcher(new Counted(text)).matches());
  }

  private boolean counted(BooleanSupplier looking) {
    try {
      return looking.getAsBoolean();
    } catch (Exceeded e) {
      throw refused("it takes too long to look for");
    }
  }

  private JcomposeException refused(String why) {
    String shown = given.length() > LONGEST ? given.substring(0, LONGEST) + "…" : given;
    return new JcomposeException.InvalidArgument(
        "invalid pattern of a name: '" + shown + "': " + why);
  }

  private static final class Exceeded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Exceeded() {
      super(null, null, false, false);
    }
  }

  /** A text that counts how often it is looked at. Confined to one thread. */
  private static final class Counted implements CharSequence {
    private final String text;
    private int looks;

    Counted(String text) {
      this.text = text;
    }

    @Override
    public char charAt(int index) {
      if (++looks > MOST_LOOKS) {
        throw new Exceeded();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
