package io.jcompose.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * {@code jcompose completion SHELL}: a script that completes commands, options, and the services of
 * the compose file. All shells' scripts are made from the model that parses the command line.
 */
final class Completion {
  /** In the order of the help. */
  static final List<String> SHELLS = List.of("bash", "zsh", "fish");

  private Completion() {}

  static int run(Invocation invocation) throws IOException {
    String shell = String.join(" ", invocation.arguments());
    if (!SHELLS.contains(shell)) {
      throw new CommandFailure("usage: jcompose completion " + String.join("|", SHELLS), 1);
    }
    Invocation.stdout().write(script(shell).getBytes(StandardCharsets.UTF_8));
    return 0;
  }

  /**
   * @param shell one of {@link #SHELLS}
   */
  static String script(String shell) {
    return switch (shell) {
      case "bash" -> BashCompletion.script();
      case "zsh" -> ZshCompletion.script();
      case "fish" -> FishCompletion.script();
      default -> throw new IllegalArgumentException(shell);
    };
  }

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

  /** The options that a person is shown. */
  static List<Option> visible(Command command) {
    return command.options.stream().filter(Option::isShown).toList();
  }

  /** The names of the options before the command that take a value. */
  static List<String> globalsWithValue() {
    return visible(CommandLineParser.GLOBAL).stream()
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
