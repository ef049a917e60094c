package io.jcompose.cli.help;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.Commands;
import io.jcompose.cli.command.GlobalOptions;
import io.jcompose.cli.command.Option;
import io.jcompose.cli.terminal.StandardOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Help texts in Docker's form. */
public final class Help {
  /** What a newcomer needs on the first day, in the order of need. */
  private static final List<String> COMMON =
      List.of("up", "ps", "logs", "exec", "restart", "stop", "down", "config");

  private Help() {}

  /** Prints the help of the command named last, or of the program. */
  public static int print(List<String> words) throws IOException {
    Command command = words.isEmpty() ? null : Commands.find(words.get(words.size() - 1));
    return print(command);
  }

  /** Prints the help of a command, or of the program. */
  public static int print(@Nullable Command command) throws IOException {
    String text = command == null ? program() : of(command);
    OutputStream out = new StandardOutput();
    out.write(text.getBytes(StandardCharsets.UTF_8));
    return 0;
  }

  static String of(Command command) {
    return "\nUsage:  "
        + usage(command)
        + "\n\n"
        + command.description
        + (command.options.isEmpty() ? "\n" : "\n\nOptions:\n" + options(command));
  }

  /** One line: what may stand on the command line. */
  public static String usage(Command command) {
    return "jcompose " + command.name + " " + command.usage;
  }

  static String program() {
    StringBuilder text =
        new StringBuilder("\nUsage:  jcompose [OPTIONS] COMMAND\n\n")
            .append("Define and run multi-container applications\n\nCommon commands:\n");
    COMMON.forEach(name -> text.append(line(name)));
    text.append("\nOptions:\n").append(options(GlobalOptions.ALL)).append("\nCommands:\n");
    for (String name : Commands.NAMES) {
      if (!COMMON.contains(name)) {
        text.append(line(name));
      }
    }
    return text.append("\nRun 'jcompose COMMAND --help' for more information on a command.\n")
        .toString();
  }

  private static String line(String name) {
    Command command = Objects.requireNonNull(Commands.find(name));
    return "  " + pad(name, 12) + command.description + '\n';
  }

  private static String options(Command command) {
    int width = 0;
    for (Option option : command.options) {
      width = Math.max(width, option.isShown() ? names(option).length() + 3 : 0);
    }
    StringBuilder text = new StringBuilder();
    for (Option option : command.options) {
      if (option.isShown()) {
        text.append(pad(names(option), width)).append(option.description()).append('\n');
      }
    }
    return text.toString();
  }

  private static String names(Option option) {
    String last = option.names().get(option.names().size() - 1);
    String first = option.names().get(0);
    String start = first.length() == 2 ? "  " + first + ", " : "      ";
    return start + last + (option.label().isEmpty() ? "" : " " + option.label());
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(1, width - text.length()));
  }
}
