package io.jcompose.cli.help;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.GlobalOptions;
import io.jcompose.cli.command.Option;
import java.util.List;

/** What the scripts of all shells complete. */
final class CompletionWords {
  private CompletionWords() {}

  /** What an option's value or an argument can be. */
  enum Values {
    FILES,
    SERVICES,
    OTHERS
  }

  static Values valuesOf(Option option) {
    return switch (option.label()) {
      case "path", "dir", "file" -> Values.FILES;
      case "service", "services" -> Values.SERVICES;
      default -> Values.OTHERS;
    };
  }

  /** The names of the options before the command that take a value. */
  static List<String> globalsWithValue() {
    return GlobalOptions.ALL.shown().stream()
        .filter(option -> option.kind() != Option.Kind.FLAG)
        .flatMap(option -> option.names().stream())
        .toList();
  }

  /**
   * The fixed words that a command takes, as {@code info|prune} in its usage, in brackets or not;
   * may be empty.
   */
  static List<String> words(Command command) {
    for (String part : command.usage.replace("[", "").replace("]", "").split(" ")) {
      if (part.matches("[a-z]+(\\|[a-z]+)+")) {
        return List.of(part.split("\\|"));
      }
    }
    return List.of();
  }

  static boolean takesServices(Command command) {
    return command.usage.contains("SERVICE");
  }
}
