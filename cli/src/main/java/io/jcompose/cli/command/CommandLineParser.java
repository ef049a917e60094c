package io.jcompose.cli.command;

import io.jcompose.cli.terminal.CommandFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Parses arguments with picocli, whose model is built by code and only for what was given. */
public final class CommandLineParser {
  private CommandLineParser() {}

  /** What one level of the command line said. */
  public record Parsed(Map<String, Object> options, List<String> rest) {}

  /**
   * Parses the options of one command.
   *
   * @throws CommandFailure for unknown, incomplete and refused options
   */
  public static Parsed parse(Command command, List<String> arguments) {
    CommandSpec spec = CommandSpec.create().name(command.name);
    for (Option option : command.options) {
      spec.addOption(toSpec(option));
    }
    if (!command.name.isEmpty()) {
      spec.addOption(OptionSpec.builder("-h", "--help").type(boolean.class).arity("0").build());
    }
    spec.addPositional(
        PositionalParamSpec.builder()
            .arity("0..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .build());
    spec.parser().stopAtPositional(command.flagsStopAtArguments).toggleBooleanFlags(false);
    CommandLine line = new CommandLine(spec);
    line.setExpandAtFiles(false);
    line.setTrimQuotes(false);
    line.setOverwrittenOptionsAllowed(true); // an alias has `-d`, its user types it again
    List<String> off = new ArrayList<>();
    Parsed parsed =
        collect(command, parse(line, command, FlagValues.strip(command, arguments, off)));
    off.forEach(key -> parsed.options.put(key, false));
    return parsed;
  }

  private static CommandLine.ParseResult parse(
      CommandLine line, Command command, List<String> arguments) {
    try {
      return line.parseArgs(arguments.toArray(new String[0]));
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
    for (Option option : command.options) {
      known.addAll(option.isShown() ? option.names() : List.of());
    }
    known.removeIf(name -> name.length() < 3);
    int equals = word.indexOf('=');
    String name = equals < 0 ? word : word.substring(0, equals);
    if (GlobalOptions.ALL.options.stream().anyMatch(option -> option.names().contains(name))) {
      return ", which belongs before the command: jcompose " + name + " … " + command.name;
    }
    return Meant.question(name, known);
  }

  private static CommandFailure usage(Command command, String message) {
    String help =
        command.name.isEmpty() ? "jcompose --help" : "jcompose " + command.name + " --help";
    return new CommandFailure(message + "\nSee '" + help + "'.", 1);
  }

  private static OptionSpec toSpec(Option option) {
    OptionSpec.Builder builder = OptionSpec.builder(option.names().toArray(new String[0]));
    switch (option.kind()) {
      case FLAG:
        return builder.type(boolean.class).arity("0").build();
      case VALUE:
        return builder.type(String.class).arity("1").build();
      default:
        return builder.type(List.class).auxiliaryTypes(String.class).arity("1").build();
    }
  }

  private static Parsed collect(Command command, CommandLine.ParseResult result) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (Option option : command.options) {
      String name = option.names().get(0);
      if (result.hasMatchedOption(name)) {
        if (!option.refusal().isEmpty()) {
          throw new CommandFailure(
              ("jcompose " + command.name).strip()
                  + ": "
                  + name
                  + " is not supported: "
                  + option.refusal(),
              1);
        }
        values.put(option.key(), result.matchedOption(name).getValue());
      }
    }
    if (!command.name.isEmpty() && result.hasMatchedOption("--help")) {
      values.put("help", true);
    }
    @Nullable List<String> rest =
        result.hasMatchedPositional(0) ? result.matchedPositional(0).getValue() : null;
    return new Parsed(values, rest == null ? List.of() : rest);
  }
}
