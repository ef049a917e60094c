package io.jcompose.cli.help;

import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_DESCRIPTION;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_SYNOPSIS;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.Commands;
import io.jcompose.cli.command.GlobalOptions;
import io.jcompose.cli.command.Options;
import io.jcompose.cli.terminal.Consoles;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.Column.Overflow;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.OptionSpec;

/** Help texts in Docker's form: picocli's help with sections of our own. */
public final class Help {
  /** What a newcomer needs on the first day, in the order of need. */
  private static final List<String> COMMON =
      List.of("up", "ps", "logs", "exec", "restart", "stop", "down", "config");

  private static final String COMMON_LIST = "commonCommands";
  private static final int NAME_WIDTH = 14;

  /** picocli breaks no line of ours: terminals do so as they are wide. */
  private static final int WIDTH = 400;

  private Help() {}

  /** Prints the help of the command named last, or of the program. */
  public static int print(List<String> words) throws IOException {
    return print(words.isEmpty() ? null : Commands.find(words.get(words.size() - 1)));
  }

  /** Prints the help of a command, or of the program. */
  public static int print(@Nullable Command command) throws IOException {
    String text = command == null ? program() : of(command);
    Consoles.current().say(text);
    return 0;
  }

  static String of(Command command) {
    CommandLine line = line(command);
    List<String> sections = List.of(SECTION_KEY_SYNOPSIS, SECTION_KEY_DESCRIPTION);
    line.setHelpSectionKeys(
        command.shown().isEmpty()
            ? sections
            : List.of(SECTION_KEY_SYNOPSIS, SECTION_KEY_DESCRIPTION, SECTION_KEY_OPTION_LIST));
    return line.getUsageMessage(Ansi.OFF);
  }

  /** One line: what may stand on the command line. */
  public static String usage(Command command) {
    return (command.title() + " " + command.usage()).strip();
  }

  /** The options of a command, a line each. */
  static String options(Command command) {
    return options(command, new CommandLine.Help(command.spec(), Ansi.OFF));
  }

  static String program() {
    CommandLine line = line(GlobalOptions.all());
    Map<String, IHelpSectionRenderer> sections = line.getHelpSectionMap();
    List<String> others = Commands.NAMES.stream().filter(name -> !COMMON.contains(name)).toList();
    sections.put(COMMON_LIST, help -> "\nCommon commands:\n" + commands(COMMON, help));
    sections.put(SECTION_KEY_COMMAND_LIST, help -> "\nCommands:\n" + commands(others, help));
    line.setHelpSectionMap(sections);
    line.setHelpSectionKeys(
        List.of(
            SECTION_KEY_SYNOPSIS,
            SECTION_KEY_DESCRIPTION,
            COMMON_LIST,
            SECTION_KEY_OPTION_LIST,
            SECTION_KEY_COMMAND_LIST));
    return line.getUsageMessage(Ansi.OFF)
        + "\nRun 'jcompose COMMAND --help' for more information on a command.\n";
  }

  private static CommandLine line(Command command) {
    CommandLine line = new CommandLine(command.spec());
    line.setUsageHelpWidth(WIDTH);
    Map<String, IHelpSectionRenderer> sections = line.getHelpSectionMap();
    sections.put(SECTION_KEY_SYNOPSIS, help -> "\nUsage:  " + usage(command) + "\n\n");
    sections.put(SECTION_KEY_OPTION_LIST, help -> "\nOptions:\n" + options(command, help));
    line.setHelpSectionMap(sections);
    return line;
  }

  private static String commands(List<String> names, CommandLine.Help help) {
    TextTable table = table(NAME_WIDTH, help);
    for (String name : names) {
      table.addRowValues("  " + name, Objects.requireNonNull(Commands.find(name)).description());
    }
    return table.toString();
  }

  private static String options(Command command, CommandLine.Help help) {
    List<OptionSpec> shown = command.shown();
    int longest = shown.stream().mapToInt(option -> names(option).length()).max().orElse(0);
    TextTable table = table(longest + 3, help);
    shown.forEach(option -> table.addRowValues(names(option), Options.description(option)));
    return table.toString();
  }

  private static TextTable table(int width, CommandLine.Help help) {
    return TextTable.forColumns(
        help.colorScheme(),
        new Column(width, 0, Overflow.SPAN),
        new Column(WIDTH - width, 0, Overflow.SPAN));
  }

  private static String names(OptionSpec option) {
    String last = Options.name(option);
    String first = Options.names(option).get(0);
    String start = first.length() == 2 ? "  " + first + ", " : "      ";
    String label = Options.label(option);
    return start + last + (label.isEmpty() ? "" : " " + label);
  }
}
