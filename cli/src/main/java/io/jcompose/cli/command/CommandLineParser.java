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
    } catch (CommandLine.UnmatchedArgumentException e) {
      String word = e.getUnmatched().get(0);
      throw usage(command, "unknown flag: " + word + meant(command, word));
    } catch (CommandLine.ParameterException e) {
      throw usage(command, String.valueOf(e.getMessage()));
    }
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

  private static CommandFailure usage(Command command, String message) {
    String name = command.name().isEmpty() ? "" : command.name() + " ";
    return new CommandFailure(message + "\nSee 'jcompose " + name + "--help'.", 1);
  }
}
