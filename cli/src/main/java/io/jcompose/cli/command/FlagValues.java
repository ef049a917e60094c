package io.jcompose.cli.command;

import io.jcompose.cli.terminal.CommandFailure;
import java.util.ArrayList;
import java.util.List;

/** Flags with a value, as Docker's command line takes them: {@code --rm=false}, {@code -d=true}. */
final class FlagValues {
  private FlagValues() {}

  /**
   * Takes the values away: a true flag stays, a false one goes.
   *
   * @param off takes the keys of those that are switched off
   */
  static List<String> strip(Command command, List<String> arguments, List<String> off) {
    List<String> result = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String word = arguments.get(i);
      if (word.equals("--") || (!word.startsWith("-") && command.flagsStopAtArguments)) {
        result.addAll(arguments.subList(i, arguments.size()));
        return result;
      }
      int equals = word.indexOf('=');
      Option option = find(command, equals < 0 ? word : word.substring(0, equals));
      if (option != null && option.kind() == Option.Kind.FLAG && equals > 0) {
        if (isTrue(command, word, word.substring(equals + 1))) {
          result.add(word.substring(0, equals));
          off.remove(option.key());
        } else {
          off.add(option.key());
        }
        continue;
      }
      result.add(word);
      if (option != null) {
        off.remove(option.key()); // the last one holds
      }
      if (option != null && option.kind() != Option.Kind.FLAG && equals < 0) {
        i++;
        if (i < arguments.size()) {
          result.add(arguments.get(i));
        }
      }
    }
    return result;
  }

  private static @org.jspecify.annotations.Nullable Option find(Command command, String name) {
    for (Option option : command.options) {
      if (option.names().contains(name)) {
        return option;
      }
    }
    return null;
  }

  private static boolean isTrue(Command command, String word, String value) {
    switch (value) {
      case "true", "1", "t", "T", "TRUE", "True":
        return true;
      case "false", "0", "f", "F", "FALSE", "False":
        return false;
      default:
        throw new CommandFailure(
            "invalid value in "
                + word
                + ": true or false\nSee 'jcompose "
                + command.name
                + " --help'.",
            1);
    }
  }
}
