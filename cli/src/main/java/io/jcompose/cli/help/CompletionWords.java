package io.jcompose.cli.help;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.GlobalOptions;
import io.jcompose.cli.command.Options;
import java.util.List;
import picocli.CommandLine.Model.OptionSpec;

/** What the scripts of all shells complete. */
final class CompletionWords {
  private CompletionWords() {}

  /** What an option's value or an argument can be. */
  enum Values {
    FILES,
    SERVICES,
    OTHERS
  }

  static Values valuesOf(OptionSpec option) {
    return switch (Options.label(option)) {
      case "path", "dir", "file" -> Values.FILES;
      case "service", "services" -> Values.SERVICES;
      default -> Values.OTHERS;
    };
  }

  /** The names of the options before the command that take a value. */
  static List<String> globalsWithValue() {
    return GlobalOptions.all().shown().stream()
        .filter(option -> Options.takesValue(option))
        .flatMap(option -> Options.names(option).stream())
        .toList();
  }

  static boolean takesServices(Command command) {
    return command.usage().contains("SERVICE");
  }
}
