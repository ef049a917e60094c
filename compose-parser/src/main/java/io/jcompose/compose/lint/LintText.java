package io.jcompose.compose.lint;

import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.tree.GoText;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Rules about how a file is written, which its values do not show. */
final class LintText {
  /** Where an item of a list begins and ends, in block and in flow style. */
  private static final String ITEM = "(?:^\\s*-\\s+|[\\[,]\\s*)";

  private static final String KEY = "(?:^\\s*(?:-\\s+)?|[{,]\\s*)";
  private static final String END = "(?=\\s*(?:[\\],}]|\\s#.*$|$))";

  private static final Pattern PORT = Pattern.compile(ITEM + "(\\d+:[0-5]?\\d)" + END);
  private static final Pattern OCTAL =
      Pattern.compile(KEY + "([A-Za-z_][\\w.-]*)\\s*:\\s+(0\\d+)" + END);
  private static final Pattern QUOTED =
      Pattern.compile(ITEM + "[A-Za-z_]\\w*=((?:\"[^\"]*\"|'[^']*'))" + END);

  private final Findings findings;
  private final String file;
  private final String text;

  LintText(Findings findings, String file, String text) {
    this.findings = findings;
    this.file = file;
    this.text = text;
  }

  void check() {
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      String line =
          lines[i].endsWith("\r") ? lines[i].substring(0, lines[i].length() - 1) : lines[i];
      // Matching a long line would recurse deeply.
      if (line.length() <= 1000) {
        line(line, i + 1);
      }
    }
  }

  private void line(String line, int number) {
    int tab = line.indexOf('\t');
    boolean inText = tab >= 0 && line.substring(0, tab).matches(".*[\"'#].*");
    if (tab >= 0 && !inText) {
      warn(
          number,
          tab,
          "tab-character",
          "a tab; other YAML readers refuse or move what is behind it");
    }
    each(PORT, line, port -> unquotedPort(port.group(1), number, port.start(1)));
    each(OCTAL, line, octal -> octalNumber(octal.group(1), octal.group(2), number, octal.start(2)));
    each(
        QUOTED,
        line,
        quoted ->
            warn(
                number,
                quoted.start(1),
                "quoted-value",
                "these quotes become part of the value; quote the whole item instead"));
  }

  /** All that a pattern finds outside of quotes and comments. */
  private static void each(Pattern pattern, String line, Consumer<MatchResult> found) {
    pattern
        .matcher(line)
        .results()
        .filter(match -> isPlain(line.substring(0, match.start())))
        .forEach(found);
  }

  private static boolean isPlain(String before) {
    return !before.matches("(.*\\s)?#.*")
        && before.chars().filter(c -> c == '"').count() % 2 == 0
        && before.chars().filter(c -> c == '\'').count() % 2 == 0;
  }

  private void unquotedPort(String port, int number, int column) {
    warn(
        number,
        column,
        "unquoted-port",
        "YAML 1.1 reads " + port + " as a number to the base of 60; write \"" + port + "\"");
  }

  private void octalNumber(String key, String digits, int number, int column) {
    Object value = GoText.integer(digits);
    if (!key.equals("mode") && value != null && !value.toString().equals(digits)) {
      warn(
          number,
          column,
          "octal-number",
          digits + " is octal: the value is " + value + "; quote it to keep its digits");
    }
  }

  private void warn(int line, int column, String rule, String message) {
    findings.add(
        new SourcePosition(file, line, column + 1), Findings.Level.WARNING, rule, "", message);
  }
}
