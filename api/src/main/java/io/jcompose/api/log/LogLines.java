package io.jcompose.api.log;

import io.jcompose.api.answer.FrameOutput;
import io.jcompose.core.Containers;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Turns log records into the lines that people see: an aligned, coloured name, perhaps the time,
 * and the text, also of a line that comes in pieces. Guarded by its owner.
 */
public final class LogLines {
  /** Docker Compose's rotation: cyan, yellow, green, magenta, blue, then the same in bold. */
  private static final String[] COLOURS = {
    "36", "33", "32", "35", "34", "36;1", "33;1", "32;1", "35;1", "34;1"
  };

  private final boolean colour;
  private final boolean prefix;
  private final boolean timestamps;
  private final boolean details;
  private final Map<String, String> colours = new HashMap<>();
  private int width;
  private String unfinished = ""; // the name of whose line the next piece goes on

  public LogLines(boolean colour, boolean prefix, boolean timestamps) {
    this(colour, prefix, timestamps, false);
  }

  /**
   * @param details show what the log's options put beside each line, as docker does
   */
  public LogLines(boolean colour, boolean prefix, boolean timestamps, boolean details) {
    this.details = details;
    this.colour = colour;
    this.prefix = prefix;
    this.timestamps = timestamps;
  }

  /** Makes room for a name and gives it the next colour. */
  public void register(String name) {
    width = Math.max(width, name.length());
    colours.computeIfAbsent(name, key -> COLOURS[colours.size() % COLOURS.length]);
  }

  /** A line about a container, in its colour, over whatever its unfinished line left. */
  public byte[] remark(String name, String text) {
    register(name);
    String line =
        colour ? "\r\u001b[K\u001b[" + colours.get(name) + "m" + text + "\u001b[0m\n" : text + "\n";
    return (endOfLine() + line).getBytes(StandardCharsets.UTF_8);
  }

  public byte[] render(String name, Containers.LogRecord line) {
    StringBuilder text = new StringBuilder(line.text().length() + 48);
    if (unfinished.equals(name)) {
      return render(name, line, text);
    }
    text.append(endOfLine());
    if (prefix) {
      register(name);
      String start = name + " ".repeat(width - name.length()) + "  | ";
      text.append(colour ? "\u001b[" + colours.get(name) + "m" + start + "\u001b[0m" : start);
    }
    if (timestamps) {
      text.append(line.time()).append(' ');
    }
    if (details) {
      text.append(pairs(line.details())).append(' ');
    }
    return render(name, line, text);
  }

  /** Sorted, and escaped as in a URL's query, so that neither commas nor blanks tell a lie. */
  public static String pairs(Map<String, String> details) {
    return new TreeMap<>(details)
        .entrySet().stream()
            .map(entry -> escaped(entry.getKey()) + "=" + escaped(entry.getValue()))
            .collect(Collectors.joining(","));
  }

  private static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private byte[] render(String name, Containers.LogRecord line, StringBuilder text) {
    text.append(line.text());
    unfinished = line.continues() ? name : "";
    if (!line.continues() && !line.text().endsWith("\n")) {
      text.append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Between a line whose rest has not come and another's. */
  private String endOfLine() {
    String end = unfinished.isEmpty() ? "" : "\n";
    unfinished = "";
    return end;
  }

  /** Where a line goes: Docker Compose has one stream, docker the container's two. */
  static int stream(boolean single, Containers.LogRecord line) {
    return single && line.stream().equals("stderr") ? FrameOutput.STDERR : FrameOutput.STDOUT;
  }
}
