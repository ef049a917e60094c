package io.jcompose.cli.help;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.Commands;
import io.jcompose.cli.command.GlobalOptions;
import io.jcompose.cli.command.Option;
import java.util.List;
import java.util.Objects;

/** The script for zsh, to lie as {@code _jcompose} in a folder of its {@code fpath}. */
final class ZshCompletion {
  private static final String SCRIPT =
      """
      #compdef jcompose
      # zsh completion of jcompose

      _jcompose_services() {
        local -a services
        services=(${(f)"$(jcompose $globals config --services 2>/dev/null)"})
        _describe -t services service services
      }

      _jcompose() {
        local curcontext=$curcontext state line name
        local -a commands globals
        local -A opt_args
        _arguments -C -A '-*' \\
      GLOBALS    '1:command:->command' \\
          '*::argument:->arguments' && return
        case $state in
          command)
            commands=(
      COMMANDS      )
            _describe -t commands command commands
            ;;
          arguments)
            for name in PASSED; do
              (( $+opt_args[$name] )) && globals+=($name $opt_args[$name])
            done
            case $line[1] in
      CASES      esac
            ;;
        esac
      }

      # The file may be loaded by compinit, or sourced.
      if [[ $funcstack[1] == _jcompose ]]; then _jcompose "$@"; else compdef _jcompose jcompose; fi
      """;

  private ZshCompletion() {}

  static String script() {
    StringBuilder commands = new StringBuilder();
    StringBuilder cases = new StringBuilder();
    for (String name : Commands.NAMES) {
      Command command = Objects.requireNonNull(Commands.find(name));
      String entry = name + ":" + command.description.replace(":", "\\:");
      commands.append("        ").append(quoted(entry)).append('\n');
      cases.append("        ").append(name).append(") _arguments");
      command.shown().forEach(o -> cases.append(" \\\n          ").append(spec(o)));
      cases.append(" \\\n          ").append(quoted(arguments(command))).append(" ;;\n");
    }
    StringBuilder globals = new StringBuilder();
    GlobalOptions.ALL.shown().forEach(o -> globals.append("    ").append(spec(o)).append(" \\\n"));
    return SCRIPT
        .replace("GLOBALS", globals)
        .replace("COMMANDS", commands)
        .replace("PASSED", String.join(" ", CompletionWords.globalsWithValue()))
        .replace("CASES", cases);
  }

  /** An option in _arguments' form, zshcompsys(1): {@code -x+} and {@code --x=} take a value. */
  private static String spec(Option option) {
    List<String> plain = option.names();
    boolean hasValue = option.kind() != Option.Kind.FLAG;
    List<String> names =
        plain.stream()
            .map(name -> hasValue ? name + (name.startsWith("--") ? "=" : "+") : name)
            .toList();
    String start = option.kind() == Option.Kind.LIST ? quoted("*") : "";
    if (start.isEmpty() && plain.size() > 1) {
      start = quoted("(" + String.join(" ", plain) + ")");
    }
    String name = names.size() > 1 ? "{" + String.join(",", names) + "}" : names.get(0);
    String description = option.description().replaceAll("([\\[\\]:])", "\\\\$1");
    return start + name + quoted("[" + description + "]" + value(option));
  }

  private static String value(Option option) {
    if (option.kind() == Option.Kind.FLAG) {
      return "";
    }
    return switch (CompletionWords.valuesOf(option)) {
      case FILES -> ":" + option.label() + ":_files";
      case SERVICES -> ":" + option.label() + ":_jcompose_services";
      case OTHERS -> ":" + option.label().replace(":", "\\:") + ": ";
    };
  }

  private static String arguments(Command command) {
    List<String> words = CompletionWords.words(command);
    if (!words.isEmpty()) {
      return "1:what:(" + String.join(" ", words) + ")";
    }
    return CompletionWords.takesServices(command)
        ? "*:service:_jcompose_services"
        : "*:file:_files";
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
