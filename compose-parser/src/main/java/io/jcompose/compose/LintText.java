package io.jcompose.compose;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rules about how a file is written, which its values do not show. */
final class LintText {
  private static final Pattern PORT = Pattern.compile("^\\s*-\\s+(\\d+:[0-5]?\\d)\\s*(#.*)?$");
  private static final Pattern OCTAL =
      Pattern.compile("^\\s*(?:-\\s+)?([A-Za-z_][\\w.-]*)\\s*:\\s+(0\\d+)\\s*(#.*)?$");
  private static final Pattern QUOTED =
      Pattern.compile("^\\s*-\\s+[A-Za-z_]\\w*=([\"']).*\\1\\s*$");

  private final Lint lint;
  private final String file;
  private final String text;

  LintText(Lint lint, String file, String text) {
    this.lint = lint;
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
    Matcher port = PORT.matcher(line);
    if (port.matches()) {
      warn(
          number,
          port.start(1),
          "unquoted-port",
          "YAML 1.1 reads "
              + port.group(1)
              + " as a number to the base of 60; write \""
              + port.group(1)
              + "\"");
    }
    Matcher octal = OCTAL.matcher(line);
    if (octal.matches() && !octal.group(1).equals("mode")) {
      Object value = GoText.integer(octal.group(2));
      if (value != null && !value.toString().equals(octal.group(2))) {
        warn(
            number,
            octal.start(2),
            "octal-number",
            octal.group(2) + " is octal: the value is " + value + "; quote it to keep its digits");
      }
    }
    Matcher quoted = QUOTED.matcher(line);
    if (quoted.matches()) {
      warn(
          number,
          quoted.start(1),
          "quoted-value",
          "these quotes become part of the value; quote the whole item instead");
    }
  }

  private void warn(int line, int column, String rule, String message) {
    lint.add(new SourcePosition(file, line, column + 1), Lint.Level.WARNING, rule, "", message);
  }
}
