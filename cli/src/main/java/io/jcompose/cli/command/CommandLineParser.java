package io.jcompose.cli.command;

import io.jcompose.cli.terminal.CommandFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Parses the words of one command with picocli. */
public final class CommandLineParser {
  private static final int DOCKERS_USAGE = 125;

  private CommandLineParser() {}

  /** What one level of the command line said. */
  public record Parsed(Map<String, Object> options, List<String> rest) {
    /** Whether a flag was given, and not switched off. */
    public boolean has(String key) {
      return Boolean.TRUE.equals(options.get(key));
    }
  }

  /**
   * Parses the options of one command.
   *
   * @throws CommandFailure for unknown, incomplete and refused options
   */
  public static Parsed parse(Command command, List<String> arguments) {
    CommandLine.ParseResult result = parsed(command, arguments);
    Map<String, Object> values = new LinkedHashMap<>();
    for (OptionSpec option : command.spec().options()) {
      if (result.hasMatchedOption(option)) {
        values.put(Options.key(option), option.getValue());
      }
    }
    @Nullable List<String> rest =
        result.hasMatchedPositional(0) ? result.matchedPositional(0).getValue() : null;
    return new Parsed(values, rest == null ? List.of() : rest);
  }

  private static CommandLine.ParseResult parsed(Command command, List<String> arguments) {
    try {
      return new CommandLine(command.spec()).parseArgs(arguments.toArray(new String[0]));
    } catch (Refusal.Refused e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), 1);
    } catch (CommandLine.MissingParameterException e) {
      String name = command.isDockers() ? Options.name(e.getMissing().get(0)) : "";
      throw usage(command, name.isEmpty() ? message(e) : "flag needs an argument: " + name);
    } catch (CommandLine.UnmatchedArgumentException e) {
      String word = e.getUnmatched().get(0);
      throw usage(command, unknown(command, word));
    } catch (CommandLine.ParameterException e) {
      throw usage(command, message(e));
    }
  }

  private static String message(CommandLine.ParameterException e) {
    return String.valueOf(e.getMessage());
  }

  private static String unknown(Command command, String word) {
    if (!command.isDockers()) {
      return "unknown flag: " + word + meant(command, word);
    }
    boolean isLong = word.startsWith("--");
    return isLong
        ? "unknown flag: " + word.replaceFirst("=.*", "")
        : "unknown shorthand flag: '" + word.substring(1, 2) + "' in " + word;
  }

  /** The option that a misspelt one is likely to be. */
  private static String meant(Command command, String word) {
    List<String> known = new ArrayList<>(List.of("--help"));
    command.shown().forEach(option -> known.addAll(Options.names(option)));
    known.removeIf(name -> name.length() < 3);
    int equals = word.indexOf('=');
    String name = equals < 0 ? word : word.substring(0, equals);
    if (GlobalOptions.all().hasOption(name)) {
      return ", which belongs before the command: jcompose " + name + " … " + command.name();
    }
    return Meant.question(name, known);
  }

  /** What was typed wrong, and how it is right. */
  public static CommandFailure usage(Command command, String message) {
    String title = command.title();
    return command.isDockers()
        ? new CommandFailure(
            message
                + "\n\nUsage:  "
                + title
                + " "
                + command.usage()
                + "\n\nRun '"
                + title
                + " --help' for more information",
            DOCKERS_USAGE)
        : new CommandFailure(message + "\nSee '" + title + " --help'.", 1);
  }
}
